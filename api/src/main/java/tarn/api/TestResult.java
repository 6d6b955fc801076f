package tarn.api;

import java.util.List;

/**
 * How a test of the lake folder ended.
 *
 * @param name what it claims
 * @param file where it stands
 * @param line from 1
 * @param outcome {@code passed} or {@code failed}
 * @param millis how long it took
 * @param differences what was not as expected, one line each; empty if it passed
 */
public record TestResult(
    String name, String file, long line, String outcome, long millis, List<String> differences)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("name", name)
        .with("file", file)
        .with("line", line)
        .with("outcome", outcome)
        .with("millis", millis)
        .with("differences", differences);
  }

  public static TestResult from(Fields fields) {
    return new TestResult(
        fields.text("name"),
        fields.text("file"),
        fields.number("line"),
        fields.text("outcome"),
        fields.number("millis"),
        fields.texts("differences"));
  }
}
