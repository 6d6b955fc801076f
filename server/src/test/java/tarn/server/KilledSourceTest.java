package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.duckdb.worker.WorkerMain;
import tarn.testkit.SourcePostgres;

/**
 * A database is loaded and followed while transactions insert, update and delete, and while server,
 * engine and PostgreSQL are killed and connections cut: the copies end equal to their tables, and
 * never show half of a transaction.
 */
class KilledSourceTest {
  private static final long MOST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(4);
  private static final int FIRST_ORDERS = 3_000;

  private static final String ORDERS =
      "concat_ws('|', id, status, total, coalesce(md5(note), '-'), %s, CASE WHEN flag THEN 'y' WHEN NOT flag THEN 'n' END)";
  private static final String LINES = "concat_ws('|', order_id, line, sku, quantity)";

  @TempDir Path folder;
  private final SourcePostgres shop = SourcePostgres.fresh();
  private @Nullable KillableServer server;
  private volatile boolean enough;
  private volatile long committed;
  private int looked;

  @AfterEach
  void endTheServer() {
    KillableServer last = server;
    if (last != null) {
      last.close();
    }
  }

  @Test
  void theCopiesEndEqualToTheirTables() throws Exception {
    kill(Integer.getInteger("tarn.kills", 15));
  }

  @Test
  @Tag("soak")
  void theyDoAfterThreeHundredKills() throws Exception {
    kill(300);
  }

  private void kill(int kills) throws Exception {
    long seed = Long.getLong("tarn.seed", System.nanoTime());
    System.out.println("KilledSourceTest: -Dtarn.seed=" + seed);
    Random random = new Random(seed);
    tables();
    define();
    server = KillableServer.start(folder);
    Thread workload = new Thread(() -> work(new Random(seed + 1)), "workload");
    workload.start();
    for (int kill = 0; kill < kills; kill++) {
      TimeUnit.MILLISECONDS.sleep(random.nextInt(2_500));
      switch (random.nextInt(6)) {
        case 0, 1, 2 -> {
          server().kill();
          server = KillableServer.start(folder);
        }
        case 3, 4 ->
            server().children(WorkerMain.class.getName()).forEach(ProcessHandle::destroyForcibly);
        default -> {
          if (random.nextInt(3) == 0) {
            SourcePostgres.restart();
          } else {
            shop.cutConnections();
          }
        }
      }
      if (kill == kills / 3) {
        awaitAllLoaded();
      } else if (kill > kills / 3) {
        whole();
      }
    }
    awaitProgress();
    enough = true;
    workload.join();
    awaitEqual();
    assertThat(looked).as("times that it was looked for half of a transaction").isPositive();
  }

  private KillableServer server() {
    return Objects.requireNonNull(server);
  }

  // ---- the database ----

  private void tables() {
    shop.execute(
        "CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL, total numeric(12,2),"
            + " note text, at timestamptz NOT NULL DEFAULT now(), flag boolean, lines int NOT NULL)",
        "ALTER TABLE orders ALTER COLUMN note SET STORAGE EXTERNAL", // never compressed: moved out
        "CREATE TABLE order_lines (order_id bigint, line int, sku varchar(20), quantity int,"
            + " PRIMARY KEY (order_id, line))",
        "INSERT INTO orders SELECT i, 'new', i * 1.25, repeat(md5(i::text), 100), now(), i % 2 = 0, 2"
            + " FROM generate_series(1, "
            + FIRST_ORDERS
            + ") i",
        "INSERT INTO order_lines SELECT i, l, 'sku ' || i, l FROM generate_series(1, "
            + FIRST_ORDERS
            + ") i, generate_series(1, 2) l");
  }

  private void define() throws IOException {
    write("lake.yaml", "name: lake\nprefix: lake\nengine:\n  memory: 512MB\n  threads: 2\n");
    write("password", shop.password() + "\n");
    write(
        "sources/shop.yaml",
        "connection:\n  host: "
            + shop.host()
            + "\n  port: "
            + shop.port()
            + "\n  database: "
            + shop.database()
            + "\n  user: "
            + shop.user()
            + "\n  password: file:password\nfreshness: 300ms\nslot: "
            + shop.database()
            + "\ntables: [public.*]\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /** Transactions, one after the other; one that was cut is not done again. */
  private void work(Random random) {
    long[] next = {1_000_000};
    while (!enough) {
      try (Connection connection = shop.connection()) {
        connection.setAutoCommit(false);
        while (!enough) {
          try (Statement statement = connection.createStatement()) {
            transaction(statement, random, next);
            if (random.nextInt(10) == 0) {
              connection.rollback();
            } else {
              connection.commit();
              committed++;
            }
          }
          TimeUnit.MILLISECONDS.sleep(random.nextInt(10));
        }
      } catch (SQLException | AssertionError e) {
        pause(); // it was cut
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(200);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void transaction(Statement to, Random random, long[] next) throws SQLException {
    for (int i = 0; i <= random.nextInt(4); i++) {
      long old = 1 + random.nextInt(FIRST_ORDERS);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          long id = next[0]++;
          int lines = random.nextInt(4);
          to.execute(
              "INSERT INTO orders (id, status, total, note, lines) VALUES ("
                  + id
                  + ", 'new \"é', "
                  + random.nextInt(10_000)
                  + ".5, "
                  + (random.nextBoolean()
                      ? "NULL"
                      : "repeat(md5('" + id + "'), " + random.nextInt(120) + ")")
                  + ", "
                  + lines
                  + ")");
          for (int line = 0; line < lines; line++) {
            to.execute(
                "INSERT INTO order_lines VALUES (" + id + ", " + line + ", '', " + line + ")");
          }
        }
        case 3, 4 -> // the note stays
            to.execute(
                "UPDATE orders SET status = 'paid " + random.nextInt() + "' WHERE id = " + old);
        case 5 ->
            to.execute(
                "UPDATE orders SET note = repeat(md5('"
                    + random.nextInt()
                    + "'), 90), flag = NULL WHERE id = "
                    + old);
        case 6 -> {
          long id = next[0]++; // the key changes, and the note is not said
          to.execute("UPDATE orders SET id = " + id + " WHERE id = " + old);
          to.execute("UPDATE order_lines SET order_id = " + id + " WHERE order_id = " + old);
        }
        default -> {
          Savepoint before = to.getConnection().setSavepoint();
          to.execute("DELETE FROM order_lines WHERE order_id = " + old);
          to.execute("DELETE FROM orders WHERE id = " + old);
          if (random.nextInt(4) == 0) {
            to.getConnection().rollback(before);
          }
        }
      }
    }
  }

  private void awaitProgress() throws InterruptedException {
    long before = committed;
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    while (committed < before + 50) {
      assertThat(System.nanoTime()).as("transactions go on").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  // ---- the lake ----

  /**
   * From the first transaction on that comes to both, they agree. It must not be one that a load
   * has seen: loads are of moments of their own.
   */
  private void awaitAllLoaded() throws Exception {
    await(
        "SELECT count(*) > 0, (SELECT count(*) > 0 FROM clean.order_lines) FROM clean.orders",
        "[[true,true]]");
    shop.execute(
        "BEGIN; INSERT INTO orders (id, status, lines) VALUES (-1, 'marker', 1);"
            + " INSERT INTO order_lines VALUES (-1, 1, '', 1); COMMIT");
    await(
        "SELECT count(*), (SELECT count(*) FROM clean.order_lines WHERE order_id = -1) FROM clean.orders WHERE id = -1",
        "[[1,1]]");
  }

  private void await(String sql, String answer) throws Exception {
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    while (!ask(sql).contains(answer)) {
      assertThat(System.nanoTime()).as("both are loaded").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private String ask(String sql) throws Exception {
    JsonNode request = UntunedLake.JSON.createObjectNode().put("sql", sql);
    return server().ask("query", request.toString()).body();
  }

  /** Orders say how many lines they have. */
  private void whole() throws Exception {
    String answer =
        ask(
            "SELECT (SELECT coalesce(sum(lines), 0) FROM clean.orders) - (SELECT count(*) FROM clean.order_lines)");
    if (answer.contains("\"rows\"") && !answer.contains("\"event\":\"error\"")) {
      assertThat(answer).as("no half of a transaction").contains("[[0]]");
      looked++;
    }
  }

  private void awaitEqual() throws Exception {
    String orders =
        hash("orders", ORDERS.formatted("(extract(epoch from at) * 1000000)::bigint"), "id");
    String lines = hash("order_lines", LINES, "order_id, line");
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    while (true) {
      String copyOfOrders = copy("orders", ORDERS.formatted("epoch_us(\"at\")"), "id");
      String copyOfLines = copy("order_lines", LINES, "order_id, line");
      if (copyOfOrders.contains(orders) && copyOfLines.contains(lines)) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            orders
                + " "
                + lines
                + "\n"
                + copyOfOrders
                + "\n"
                + copyOfLines
                + "\n"
                + server().get("sources"));
      }
      TimeUnit.MILLISECONDS.sleep(500);
    }
  }

  /** {@code [[count,"hash"]]}. */
  private String hash(String table, String row, String order) {
    var answer =
        shop.query(
                "SELECT count(*), md5(string_agg("
                    + row
                    + ", E'\\n' ORDER BY "
                    + order
                    + ")) FROM "
                    + table)
            .get(0);
    return "[[" + answer.get(0) + ",\"" + answer.get(1) + "\"]]";
  }

  private String copy(String table, String row, String order) throws Exception {
    String sql =
        "SELECT count(*), md5(string_agg("
            + row
            + ", chr(10) ORDER BY "
            + order
            + ")) FROM clean."
            + table;
    return ask(sql);
  }
}
