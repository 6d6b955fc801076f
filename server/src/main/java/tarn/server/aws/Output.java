package tarn.server.aws;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer, or a structure in one: members by name in their order. Values are texts, bytes, whole
 * numbers, booleans, {@link java.time.Instant}, outputs, and lists of these. For one thread.
 */
public final class Output {
  /** An answer without members; it has no body. */
  public static final Output EMPTY = new Output(Collections.emptyMap());

  private final Map<String, Object> members;

  public Output() {
    this(new LinkedHashMap<>());
  }

  private Output(Map<String, Object> members) {
    this.members = members;
  }

  /** Adds a member; one that is null is left out. */
  public Output with(String name, @Nullable Object value) {
    if (value != null) {
      members.put(name, value);
    }
    return this;
  }

  Map<String, Object> members() {
    return members;
  }
}
