package tarn.core.lake;

/**
 * Something in the lake folder that its author should mend.
 *
 * @param file path relative to the lake folder
 * @param line from 1
 * @param column from 1
 * @param severity whether the lake works with it
 * @param value what is written there, shortened; empty if something is missing; never a secret
 * @param message what is wrong with it
 * @param suggestion what to write instead; empty if nothing is near
 */
public record Problem(
    String file,
    int line,
    int column,
    Severity severity,
    String value,
    String message,
    String suggestion)
    implements Comparable<Problem> {
  private static final int MAX_VALUE_CHARACTERS = 200;

  public Problem {
    if (value.length() > MAX_VALUE_CHARACTERS) {
      value = value.substring(0, MAX_VALUE_CHARACTERS) + "…";
    }
  }

  /** An error at a place. */
  public static Problem error(Place at, String value, String message, String suggestion) {
    return new Problem(
        at.file(), at.line(), at.column(), Severity.ERROR, value, message, suggestion);
  }

  /** A warning at a place. */
  public static Problem warning(Place at, String value, String message, String suggestion) {
    return new Problem(
        at.file(), at.line(), at.column(), Severity.WARNING, value, message, suggestion);
  }

  /** Whether the lake does not start with it. */
  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** Where it is. */
  public Place place() {
    return new Place(file, line, column);
  }

  @Override
  public int compareTo(Problem other) {
    return place().compareTo(other.place());
  }

  /** One line: {@code tables/orders.yaml:3:1: unknown key 'recip'; did you mean 'recipe'?}. */
  @Override
  public String toString() {
    String kind = isError() ? "" : "warning: ";
    String end = suggestion.isEmpty() ? "" : "; " + suggestion;
    return place() + ": " + kind + message + end;
  }
}
