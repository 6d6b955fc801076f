package tarn.server;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.testkit.SourcePostgres;

/** A database of many small tables, and a server with the memory that it has unless told else. */
class ManyTablesTest {
  private static final int ROWS = 10;
  private static final int AT_ONCE = 50;
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  @TempDir Path folder;
  private final SourcePostgres database = SourcePostgres.fresh();

  @SuppressWarnings("NullAway.Init") // each test defines its own
  private ServedCopies lake;

  @AfterEach
  void end() {
    lake.close();
  }

  @Test
  @Tag("soak")
  void aThousandTablesAreLoadedAndFollowed() throws Exception {
    loadAndFollow(Integer.getInteger("tarn.tables", 1_000));
  }

  private void loadAndFollow(int tables) throws Exception {
    each(
        tables,
        "CREATE TABLE t%1$d (id int PRIMARY KEY, v text, n numeric(12,2));"
            + "INSERT INTO t%1$d SELECT i, 'row ' || i || ' of %1$d', i * 1.25 FROM generate_series(1, "
            + ROWS
            + ") i");
    lake =
        ServedCopies.define(
            folder.resolve("lake"), database, "prefix: lake\n", "freshness: 300ms\n");
    long began = System.nanoTime();
    lake.start();
    awaitEqual(tables);
    began = told(tables + " tables loaded", began);
    each(tables, "INSERT INTO t%d VALUES (0, 'one more', -1)");
    awaitEqual(tables);
    began = told("one row more in each, a transaction for each", began);
    all(tables, "UPDATE t%d SET v = 'other' WHERE id = 1;DELETE FROM t%1$d WHERE id = 2");
    awaitEqual(tables);
    told("rows changed in each, one transaction for all", began);
  }

  /** Parts, as a query names so many tables at most. */
  private void awaitEqual(int tables) throws Exception {
    for (int from = 0; from < tables; from += AT_ONCE) {
      lake.awaitEqual(
          IntStream.range(from, Math.min(tables, from + AT_ONCE))
              .mapToObj(i -> ServedCopies.Content.of("t" + i, "id", "v", "n"))
              .toList(),
          PATIENCE);
    }
  }

  /** What it took, and the most memory that the server had so far. */
  private long told(String what, long began) throws IOException {
    long now = System.nanoTime();
    System.out.printf(
        "ManyTablesTest: %s: %d s; so far server and engine took %d s of CPU, and the server %d MB%n",
        what,
        (now - began) / 1_000_000_000,
        lake.server().cpu().toSeconds(),
        lake.server().peakKilobytes() / 1024);
    return now;
  }

  private void each(int tables, String sql) throws SQLException {
    run(tables, sql, true);
  }

  private void all(int tables, String sql) throws SQLException {
    run(tables, sql, false);
  }

  private void run(int tables, String sql, boolean alone) throws SQLException {
    try (Connection connection = database.connection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(alone);
      for (int i = 0; i < tables; i++) {
        statement.execute(sql.formatted(i));
      }
      if (!alone) {
        connection.commit();
      }
    }
  }
}
