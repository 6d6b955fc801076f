package tarn.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tarn.api.Column;
import tarn.api.Event;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.api.QueryAnswer;
import tarn.api.QueryRequest;
import tarn.api.RunAnswer;
import tarn.api.RunRequest;
import tarn.api.TableRun;
import tarn.api.TableSummary;
import tarn.api.TablesAnswer;

/** {@code datalake analytics}: models brought up to date and shown, with pictures on a terminal. */
final class Analytics {
  private static final String NAMESPACE = "analytics.";

  /** A trend is drawn of so many rows at most. */
  private static final int MOST_DRAWN = 1000;

  private final Session session;
  private final Connection connection;
  private final long limit;

  private Analytics(Session session, Connection connection, long limit) {
    this.session = session;
    this.connection = connection;
    this.limit = limit;
  }

  private record Shown(List<Column> columns, List<List<@Nullable Object>> rows, boolean more) {}

  /** {@code datalake analytics [MODEL]…}; returns 1 if a model, or what it needs, failed. */
  static int analytics(Session session) {
    List<String> names = session.line().arguments().stream().map(Analytics::model).toList();
    long limit = session.line().number("--limit", 10);
    if (session.format().equals("csv") && names.size() != 1) {
      throw CommandFailed.usage("csv has one table: name one model, or take --output json");
    }
    return new Analytics(session, session.connect(), limit).show(names);
  }

  /** Shows models to a person. */
  static int show(Session session, Connection connection, List<String> names, long limit) {
    return new Analytics(session, connection, limit)
        .show(names.stream().map(Analytics::model).toList());
  }

  private static String model(String name) {
    if (name.indexOf('.') >= 0 && !name.startsWith(NAMESPACE)) {
      throw CommandFailed.usage(
          "'" + name + "' is not a model; `datalake query 'SELECT * FROM " + name + "'` shows it");
    }
    return name.startsWith(NAMESPACE) ? name : NAMESPACE + name;
  }

  private int show(List<String> names) {
    Map<String, TableRun> ran = run(names);
    List<String> models =
        names.isEmpty()
            ? ran.keySet().stream().filter(name -> name.startsWith(NAMESPACE)).toList()
            : names.stream().distinct().toList();
    Map<String, TableSummary> tables = new TreeMap<>();
    TablesAnswer.from(connection.get("/v1/tables")).tables().forEach(t -> tables.put(t.name(), t));
    List<Fields> objects = new ArrayList<>();
    for (String name : models) {
      TableSummary table = tables.get(name);
      TableRun run = ran.get(name);
      if (table != null && run != null && isWell(run)) {
        print(table, objects);
      }
    }
    if (session.format().equals("json")) {
      session.print(Json.write(objects) + "\n");
    } else if (models.isEmpty()) {
      session.print("The lake folder has no models yet; models/*.sql make them.\n");
    }
    return ran.values().stream().allMatch(Analytics::isWell) ? 0 : 1;
  }

  /** Brings the models and what they need up to date; what failed is said. */
  private Map<String, TableRun> run(List<String> names) {
    RunAnswer answer =
        RunAnswer.from(Work.ask(session, connection, "/v1/run", new RunRequest(names)));
    session.notes().clear();
    Map<String, TableRun> ran = new TreeMap<>();
    for (TableRun run : answer.tables()) {
      ran.put(run.table(), run);
      if (!isWell(run)) {
        session.notes().say(run.table() + " " + run.outcome() + ": " + run.message());
      }
    }
    return ran;
  }

  private static boolean isWell(TableRun run) {
    return run.outcome().equals("written") || run.outcome().equals("unchanged");
  }

  private void print(TableSummary table, List<Fields> objects) {
    Long count = table.rows();
    boolean drawn = session.format().equals("table") && count != null && count <= MOST_DRAWN;
    Shown all = ask(table.name(), drawn ? Math.max(limit, MOST_DRAWN) : limit);
    int first = (int) Math.min(limit == 0 ? Integer.MAX_VALUE : limit, all.rows().size());
    boolean more = all.more() || first < all.rows().size();
    switch (session.format()) {
      case "json" -> objects.add(object(table, all, more));
      case "csv" -> sheet(all);
      default -> draw(table, all, first, more);
    }
    if (more && !session.format().equals("table")) {
      session.notes().say(table.name() + ": " + firstOf(first, count));
    }
  }

  private static String firstOf(int first, @Nullable Long count) {
    return "the first "
        + first
        + (count == null ? "" : " of " + count)
        + " rows; --limit 0 for all";
  }

  /** One more than wanted is asked for, to know whether there are more; 0 is for all. */
  private Shown ask(String table, long most) {
    String name = table.substring(NAMESPACE.length()).replace("\"", "\"\"");
    String sql = "SELECT * FROM analytics.\"" + name + "\"";
    List<Column> columns = new ArrayList<>();
    List<List<@Nullable Object>> rows = new ArrayList<>();
    QueryAnswer answer =
        QueryAnswer.from(
            connection.stream(
                "/v1/query",
                new QueryRequest(most == 0 ? sql : sql + " LIMIT " + (most + 1), 0, 0),
                event -> {
                  if (event instanceof Event.Columns found) {
                    columns.addAll(found.columns());
                  } else if (event instanceof Event.Rows found) {
                    rows.addAll(found.rows());
                  }
                }));
    boolean more = most > 0 && rows.size() > most;
    return new Shown(
        columns, more ? rows.subList(0, (int) most) : rows, more || answer.truncated());
  }

  private Fields object(TableSummary table, Shown shown, boolean more) {
    List<Fields> rows = new ArrayList<>();
    shown.rows().forEach(row -> rows.add(JsonSheet.object(shown.columns(), row)));
    return new Fields()
        .with("model", table.name())
        .with("description", table.description())
        .with("row_count", table.rows())
        .with("truncated", more)
        .with("rows", rows);
  }

  private void sheet(Shown shown) {
    Sheet sheet = session.sheet();
    sheet.columns(shown.columns());
    sheet.rows(shown.rows());
    sheet.end();
  }

  private void draw(TableSummary table, Shown all, int first, boolean more) {
    session.print(Cells.oneLine(table.name()) + "\n");
    String about = table.description();
    if (about != null && !about.isBlank()) {
      session.print(wrapped(Cells.oneLine(about)));
    }
    session.print("\n");
    int columns = session.terminal().columns();
    List<List<@Nullable Object>> shown = all.rows().subList(0, first);
    boolean narrow = session.terminal().out();
    int room = narrow ? columns - Picture.width(all.columns(), shown) : Picture.BAR;
    Picture picture = new Picture(all.columns(), all.rows());
    sheet(withBars(all.columns(), shown, picture.measured(), picture.bars(first, room)));
    if (more) {
      session.print("… " + firstOf(first, table.rows()) + "\n");
    }
    List<String> trends = all.more() ? List.of() : picture.trends(columns);
    session.print((trends.isEmpty() ? "" : "\n") + String.join("\n", trends));
    session.print(trends.isEmpty() ? "\n" : "\n\n");
  }

  private static Shown withBars(
      List<Column> columns, List<List<@Nullable Object>> rows, String measured, List<String> bars) {
    if (bars.isEmpty()) {
      return new Shown(columns, rows, false);
    }
    List<Column> wider = new ArrayList<>(columns);
    wider.add(new Column(measured, "VARCHAR"));
    List<List<@Nullable Object>> longer = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      List<@Nullable Object> row = new ArrayList<>(rows.get(i));
      row.add(bars.get(i));
      longer.add(row);
    }
    return new Shown(wider, longer, false);
  }

  private String wrapped(String text) {
    StringBuilder lines = new StringBuilder();
    int width = 0;
    for (String word : text.split(" ", -1)) {
      boolean breaks = width > 0 && width + 1 + Cells.width(word) > session.terminal().columns();
      lines.append(width == 0 ? "" : breaks ? "\n" : " ").append(word);
      width = (width == 0 || breaks ? 0 : width + 1) + Cells.width(word);
    }
    return lines.append('\n').toString();
  }
}
