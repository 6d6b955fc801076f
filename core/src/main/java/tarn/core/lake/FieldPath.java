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
  private static final String NAME = "[^.\\s/\\[\\]*\"'`]{1,255}";
  static final String PATTERN = "(?!\\$(\\.|$))" + NAME + "(\\." + NAME + "){0,15}";
  private static final Pattern TEXT = Pattern.compile(PATTERN);

  public FieldPath {
    names = List.copyOf(names);
    if (names.isEmpty()) {
      throw new IllegalArgumentException(LABEL);
    }
  }

  /** Reads one; IllegalArgumentException, with what is expected, if it is none. */
  public static FieldPath parse(String text) {
    if (!TEXT.matcher(text).matches()) {
      throw new IllegalArgumentException(
          LABEL
              + ": up to 16 names with dots between them, without '$.', spaces, quotes, brackets, '*' and '/'");
    }
    return new FieldPath(List.of(text.split("\\.", -1)));
  }

  @Override
  public String toString() {
    return String.join(".", names);
  }
}
