package tarn.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tarn.api.ChangesRequest;
import tarn.api.Event;
import tarn.api.Message;
import tarn.api.QueryAnswer;
import tarn.api.QueryRequest;

/** {@code datalake query}. */
final class Queries {
  private Queries() {}

  static int query(Session session) {
    Line line = session.line();
    QueryRequest request =
        new QueryRequest(
            sql(line, session.folder()),
            line.number("--max-rows", 0),
            line.number("--timeout", 0) * 1000);
    answer(session, session.connect(), request);
    return 0;
  }

  /** {@code datalake changes TABLE}. */
  static int changes(Session session) {
    Line line = session.line();
    String path = Tables.path(line.argument()) + "/changes";
    String since = line.option("--since");
    if (since == null) {
      throw CommandFailed.usage(
          "datalake changes needs --since: a snapshot's id as `datalake history` shows it, a time, or a span before now like 2h");
    }
    String until = line.option("--until");
    ChangesRequest request =
        new ChangesRequest(
            since, until == null ? "" : until, line.has("--net"), line.number("--limit", 0));
    answer(session, session.connect(), path, request);
    return 0;
  }

  /** Asks and prints. */
  static QueryAnswer answer(Session session, Connection connection, QueryRequest request) {
    return answer(session, connection, "/v1/query", request);
  }

  private static QueryAnswer answer(
      Session session, Connection connection, String path, Message request) {
    Sheet sheet = session.sheet();
    QueryAnswer answer =
        QueryAnswer.from(
            connection.stream(path, request, event -> hear(event, sheet, session.notes())));
    session.notes().clear();
    sheet.end();
    if (answer.truncated()) {
      session.notes().say("only the first " + answer.rows() + " rows; there are more");
    } else if (session.terminal().out() && session.format().equals("table")) {
      session.notes().say(answer.rows() + " rows in " + answer.millis() + " ms");
    }
    return answer;
  }

  private static void hear(Event event, Sheet sheet, Notes notes) {
    if (event instanceof Event.Rows rows) {
      sheet.rows(rows.rows());
    } else if (event instanceof Event.Columns columns) {
      sheet.columns(columns.columns());
    } else if (event instanceof Event.Progress progress) {
      notes.progress(progress);
    }
  }

  private static String sql(Line line, Path folder) {
    String file = line.option("--file");
    try {
      if (file != null) {
        return Files.readString(folder.resolve(file));
      }
      String argument = line.argument();
      return argument.equals("-")
          ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
          : argument;
    } catch (IOException e) {
      throw CommandFailed.usage("cannot read the SQL: " + e.getMessage());
    }
  }
}
