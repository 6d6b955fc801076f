package tarn.server.shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tarn.api.Event;
import tarn.api.Failure;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * A process that the client starts: {@code setup}, {@code run} or {@code database}, then {@code
 * name=value}s. Says how far it is as lines of {@link Event}s, and last its answer, or a failure
 * and then ends with its exit code. Whose process it is has the connection's secrets in its
 * environment.
 */
public final class ShopMain {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Map<String, String> given = new TreeMap<>();
  private long told = System.nanoTime();

  private ShopMain(String... arguments) {
    for (int i = 1; i < arguments.length; i++) {
      int equals = arguments[i].indexOf('=');
      given.put(arguments[i].substring(0, equals), arguments[i].substring(equals + 1));
    }
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String... arguments) {
    ShopConnection connection = new ShopConnection(System.getenv());
    try {
      ShopMain main = new ShopMain(arguments);
      switch (arguments[0]) {
        case "setup" -> main.setup(connection);
        case "run" -> main.work(connection);
        case "database" -> main.database();
        default -> throw new IllegalArgumentException(arguments[0]);
      }
      return 0;
    } catch (TarnException e) {
      return failed(e);
    } catch (SQLException e) {
      return failed(connection.failure(e));
    } catch (IOException e) {
      return failed(new TarnException(ErrorCode.SOURCE_UNAVAILABLE, e.toString(), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 70;
    }
  }

  private static int failed(TarnException e) {
    ErrorCode code = e.code();
    System.out.println(Json.write(new Failure(code.name(), code.kind().name(), e.line(), null)));
    return code.kind().exitCode();
  }

  private void setup(ShopConnection connection) throws SQLException {
    try (Session session = new Session(connection.open())) {
      ShopSchema.make(session, (int) number("scale"));
      Fields answer = new Fields().with("database", connection.toString());
      for (String table :
          new String[] {
            "customers",
            "addresses",
            "products",
            "inventory",
            "orders",
            "order_lines",
            "payments",
            "shipments",
            "history"
          }) {
        answer.with(table, Long.parseLong(session.value("SELECT count(*) FROM shop." + table)));
      }
      System.out.println(answer);
    }
  }

  private void work(ShopConnection connection) throws SQLException, InterruptedException {
    OrderLoad.Plan plan =
        new OrderLoad.Plan(
            number("seed"),
            number("count"),
            number("seconds"),
            number("rate"),
            (int) number("sessions"));
    OrderLoad.Done done =
        OrderLoad.run(plan, connection::open, begun -> progress(connection, begun, plan));
    Fields answer =
        new Fields()
            .with("database", connection.toString())
            .with("seed", plan.seed())
            .with("transactions", done.transactions());
    for (OrderEntry.Kind kind : OrderEntry.Kind.values()) {
      answer.with(kind.word(), done.committed().getOrDefault(kind.word(), 0L));
    }
    System.out.println(
        answer
            .with("rolled_back", done.rolledBack())
            .with("conflicts", done.conflicts())
            .with("millis", done.millis()));
  }

  private synchronized void progress(ShopConnection connection, long begun, OrderLoad.Plan plan) {
    if (begun == plan.count() || System.nanoTime() - told > PAUSE_NANOS) {
      told = System.nanoTime();
      long total = plan.count() == Long.MAX_VALUE ? -1 : plan.count();
      System.out.println(
          Json.write(
              new Event.Progress("orders", connection.toString(), begun, total, "transactions")));
    }
  }

  private void database() throws SQLException, IOException, InterruptedException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (LocalPostgres server = LocalPostgres.start(path("programs"), path("folder"))) {
      DemoDatabase.serve(server, 1, in);
    }
  }

  private Path path(String name) {
    return Path.of(given.getOrDefault(name, ""));
  }

  private long number(String name) {
    return Long.parseLong(given.getOrDefault(name, ""));
  }
}
