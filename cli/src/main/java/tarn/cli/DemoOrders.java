package tarn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tarn.api.Event;
import tarn.api.Fields;
import tarn.api.FollowedSource;
import tarn.api.QueryRequest;
import tarn.api.SourcesAnswer;

/**
 * {@code datalake demo --cdc}: a PostgreSQL that is loaded and followed while orders come in, until
 * its copies are equal to it. Nothing is left running, also after Ctrl-C.
 */
final class DemoOrders implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);
  private static final long STOP_SECONDS = 40;
  private static final long PAUSE_MILLIS = 250;
  private static final long LINE_MILLIS = 1_000;
  private static final int TRANSACTIONS = 1_000;
  private static final int RATE = 200;
  private static final int HASH_SHOWN = 12;
  private static final int UNEQUAL = 1;
  private static final List<String> STATUSES = List.of("placed", "paid", "shipped", "delivered");

  private final Session session;
  private final LakePlace lake;
  private final Connection connection;
  private @Nullable DemoDatabase running;
  private @Nullable Process orders;
  private boolean closed;

  private DemoOrders(Session session, LakePlace lake) {
    this.session = session;
    this.lake = lake;
    this.connection = new Connection(lake, false, session.notes()); // what is stopped stays so
  }

  static int demo(Session session) {
    if (session.line().has("--keep-running")) {
      throw CommandFailed.usage("--keep-running does not go with --cdc: its database ends with it");
    }
    String programs = System.getProperty("tarn.postgres", "");
    if (programs.isEmpty()) {
      throw CommandFailed.usage(
          "demo --cdc needs PostgreSQL's programs, version 13 or newer, and there is no initdb on the path:"
              + " install PostgreSQL, or follow a database that runs: docs/sources.md");
    }
    Path folder = Demo.folder(session, "datalake-demo-cdc");
    Demo.fresh(session, folder, "orders");
    LakePlace lake = LakePlace.at(folder, session.line().option("--environment"));
    DemoOrders demo = new DemoOrders(session, lake);
    Runtime.getRuntime().addShutdownHook(new Thread(demo::close, "stop")); // on Ctrl-C
    try (demo) {
      int exitCode = demo.tour(programs);
      demo.next();
      return exitCode;
    }
  }

  private int tour(String programs) {
    Demo.heading(session, "Start a PostgreSQL, and make a shop in it");
    DemoDatabase database = begun(DemoDatabase.start(programs, lake.folder().resolve("postgres")));
    session.print(
        "PostgreSQL %s on 127.0.0.1:%d; user tarn may read the shop's tables and follow them%n"
            .formatted(database.version(), database.port()));
    point(database);
    Demo.heading(session, "Start the lake's server, which loads the tables and follows them");
    session.print(new Connection(lake, true, session.notes()).server() + "\n");
    awaitLoaded();
    FollowedSources.list(session, connection);
    Demo.heading(
        session,
        "datalake generate orders --count %d --rate %d: orders in the lake meanwhile"
            .formatted(TRANSACTIONS, RATE));
    Fields done = watch(begin(database));
    session.print(
        "%d transactions: %d new orders, %d taken back; and %d rolled back%n"
            .formatted(
                done.number("transactions"),
                done.number("new_order"),
                done.number("cancellation"),
                done.number("rolled_back")));
    Demo.heading(session, "Compare the copies with the tables: rows, and a hash of all values");
    boolean equal = compare(database);
    Demo.heading(session, "datalake analytics orders_by_status sales_by_category");
    Analytics.show(session, connection, List.of("orders_by_status", "sales_by_category"), 8);
    if (!equal) {
      session.notes().say("the copies are not equal to the tables; see logs/server.log");
    }
    return equal ? 0 : UNEQUAL;
  }

  /** What is started while everything is being stopped is stopped too. */
  private synchronized DemoDatabase begun(DemoDatabase database) {
    running = database;
    if (closed) {
      database.close();
    }
    return database;
  }

  /** Lets the example's source be this database. */
  private void point(DemoDatabase database) {
    Path source = lake.folder().resolve("sources/shop.yaml");
    Path secret = lake.folder().resolve("shop.password");
    try {
      Files.createFile(
          secret,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(secret, database.readerPassword() + "\n");
      Files.writeString(
          source,
          Files.readString(source)
              .replaceAll("host: .*", "host: 127.0.0.1")
              .replaceAll("port: .*", "port: " + database.port())
              .replaceAll("password: .*", "password: file:shop.password"));
    } catch (IOException e) {
      throw CommandFailed.external("cannot write " + source + ": " + e.getMessage());
    }
  }

  private void awaitLoaded() {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      FollowedSource shop = SourcesAnswer.from(connection.get("/v1/sources")).sources().get(0);
      if (shop.condition().equals("running") && !statuses().isEmpty()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw CommandFailed.external(
            "the tables were not loaded in three minutes: "
                + shop.condition()
                + ": "
                + shop.problem());
      }
      StreamSender.pause(PAUSE_MILLIS);
    }
  }

  private synchronized Process begin(DemoDatabase database) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
                  ServerProcess.java(
                      OrderGeneration.PROGRAM,
                      List.of(
                          "run",
                          "seed=2026",
                          "count=" + TRANSACTIONS,
                          "seconds=0",
                          "rate=" + RATE,
                          "sessions=2")))
              .redirectErrorStream(true);
      builder.environment().putAll(database.environment());
      orders = builder.start();
      return orders;
    } catch (IOException e) {
      throw CommandFailed.external("cannot generate orders: " + e.getMessage());
    }
  }

  /** Shows the orders of the lake until the process has ended; returns what it answered. */
  private Fields watch(Process process) {
    CompletableFuture<Fields> done =
        CompletableFuture.supplyAsync(
            () -> ServerProcess.answer(process, new Notes(System.err, session.terminal(), true)));
    long began = System.nanoTime();
    session.print("after     placed    paid  shipped  delivered\n");
    do {
      StreamSender.pause(LINE_MILLIS);
      Map<String, Long> now = statuses();
      session.print(
          "%5.1f s %8d %7d %8d %10d%n"
              .formatted(
                  (System.nanoTime() - began) / 1e9,
                  now.getOrDefault(STATUSES.get(0), 0L),
                  now.getOrDefault(STATUSES.get(1), 0L),
                  now.getOrDefault(STATUSES.get(2), 0L),
                  now.getOrDefault(STATUSES.get(3), 0L)));
      Demo.flush(session);
    } while (process.isAlive());
    try {
      return done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof CommandFailed failed ? failed : e;
    }
  }

  /** The lake's orders, counted by status; empty if there is no such table yet. */
  private Map<String, Long> statuses() {
    Map<String, Long> counts = new TreeMap<>();
    try {
      for (List<@Nullable Object> row :
          rows("SELECT status, count(*) FROM clean.shop_orders GROUP BY status")) {
        counts.put(String.valueOf(row.get(0)), number(row.get(1)));
      }
    } catch (CommandFailed e) {
      if (!e.code().equals("NOT_FOUND")) {
        throw e;
      }
    }
    return counts;
  }

  private List<List<@Nullable Object>> rows(String sql) {
    List<List<@Nullable Object>> all = new ArrayList<>();
    connection.stream(
        "/v1/query",
        new QueryRequest(sql, 0, 0),
        event -> {
          if (event instanceof Event.Rows rows) {
            all.addAll(rows.rows());
          }
        });
    return all;
  }

  private static long number(@Nullable Object value) {
    return value instanceof Number number ? number.longValue() : -1;
  }

  /** Waits until all are equal, or it takes too long; shows how they are then. */
  private boolean compare(DemoDatabase database) {
    long began = System.nanoTime();
    List<List<@Nullable Object>> rows = new ArrayList<>();
    boolean allEqual = true;
    for (DemoDatabase.Content table : database.content()) {
      List<@Nullable Object> copy = rows(table.query()).get(0);
      while (!equal(table, copy) && System.nanoTime() - began < PATIENCE_NANOS) {
        StreamSender.pause(PAUSE_MILLIS);
        copy = rows(table.query()).get(0);
      }
      allEqual &= equal(table, copy);
      rows.add(
          Arrays.asList(
              table.table(),
              table.rows(),
              number(copy.get(0)),
              shown(table.hash()),
              shown(String.valueOf(copy.get(1))),
              equal(table, copy)));
    }
    session.table(
        List.of(
            "table",
            "rows:BIGINT",
            "in_the_lake:BIGINT",
            "hash",
            "hash_in_the_lake",
            "equal:BOOLEAN"),
        rows);
    if (allEqual) {
      session.print(
          "equal %.1f s after the last order%n".formatted((System.nanoTime() - began) / 1e9));
    }
    return allEqual;
  }

  private static boolean equal(DemoDatabase.Content table, List<@Nullable Object> copy) {
    return number(copy.get(0)) == table.rows() && table.hash().equals(copy.get(1));
  }

  private static String shown(String hash) {
    return hash.substring(0, Math.min(HASH_SHOWN, hash.length()));
  }

  private void next() {
    Demo.heading(session, "What to try next (the database is gone: the lake has what it had)");
    session.print(
        "  cd "
            + Demo.quoted(lake.folder().toString())
            + "\n"
            + """
              datalake up --detach
              datalake describe clean.shop_orders
              datalake history clean.shop_orders
              datalake query 'SELECT name, sum(total) AS spent FROM clean.shop_orders o JOIN clean.shop_customers c ON c.id = customer_id GROUP BY ALL ORDER BY spent DESC LIMIT 5'
              datalake down
            """);
  }

  /** The lake first: its server would miss the database. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    List<ProcessHandle> begun = ProcessHandle.current().children().toList();
    if (orders != null) {
      orders.destroy();
    }
    try {
      if (!Servers.stop(lake)) {
        begun.forEach(ProcessHandle::destroy); // a server that is about to be ready, too
      }
    } finally {
      if (running != null) {
        running.close();
      }
    }
    begun.forEach(process -> process.onExit().orTimeout(STOP_SECONDS, TimeUnit.SECONDS).join());
  }
}
