package tarn.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.TestAnswer;
import tarn.api.TestResult;

/** {@code datalake test}: works without a server. */
final class Tests {
  private Tests() {}

  /** Returns 1 if a test failed. */
  static int test(Session session) {
    List<String> arguments = session.line().arguments();
    session.notes().say("testing in temporary lakes …");
    TestAnswer answer =
        ServerProcess.test(session.lake(), arguments.isEmpty() ? "" : arguments.get(0));
    boolean people = session.format().equals("table");
    if (people) {
      answer.tests().forEach(test -> differences(session, test));
    }
    if (people && answer.tests().isEmpty()) {
      session.print("There is no such test in tests/*.yaml.\n");
      return 0;
    }
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (TestResult test : answer.tests()) {
      List<@Nullable Object> row =
          new ArrayList<>(
              Arrays.asList(
                  test.name(), test.file() + ":" + test.line(), test.outcome(), test.millis()));
      if (!people) {
        row.add(test.differences());
      }
      rows.add(row);
    }
    List<String> columns = List.of("test", "place", "outcome", "millis:BIGINT", "differences");
    session.table(people ? columns.subList(0, 4) : columns, rows);
    return answer.tests().stream().allMatch(t -> t.outcome().equals("passed")) ? 0 : 1;
  }

  private static void differences(Session session, TestResult test) {
    for (String difference : test.differences()) {
      session.print(
          Cells.oneLine(test.file() + ":" + test.line() + ": " + test.name() + ": " + difference)
              + "\n");
    }
  }
}
