package tarn.core.stream;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A type of events, and maybe a subtype: by the folder of raw in which an event is filed.
 *
 * @param type as the event has it
 * @param subtype as the event has it; empty for any
 */
public record EventType(String type, Optional<String> subtype) {

  /** Whether the events of a folder are of the type. */
  enum Match {
    ALL,
    NONE,
    /** The folder does not tell: each event has to be asked. */
    SOME
  }

  /** What a folder tells, of events that were delivered to it or compacted into it. */
  Match of(String folder) {
    Map<String, String> values = new HashMap<>();
    for (String part : folder.split("/", -1)) {
      int is = part.indexOf('=');
      if (is > 0) {
        values.put(part.substring(0, is), part.substring(is + 1));
      }
    }
    Match ofType = match(values.get(EventFolder.TYPE), type);
    Match ofSubtype = subtype.map(s -> match(values.get(EventFolder.SUBTYPE), s)).orElse(Match.ALL);
    if (ofType == Match.NONE || ofSubtype == Match.NONE) {
      return Match.NONE;
    }
    return ofType == Match.ALL && ofSubtype == Match.ALL ? Match.ALL : Match.SOME;
  }

  private static Match match(@Nullable String filed, String wanted) {
    if (filed == null || filed.equals(EventFolder.OTHER)) {
      return Match.SOME;
    }
    String folder = EventFolder.escaped(wanted);
    if (!filed.equals(folder)) {
      return Match.NONE;
    }
    // What no path can hold is an underscore there, so such a folder may have others too.
    return folder.indexOf('_') < 0 ? Match.ALL : Match.SOME;
  }

  @Override
  public String toString() {
    return type + subtype.map(s -> ", " + s).orElse("");
  }
}
