package tarn.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Column;
import tarn.api.CrawlAnswer;
import tarn.api.CrawlRequest;
import tarn.api.DatasetChange;
import tarn.api.Event;
import tarn.api.Fields;
import tarn.api.MaintainAnswer;
import tarn.api.MaintainRequest;
import tarn.api.Message;
import tarn.api.RunAnswer;
import tarn.api.RunRequest;
import tarn.api.TableMaintenance;
import tarn.api.TableRun;

/** Commands that take a while: {@code crawl}, {@code run}, {@code maintain}. */
final class Work {
  private Work() {}

  /** What became of the columns of a dataset that was there before. */
  private static void columns(Session session, DatasetChange change) {
    if (change.change().equals("added")) {
      return;
    }
    change.columnsAdded().forEach(c -> say(session, change, "added", c));
    change.columnsChanged().forEach(c -> say(session, change, "changed", c));
    change.columnsRemoved().forEach(c -> say(session, change, "removed", c));
  }

  private static void say(Session session, DatasetChange change, String what, Column column) {
    session
        .notes()
        .say(change.dataset() + ": " + what + " column " + column.name() + " " + column.type());
  }

  static int crawl(Session session) {
    return crawl(
        session,
        session.connect(),
        new CrawlRequest(session.line().arguments(), session.line().has("--dry-run")));
  }

  static int crawl(Session session, Connection connection, CrawlRequest request) {
    CrawlAnswer answer = CrawlAnswer.from(ask(session, connection, "/v1/crawl", request));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (DatasetChange change : answer.datasets()) {
      rows.add(
          Arrays.asList(
              change.dataset(),
              change.change(),
              change.format(),
              change.files(),
              change.newFiles(),
              change.bytes(),
              change.columnsAdded().size() + change.columnsChanged().size(),
              change.partitions()));
      columns(session, change);
      change.notes().forEach(note -> session.notes().say(change.dataset() + ": " + note));
    }
    session.table(
        List.of(
            "dataset",
            "change",
            "format",
            "files:BIGINT",
            "new_files:BIGINT",
            "bytes:BIGINT",
            "new_columns:BIGINT",
            "partitions:BIGINT"),
        rows);
    return 0;
  }

  static int run(Session session) {
    return run(session, session.connect(), new RunRequest(session.line().arguments()));
  }

  static int backfill(Session session) {
    if (session.line().arguments().isEmpty()) {
      throw CommandFailed.usage("name the tables, like `datalake backfill clean.orders`");
    }
    return run(session, session.connect(), new RunRequest(session.line().arguments(), true));
  }

  /** Returns 1 if a table failed or was skipped. */
  static int run(Session session, Connection connection, RunRequest request) {
    RunAnswer answer = RunAnswer.from(ask(session, connection, "/v1/run", request));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    boolean allWell = true;
    for (TableRun run : answer.tables()) {
      rows.add(
          Arrays.asList(
              run.table(),
              run.outcome(),
              run.rowsRead(),
              run.rowsWritten(),
              run.rowsQuarantined(),
              run.millis(),
              run.message()));
      allWell &= run.outcome().equals("written") || run.outcome().equals("unchanged");
    }
    List<String> columns =
        List.of(
            "table",
            "outcome",
            "read:BIGINT",
            "written:BIGINT",
            "quarantined:BIGINT",
            "millis:BIGINT",
            "message");
    boolean dropMessages =
        session.format().equals("table")
            && answer.tables().stream().allMatch(run -> run.message() == null);
    session.table(dropMessages ? columns.subList(0, 6) : columns, rows);
    return allWell ? 0 : 1;
  }

  static int maintain(Session session) {
    MaintainRequest request =
        new MaintainRequest(session.line().arguments(), session.line().has("--dry-run"));
    MaintainAnswer answer =
        MaintainAnswer.from(ask(session, session.connect(), "/v1/maintain", request));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (TableMaintenance table : answer.tables()) {
      rows.add(
          Arrays.asList(
              table.table(),
              table.filesBefore(),
              table.filesAfter(),
              table.snapshotsExpired(),
              table.orphansRemoved()));
      table.notes().forEach(note -> session.notes().say(table.table() + ": " + note));
    }
    Lifecycle.print(
        session,
        List.of(
            "table",
            "files_before:BIGINT",
            "files_after:BIGINT",
            "snapshots_expired:BIGINT",
            "orphans_removed:BIGINT"),
        rows,
        answer.lifecycle());
    return 0;
  }

  static Fields ask(Session session, Connection connection, String path, Message body) {
    return connection.stream(
        path,
        body,
        event -> {
          if (event instanceof Event.Progress progress) {
            session.notes().progress(progress);
          }
        });
  }
}
