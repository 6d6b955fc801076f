package tarn.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tarn.api.ReplayAnswer;
import tarn.api.ReplayRequest;

/** {@code datalake replay}. */
final class Replays {
  private Replays() {}

  /** Returns 1 if a table failed. */
  static int replay(Session session) {
    Line line = session.line();
    List<String> arguments = line.arguments();
    if (arguments.isEmpty()) {
      throw CommandFailed.usage(
          "name the stream: datalake replay STREAM [--from TIME] [--to TIME]");
    }
    ReplayRequest request =
        new ReplayRequest(
            arguments.get(0),
            Objects.requireNonNullElse(line.option("--from"), ""),
            Objects.requireNonNullElse(line.option("--to"), ""),
            Objects.requireNonNullElse(line.option("--type"), ""),
            Objects.requireNonNullElse(line.option("--subtype"), ""),
            arguments.subList(1, arguments.size()),
            Objects.requireNonNullElse(line.option("--into"), ""),
            line.has("--dry-run"));
    ReplayAnswer answer =
        ReplayAnswer.from(Work.ask(session, session.connect(), "/v1/replay", request));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    boolean failed = false;
    for (ReplayAnswer.Table table : answer.tables()) {
      failed |= table.failed();
      if (!table.message().isEmpty()) {
        session.notes().say(table.table() + ": " + table.message());
      }
      rows.add(
          Arrays.asList(
              table.table(),
              table.failed() ? "failed" : table.how(),
              table.firstBatch(),
              table.lastBatch(),
              table.files(),
              table.eventsOfType(),
              table.rowsRead(),
              table.rowsWritten(),
              table.rowsQuarantined(),
              table.snapshot()));
    }
    session.table(
        List.of(
            "table",
            "how",
            "first_batch:BIGINT",
            "last_batch:BIGINT",
            "files:BIGINT",
            "of_type:BIGINT",
            "read:BIGINT",
            "written:BIGINT",
            "quarantined:BIGINT",
            "snapshot:BIGINT"),
        rows);
    return failed ? 1 : 0;
  }
}
