package tarn.api;

import java.util.List;

/**
 * How the tests of a lake folder ended.
 *
 * @param tests in order of files
 */
public record TestAnswer(List<TestResult> tests) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("tests", tests);
  }

  public static TestAnswer from(Fields fields) {
    return new TestAnswer(fields.objects("tests", TestResult::from));
  }
}
