package tarn.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Finding;
import tarn.api.ValidateAnswer;

/** {@code datalake validate}: works without a server. */
final class Validation {
  private Validation() {}

  /** Returns 1 if there are errors. */
  static int validate(Session session) {
    ValidateAnswer answer = ServerProcess.validate(session.lake());
    if (session.format().equals("table")) {
      lines(session, answer);
    } else {
      sheet(session, answer);
    }
    return answer.findings().stream().anyMatch(Finding::isError) ? 1 : 0;
  }

  private static void lines(Session session, ValidateAnswer answer) {
    for (Finding finding : answer.findings()) {
      String kind = finding.isError() ? "" : "warning: ";
      String end = finding.suggestion().isEmpty() ? "" : "; " + finding.suggestion();
      String place = finding.file() + ":" + finding.line() + ":" + finding.column();
      session.print(Cells.oneLine(place + ": " + kind + finding.message() + end) + "\n");
    }
    long errors = answer.findings().stream().filter(Finding::isError).count();
    session.print(errors == 0 ? "The lake folder is valid.\n" : errors + " errors\n");
  }

  private static void sheet(Session session, ValidateAnswer answer) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (Finding finding : answer.findings()) {
      rows.add(
          Arrays.asList(
              finding.severity(),
              finding.file(),
              finding.line(),
              finding.column(),
              finding.value(),
              finding.message(),
              finding.suggestion()));
    }
    session.table(
        List.of(
            "severity", "file", "line:BIGINT", "column:BIGINT", "value", "message", "suggestion"),
        rows);
  }
}
