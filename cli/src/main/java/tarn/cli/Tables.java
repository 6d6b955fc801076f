package tarn.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tarn.api.Commit;
import tarn.api.HistoryAnswer;
import tarn.api.Json;
import tarn.api.PlanAnswer;
import tarn.api.PlannedChange;
import tarn.api.QualityAnswer;
import tarn.api.QualityResult;
import tarn.api.QuarantineAnswer;
import tarn.api.QuarantineCount;
import tarn.api.QuarantinedRow;
import tarn.api.RunRequest;
import tarn.api.TableColumn;
import tarn.api.TableDetail;
import tarn.api.TableSummary;
import tarn.api.TablesAnswer;
import tarn.api.UndoAnswer;

/**
 * Commands that look at tables: {@code tables}, {@code describe}, {@code history}, {@code
 * quarantine}, {@code quality}.
 */
final class Tables {
  private Tables() {}

  static int list(Session session) {
    TablesAnswer answer = TablesAnswer.from(session.connect().get("/v1/tables"));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (TableSummary table : answer.tables()) {
      rows.add(
          Arrays.asList(
              table.name(),
              table.kind(),
              table.rows(),
              table.files(),
              table.bytes(),
              table.updatedAt(),
              table.description()));
    }
    session.table(
        List.of(
            "name",
            "kind",
            "rows:BIGINT",
            "files:BIGINT",
            "bytes:BIGINT",
            "updated_at",
            "description"),
        rows);
    return 0;
  }

  static int describe(Session session) {
    String path = path(session.line().argument());
    TableDetail table = TableDetail.from(session.connect().get(path));
    if (session.format().equals("json")) {
      session.print(Json.write(table) + "\n");
      return 0;
    }
    if (session.format().equals("table")) {
      head(session, table);
    }
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (TableColumn column : table.columns()) {
      rows.add(
          Arrays.asList(
              column.name(),
              column.type(),
              column.required(),
              column.description(),
              classification(column)));
    }
    List<String> columns = List.of("column", "type", "required", "description", "classification");
    boolean dropClassification =
        session.format().equals("table")
            && table.columns().stream().allMatch(column -> classification(column) == null);
    session.table(dropClassification ? columns.subList(0, 4) : columns, rows);
    return 0;
  }

  private static @Nullable String classification(TableColumn column) {
    return column.suggested() == null
        ? column.classification()
        : column.suggested() + " (suggested, " + column.confidencePercent() + " %)";
  }

  static int history(Session session) {
    String path = path(session.line().argument()) + "/history";
    HistoryAnswer answer = HistoryAnswer.from(session.connect().get(path));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (Commit commit : answer.commits()) {
      rows.add(
          Arrays.asList(
              commit.snapshot(),
              commit.at(),
              commit.operation(),
              commit.rowsAdded(),
              commit.rowsDeleted(),
              commit.rowsTotal(),
              commit.files(),
              commit.seq(),
              commit.summary()));
    }
    session.table(
        List.of(
            "snapshot:BIGINT",
            "at",
            "operation",
            "added:BIGINT",
            "deleted:BIGINT",
            "rows:BIGINT",
            "files:BIGINT",
            "ledger_seq:BIGINT",
            "summary"),
        rows);
    return 0;
  }

  /** In a table, each detail has a line of its own. */
  static int plan(Session session) {
    PlanAnswer answer = PlanAnswer.from(session.connect().get("/v1/plan"));
    if (session.format().equals("json")) {
      session.print(Json.write(answer) + "\n");
      return 0;
    }
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (PlannedChange change : answer.changes()) {
      List<String> details = change.details();
      boolean inOne = session.format().equals("csv") || details.isEmpty();
      rows.add(
          Arrays.asList(
              change.table(),
              change.action(),
              change.files(),
              change.bytes(),
              inOne ? String.join("; ", details) : details.get(0)));
      for (int i = 1; i < details.size() && !inOne; i++) {
        rows.add(Arrays.asList("", "", "", "", details.get(i)));
      }
    }
    session.table(List.of("table", "action", "files:BIGINT", "bytes:BIGINT", "details"), rows);
    return 0;
  }

  static int undo(Session session) {
    String path = path(session.line().argument()) + "/undo";
    UndoAnswer answer = UndoAnswer.from(session.connect().post(path, null));
    session.table(
        List.of(
            "table", "undone", "undone_snapshot:BIGINT", "snapshot:BIGINT", "ledger_seq:BIGINT"),
        List.of(
            Arrays.asList(
                answer.table(),
                answer.operation(),
                answer.undone(),
                answer.snapshot(),
                answer.seq())));
    return 0;
  }

  /**
   * {@code quarantine [list|show|retry] [TABLE]}: list only counts, show only shows rows, retry
   * makes the tables anew.
   */
  static int quarantine(Session session) {
    List<String> arguments = session.line().arguments();
    String what = arguments.isEmpty() ? "" : arguments.get(0);
    if (what.equals("retry")) {
      return retry(session, arguments.subList(1, arguments.size()));
    }
    boolean listing = what.equals("list");
    boolean showing = what.equals("show");
    List<String> tables = listing || showing ? arguments.subList(1, arguments.size()) : arguments;
    if (tables.size() > 1) {
      throw CommandFailed.usage(
          "write `datalake quarantine`, `datalake quarantine list [TABLE]`, `datalake quarantine show [TABLE]` or `datalake quarantine retry [TABLE]`");
    }
    long limit = listing ? 0 : session.line().number("--limit", 20);
    QuarantineAnswer answer =
        quarantine(session.connect(), tables.isEmpty() ? "" : tables.get(0), limit);
    if (listing || !showing && session.format().equals("table")) {
      counts(session, answer);
    }
    if (!listing) {
      rows(session, answer);
    }
    return 0;
  }

  private static int retry(Session session, List<String> tables) {
    Connection connection = session.connect();
    List<String> wanted =
        quarantine(connection, tables.isEmpty() ? "" : tables.get(0), 0).counts().stream()
            .map(QuarantineCount::table)
            .distinct()
            .toList();
    if (wanted.isEmpty()) {
      session.notes().say("Nothing is in quarantine.");
      return 0;
    }
    return Work.run(session, connection, new RunRequest(wanted, true));
  }

  private static void rows(Session session, QuarantineAnswer answer) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (QuarantinedRow row : answer.rows()) {
      rows.add(
          Arrays.asList(
              row.table(),
              row.rule(),
              row.reason(),
              row.file(),
              row.line(),
              row.record(),
              row.at()));
    }
    if (!rows.isEmpty() || !session.format().equals("table")) {
      session.table(
          List.of("table", "rule", "reason", "file", "line:BIGINT", "record", "at"), rows);
    }
  }

  static int quality(Session session) {
    List<String> arguments = session.line().arguments();
    String table = arguments.isEmpty() ? "" : arguments.get(0);
    long limit = session.line().number("--limit", arguments.isEmpty() ? 1 : 10);
    QualityAnswer answer =
        QualityAnswer.from(
            session.connect().get("/v1/quality?table=" + encoded(table) + "&limit=" + limit));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (QualityResult result : answer.results()) {
      rows.add(
          Arrays.asList(
              result.table(),
              result.at(),
              result.seq(),
              result.level(),
              result.rule(),
              result.outcome(),
              result.seen()));
    }
    if (rows.isEmpty() && session.format().equals("table")) {
      session.print("No load has checked a rule yet.\n");
      return 0;
    }
    session.table(
        List.of("table", "at", "ledger_seq:BIGINT", "level", "rule", "outcome", "seen"), rows);
    return 0;
  }

  static QuarantineAnswer quarantine(Connection connection, String table, long limit) {
    String path = "/v1/quarantine?table=" + encoded(table) + "&limit=" + limit;
    return QuarantineAnswer.from(connection.get(path));
  }

  static void counts(Session session, QuarantineAnswer answer) {
    boolean asTable = session.format().equals("table");
    if (answer.counts().isEmpty() && asTable) {
      session.print("Nothing is in quarantine.\n");
      return;
    }
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (QuarantineCount count : answer.counts()) {
      rows.add(Arrays.asList(count.table(), count.rule(), count.rows()));
    }
    session.table(List.of("table", "rule", "rows:BIGINT"), rows);
    if (asTable) {
      session.print("\n");
    }
  }

  private static void head(Session session, TableDetail table) {
    TableSummary summary = table.summary();
    row(session, "name", summary.name() + " (" + summary.kind() + ", " + table.format() + ")");
    row(session, "about", summary.description());
    row(session, "rows", summary.rows());
    row(session, "size", Sizes.bytes(summary.bytes()) + " in " + summary.files() + " files");
    row(session, "updated", summary.updatedAt());
    row(session, "key", String.join(", ", table.key()));
    row(session, "partitions", String.join(", ", table.partitions()));
    row(session, "snapshot", table.snapshot());
    row(session, "location", table.location());
    for (Map.Entry<String, String> property : table.properties().entrySet()) {
      row(session, property.getKey(), property.getValue());
    }
    session.print("\n");
  }

  private static void row(Session session, String name, @Nullable Object value) {
    if (value != null && !value.equals("")) {
      String padding = " ".repeat(Math.max(1, 12 - name.length()));
      session.print(name + padding + Cells.oneLine(value.toString()) + "\n");
    }
  }

  static String path(String table) {
    int dot = table.indexOf('.');
    if (dot <= 0 || dot == table.length() - 1) {
      throw CommandFailed.usage(
          "'" + table + "' is not a table's full name; `datalake tables` lists them");
    }
    return "/v1/tables/"
        + encoded(table.substring(0, dot))
        + "/"
        + encoded(table.substring(dot + 1));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
