package tarn.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Event;
import tarn.api.FollowedSource;
import tarn.api.Json;
import tarn.api.SourceCheckAnswer;
import tarn.api.SourceReloadAnswer;
import tarn.api.SourceReloadRequest;
import tarn.api.SourceTablesAnswer;
import tarn.api.SourceVerifyAnswer;
import tarn.api.SourceVerifyRequest;
import tarn.api.SourcesAnswer;

/** {@code datalake source}. */
final class FollowedSources {
  private FollowedSources() {}

  static int source(Session session) {
    List<String> arguments = session.line().arguments();
    String action = arguments.isEmpty() ? "list" : arguments.get(0);
    return switch (action) {
      case "list" -> list(session, session.connect());
      case "tables" -> tables(session, arguments);
      case "check" -> check(session, arguments);
      case "reload" -> reload(session, arguments);
      case "verify" -> verify(session, arguments);
      default ->
          throw CommandFailed.usage(
              "unknown action '"
                  + action
                  + "'; it is list, check, tables, reload or verify: `datalake help source`");
    };
  }

  static int list(Session session, Connection connection) {
    SourcesAnswer answer = SourcesAnswer.from(connection.get("/v1/sources"));
    boolean forScripts = session.format().equals("json");
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (FollowedSource source : answer.sources()) {
      List<@Nullable Object> row =
          new ArrayList<>(
              Arrays.asList(
                  source.source(),
                  source.condition(),
                  source.copies(),
                  source.lsn(),
                  source.lagBytes(),
                  source.landedAt()));
      if (forScripts) {
        row.add(source.problem());
        row.add(String.join("; ", source.left()));
        row.add(String.join("; ", source.nulled()));
      }
      rows.add(row);
      if (!source.problem().isEmpty()) {
        session.notes().say(source.source() + ": " + source.problem());
      }
      if (!source.left().isEmpty()) {
        session.notes().say(source.source() + ": not copied: " + String.join(", ", source.left()));
      }
      if (!source.nulled().isEmpty()) {
        session
            .notes()
            .say(
                source.source()
                    + ": null, as the lake's type cannot hold them: "
                    + String.join(", ", source.nulled()));
      }
    }
    List<String> columns =
        new ArrayList<>(
            List.of(
                "source", "condition", "copies:BIGINT", "lsn", "lag_bytes:BIGINT", "landed_at"));
    if (forScripts) {
      columns.addAll(List.of("problem", "not_copied", "nulled"));
    }
    session.table(columns, rows);
    return 0;
  }

  private static int tables(Session session, List<String> arguments) {
    if (arguments.size() != 2) {
      throw CommandFailed.usage("name the source: datalake source tables SOURCE");
    }
    SourceTablesAnswer answer =
        SourceTablesAnswer.from(
            session.connect().get("/v1/sources/" + Tables.encoded(arguments.get(1)) + "/tables"));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (SourceTablesAnswer.Column column : answer.columns()) {
      rows.add(
          Arrays.asList(
              column.table(),
              column.copy(),
              column.column(),
              column.sourceType(),
              column.type(),
              column.key(),
              column.rows()));
    }
    session.table(
        List.of("table", "copy", "column", "source_type", "type", "key:BOOLEAN", "rows"), rows);
    return 0;
  }

  /** Returns 1 if something keeps the database from being followed. */
  private static int check(Session session, List<String> arguments) {
    if (arguments.size() != 2) {
      throw CommandFailed.usage("name the source: datalake source check SOURCE");
    }
    SourceCheckAnswer answer =
        SourceCheckAnswer.from(
            session.connect().get("/v1/sources/" + Tables.encoded(arguments.get(1)) + "/check"));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (SourceCheckAnswer.Check check : answer.checks()) {
      rows.add(Arrays.asList(check.what(), check.result(), check.found(), check.remedy()));
    }
    session.table(List.of("what", "result", "found", "remedy"), rows);
    return answer.good() ? 0 : 1;
  }

  private static int reload(Session session, List<String> arguments) {
    if (arguments.size() < 2) {
      throw CommandFailed.usage("name the source: datalake source reload SOURCE [TABLE…]");
    }
    SourceReloadAnswer answer =
        SourceReloadAnswer.from(
            session
                .connect()
                .post(
                    "/v1/sources/" + Tables.encoded(arguments.get(1)) + "/reload",
                    new SourceReloadRequest(arguments.subList(2, arguments.size()))));
    session.table(
        List.of("loaded_anew"),
        answer.tables().stream().<List<@Nullable Object>>map(List::of).toList());
    return 0;
  }

  /** Returns 1 if a table and its copy differ. */
  private static int verify(Session session, List<String> arguments) {
    if (arguments.size() < 2) {
      throw CommandFailed.usage("name the source: datalake source verify SOURCE [TABLE]");
    }
    Line line = session.line();
    SourceVerifyRequest request =
        new SourceVerifyRequest(
            arguments.size() > 2 ? arguments.get(2) : "",
            line.number("--limit", 0),
            line.number("--ranges", 0),
            line.number("--timeout", 0));
    SourceVerifyAnswer answer =
        SourceVerifyAnswer.from(
            session.connect().stream(
                "/v1/sources/" + Tables.encoded(arguments.get(1)) + "/verify",
                request,
                event -> {
                  if (event instanceof Event.Progress progress) {
                    session.notes().progress(progress);
                  }
                }));
    session.notes().clear();
    if (session.format().equals("json")) {
      session.print(Json.write(answer) + "\n");
    } else {
      if (session.format().equals("table")) {
        tables(session, answer);
        ranges(session, answer);
      }
      keys(session, answer);
    }
    answer.notCompared().forEach(why -> session.notes().say("not compared: " + why));
    return answer.equal() ? 0 : 1;
  }

  private static void tables(Session session, SourceVerifyAnswer answer) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (SourceVerifyAnswer.Table table : answer.tables()) {
      rows.add(
          Arrays.asList(
              table.table(),
              table.copy(),
              table.differing() == 0 ? "equal" : "different",
              table.sourceRows(),
              table.lakeRows(),
              table.differing(),
              table.changing()));
    }
    session.table(
        List.of(
            "table",
            "copy",
            "result",
            "source_rows:BIGINT",
            "lake_rows:BIGINT",
            "differing:BIGINT",
            "changing:BIGINT"),
        rows);
    session.notes().say("as of " + answer.lsn() + " in the database's log");
  }

  private static void ranges(Session session, SourceVerifyAnswer answer) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (SourceVerifyAnswer.Table table : answer.tables()) {
      for (SourceVerifyAnswer.Range range : table.ranges()) {
        if (range.differing() > 0) {
          rows.add(
              Arrays.asList(
                  table.table(),
                  String.join(", ", range.first()),
                  String.join(", ", range.last()),
                  range.sourceRows(),
                  range.lakeRows(),
                  range.sourceHash(),
                  range.lakeHash(),
                  range.differing()));
        }
      }
    }
    if (!rows.isEmpty()) {
      session.print("\n");
      session.table(
          List.of(
              "table",
              "from",
              "to",
              "source_rows:BIGINT",
              "lake_rows:BIGINT",
              "source_hash",
              "lake_hash",
              "differing:BIGINT"),
          rows);
    }
  }

  private static void keys(Session session, SourceVerifyAnswer answer) {
    boolean asTable = session.format().equals("table");
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (SourceVerifyAnswer.Table table : answer.tables()) {
      for (SourceVerifyAnswer.Difference difference : table.differences()) {
        rows.add(
            Arrays.asList(
                table.table(),
                String.join(", ", difference.key()),
                difference.how(),
                String.join(", ", difference.columns())));
      }
      if (table.differing() > table.differences().size()) {
        session
            .notes()
            .say(
                table.table()
                    + ": the first "
                    + table.differences().size()
                    + " of "
                    + table.differing()
                    + " keys that differ; --limit shows more");
      }
    }
    if (asTable && rows.isEmpty()) {
      return;
    }
    if (asTable) {
      session.print("\n");
    }
    session.table(List.of("table", "key", "difference", "columns"), rows);
  }
}
