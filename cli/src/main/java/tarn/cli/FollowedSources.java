package tarn.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.FollowedSource;
import tarn.api.SourceCheckAnswer;
import tarn.api.SourceReloadAnswer;
import tarn.api.SourceReloadRequest;
import tarn.api.SourceTablesAnswer;
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
      default ->
          throw CommandFailed.usage(
              "unknown action '"
                  + action
                  + "'; it is list, check, tables or reload: `datalake help source`");
    };
  }

  static int list(Session session, Connection connection) {
    SourcesAnswer answer = SourcesAnswer.from(connection.get("/v1/sources"));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (FollowedSource source : answer.sources()) {
      rows.add(
          Arrays.asList(
              source.source(),
              source.condition(),
              source.copies(),
              source.lsn(),
              source.lagBytes(),
              source.landedAt()));
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
    session.table(
        List.of("source", "condition", "copies:BIGINT", "lsn", "lag_bytes:BIGINT", "landed_at"),
        rows);
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
              column.key()));
    }
    session.table(List.of("table", "copy", "column", "source_type", "type", "key:BOOLEAN"), rows);
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
}
