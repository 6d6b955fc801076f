package tarn.cli;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tarn.api.Fields;

/**
 * {@code datalake generate orders}. A process of its own does it, which has the connection from the
 * environment: neither the lake's server nor a command line learns who may write to the database.
 */
final class OrderGeneration {
  static final String PROGRAM = "tarn.server.shop.ShopMain";

  private static final List<String> OF_EVENTS =
      List.of(
          "--duplicates",
          "--late",
          "--future",
          "--poison",
          "--conflicts",
          "--start",
          "--spacing",
          "--file");
  private static final List<String> OF_WORK =
      List.of("--count", "--rate", "--seconds", "--seed", "--sessions");
  private static final long MOST_SESSIONS = 64;
  private static final long MOST_SCALE = 1_000;

  private OrderGeneration() {}

  /** Refuses options that only orders have. */
  static void refuse(Line line) {
    refuse(line, "events", List.of("--setup", "--scale", "--sessions"));
  }

  private static void refuse(Line line, String what, List<String> options) {
    for (String option : options) {
      if (line.has(option)) {
        throw CommandFailed.usage("datalake generate " + what + " does not take " + option);
      }
    }
  }

  static int generate(Session session) {
    Line line = session.line();
    refuse(line, "orders", OF_EVENTS);
    if (line.arguments().size() > 1) {
      throw CommandFailed.usage(
          "datalake generate orders does not take '"
              + line.arguments().get(1)
              + "': PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD name the database");
    }
    if (line.has("--setup")) {
      refuse(line, "orders --setup", OF_WORK);
      long scale = between(line, "--scale", 1, MOST_SCALE);
      return tables(
          session,
          ServerProcess.stream(PROGRAM, List.of("setup", "scale=" + scale), session.notes()));
    }
    refuse(line, "orders without --setup", List.of("--scale"));
    return work(session, ServerProcess.stream(PROGRAM, arguments(line), session.notes()));
  }

  private static List<String> arguments(Line line) {
    long count = line.number("--count", line.has("--seconds") ? Long.MAX_VALUE : 1_000);
    long seconds = line.number("--seconds", 0);
    if (line.has("--seconds") && seconds == 0) {
      throw CommandFailed.usage("--seconds is 0; it is a whole number, 1 or more");
    }
    return List.of(
        "run",
        "seed=" + line.number("--seed", new SecureRandom().nextInt(1_000_000)),
        "count=" + count,
        "seconds=" + seconds,
        "rate=" + line.number("--rate", 0),
        "sessions=" + between(line, "--sessions", 2, MOST_SESSIONS));
  }

  private static long between(Line line, String option, long otherwise, long most) {
    long number = line.number(option, otherwise);
    if (number < 1 || number > most) {
      throw CommandFailed.usage(option + " is " + number + "; it is from 1 to " + most);
    }
    return number;
  }

  private static int tables(Session session, Fields answer) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    answer
        .all()
        .forEach(
            (name, value) -> {
              if (value instanceof Long) {
                rows.add(List.of("shop." + name, value));
              }
            });
    session.table(List.of("table", "rows:BIGINT"), rows);
    return 0;
  }

  private static int work(Session session, Fields answer) {
    List<String> columns = new ArrayList<>();
    List<@Nullable Object> row = new ArrayList<>();
    for (Map.Entry<String, @Nullable Object> field : answer.all().entrySet()) {
      columns.add(field.getKey() + (field.getValue() instanceof Long ? ":BIGINT" : ""));
      row.add(field.getValue());
    }
    columns.add("per_second:BIGINT");
    row.add(answer.number("transactions") * 1000 / Math.max(1, answer.number("millis")));
    session.table(columns, List.of(row));
    return 0;
  }
}
