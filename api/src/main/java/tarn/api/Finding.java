package tarn.api;

/**
 * One thing that is wrong with a lake folder.
 *
 * @param severity {@code ERROR} or {@code WARNING}
 * @param file relative to the lake folder
 * @param line from 1
 * @param column from 1
 * @param value what is written there; empty if something is missing
 * @param message what is wrong with it
 * @param suggestion what to write instead; empty if nothing is near
 */
public record Finding(
    String severity,
    String file,
    long line,
    long column,
    String value,
    String message,
    String suggestion)
    implements Message {

  /** Whether the lake does not start with it. */
  public boolean isError() {
    return severity.equals("ERROR");
  }

  @Override
  public Fields fields() {
    return new Fields()
        .with("severity", severity)
        .with("file", file)
        .with("line", line)
        .with("column", column)
        .with("value", value)
        .with("message", message)
        .with("suggestion", suggestion);
  }

  public static Finding from(Fields fields) {
    return new Finding(
        fields.text("severity"),
        fields.text("file"),
        fields.number("line"),
        fields.number("column"),
        fields.text("value"),
        fields.text("message"),
        fields.text("suggestion"));
  }
}
