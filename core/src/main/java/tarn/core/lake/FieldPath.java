package tarn.core.lake;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a value is in a JSON object: {@code event_id}, or {@code meta.id} for the field {@code id}
 * of the object {@code meta}. A name that has a dot itself cannot be reached.
 *
 * @param names from the outermost, at least one, at most 16
 */
public record FieldPath(List<String> names) {
  static final String LABEL = "field like event_id or meta.id";

  /** For editors, in the words that their regular expressions have. */
  static final String SCHEMA_PATTERN = path("[^.\\s/\\[\\]*\"'`]{1,255}");

  private static final Pattern TEXT = Pattern.compile(path("[^.\\s/\\[\\]*\"'`\\p{Cntrl}]{1,255}"));

  public FieldPath {
    names = List.copyOf(names);
  }

  /** Reads one; IllegalArgumentException, with what is expected, if it is none. */
  public static FieldPath parse(String text) {
    if (!TEXT.matcher(text).matches()) {
      throw new IllegalArgumentException(
          LABEL + ": names of fields with dots between them, no spaces, quotes, brackets or '/'");
    }
    if (text.startsWith("$.")) {
      throw new IllegalArgumentException(
          LABEL + ": it begins with the first field's name, without '$.'");
    }
    return new FieldPath(List.of(text.split("\\.", -1)));
  }

  private static String path(String name) {
    return name + "(\\." + name + "){0,15}";
  }

  @Override
  public String toString() {
    return String.join(".", names);
  }
}
