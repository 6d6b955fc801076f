package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.cdc.Shop.Committed;
import tarn.core.change.Change;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.change.Transaction;
import tarn.testkit.SourcePostgres;

/** Views of a real PostgreSQL while others write. */
class ViewTest {
  /** Enough columns of text that rows move between blocks. */
  private static final String TABLE =
      "CREATE TABLE t (id int PRIMARY KEY, v int, filler text DEFAULT repeat('x', 300))";

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aViewAndTheChangesItDoesNotSeeAreTheWholeHistory(long seed) throws Exception {
    Shop shop = new Shop(TABLE);
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> writers = new ArrayList<>();
    for (int w = 0; w < 4; w++) {
      Random random = new Random(seed * 100 + w);
      int writer = w;
      Thread thread = new Thread(() -> write(shop, writer, random, stop));
      thread.start();
      writers.add(thread);
    }
    Thread.sleep(100 + new Random(seed).nextInt(100));
    shop.prepared();
    SourceTable table = shop.table("t");
    Map<String, String> rows = new TreeMap<>();
    Random moments = new Random(seed);
    try (LoadView view = shop.source.view()) {
      Thread.sleep(moments.nextInt(80));
      for (LoadView.Part part : view.parts(table, 16 * 1024)) {
        for (String line : shop.copy(view, table, part).lines().toList()) {
          String[] values = line.split(",");
          assertThat(rows.put(values[0], values[1])).as(line).isNull();
        }
      }
      stop.set(true);
      for (Thread writer : writers) {
        writer.join();
      }
      shop.database.execute("INSERT INTO t VALUES (-1, 0)");
      Map<String, String> replayed = replay(shop, view, rows);
      Map<String, String> source = new TreeMap<>();
      shop.database.query("SELECT id, v FROM t").forEach(r -> source.put(r.get(0), r.get(1)));
      assertThat(replayed).isEqualTo(source);
    }
  }

  /** Up to the row that was written last. */
  private static Map<String, String> replay(Shop shop, LoadView view, Map<String, String> loaded) {
    Map<String, String> rows = new TreeMap<>(loaded);
    int missed = 0;
    try (var stream = shop.source.follow(Lsn.ZERO)) {
      while (!rows.containsKey("-1")) {
        List<Committed> some = Shop.read(stream, 1);
        assertThat(some).isNotEmpty();
        for (Committed committed : some) {
          if (!view.moment().sees(committed.transaction())) {
            committed.changes().forEach(change -> apply(change, rows));
            missed++;
          }
        }
      }
    }
    assertThat(missed).isGreaterThan(1);
    return rows;
  }

  private static void apply(Change change, Map<String, String> rows) {
    List<String> before = change.before() == null ? List.of() : Shop.texts(change.before());
    List<String> after = change.after() == null ? List.of() : Shop.texts(change.after());
    switch (change.op()) {
      case INSERT -> assertThat(rows.put(after.get(0), after.get(1))).isNull();
      case DELETE -> assertThat(rows.remove(before.get(0))).isNotNull();
      case UPDATE -> {
        String key = before.isEmpty() ? after.get(0) : before.get(0);
        assertThat(rows.remove(key)).isNotNull();
        rows.put(after.get(0), after.get(1));
      }
      case TRUNCATE -> rows.clear();
    }
  }

  /** Each writer has ids of its own, and some transactions stay open for a while or end in vain. */
  private static void write(Shop shop, int writer, Random random, AtomicBoolean stop) {
    try (Connection connection = shop.database.connection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      while (!stop.get()) {
        for (int i = random.nextInt(6); i >= 0; i--) {
          statement.execute(change(random, () -> random.nextInt(60) * 4 + writer));
        }
        if (random.nextInt(8) == 0) {
          Thread.sleep(random.nextInt(60));
        }
        if (random.nextInt(6) == 0) {
          connection.rollback();
        } else {
          connection.commit();
        }
      }
      connection.rollback();
    } catch (SQLException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String change(Random random, java.util.function.IntSupplier id) {
    int value = random.nextInt(1000);
    return switch (random.nextInt(4)) {
      case 0 -> "DELETE FROM t WHERE id = " + id.getAsInt();
      case 1 -> "UPDATE t SET v = " + value + " WHERE id = " + id.getAsInt();
      case 2 -> {
        int from = id.getAsInt();
        int to = id.getAsInt();
        yield "UPDATE t SET id = "
            + to
            + " WHERE id = "
            + from
            + " AND NOT EXISTS (SELECT FROM t WHERE id = "
            + to
            + ")";
      }
      default ->
          "INSERT INTO t VALUES (" + id.getAsInt() + ", " + value + ") ON CONFLICT DO NOTHING";
    };
  }

  @Test
  void whatAViewSeesWasCommittedBeforeItsPlaceInTheLog() {
    Shop shop = new Shop(TABLE).prepared();
    shop.database.execute("INSERT INTO t VALUES (1, 1)");
    try (LoadView view = shop.source.view()) {
      shop.database.execute("INSERT INTO t VALUES (2, 1)");
      List<Transaction> all =
          shop.follow(Lsn.ZERO, 2).stream().map(Committed::transaction).toList();
      assertThat(all).extracting(view.moment()::sees).containsExactly(true, false);
      assertThat(all.get(0).commit()).isLessThan(view.moment().log());
    }
  }

  @Test
  void partsOfATableAreItsRowsOnceAlsoIfItHasPartitionsOrHeirs() {
    Shop shop =
        new Shop(
                TABLE,
                "INSERT INTO t SELECT n, n FROM generate_series(1, 3000) n",
                "DELETE FROM t WHERE id % 3 = 0",
                "CREATE TABLE heir (more int) INHERITS (t)",
                "INSERT INTO heir VALUES (1, 1, 'x', 2)",
                "CREATE TABLE p (id int PRIMARY KEY, v int, filler text) PARTITION BY RANGE (id)",
                "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2500)",
                "CREATE TABLE p2 (filler text, id int NOT NULL, v int)",
                "ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (2500) TO (9000)",
                "INSERT INTO p SELECT n, n, repeat('x', 300) FROM generate_series(1, 3000) n",
                "CREATE TABLE e (id int PRIMARY KEY)",
                "ALTER TABLE heir REPLICA IDENTITY FULL",
                "ANALYZE")
            .prepared();
    try (LoadView view = shop.source.view()) {
      assertRows(shop, view, "t", 2000, 10);
      assertRows(shop, view, "heir", 1, 1);
      assertRows(shop, view, "p", 3000, 10);
      assertRows(shop, view, "e", 0, 1);
      assertThat(view.estimatedRows(shop.table("p"))).isEqualTo(3000);
    }
  }

  private static void assertRows(Shop shop, LoadView view, String name, int rows, int leastParts) {
    SourceTable table = shop.table(name);
    List<LoadView.Part> parts = view.parts(table, 32 * 1024);
    boolean divided = SourcePostgres.version() >= ReplicationSlot.TID_RANGES;
    assertThat(parts).hasSizeGreaterThanOrEqualTo(divided ? leastParts : 1);
    List<String> ids =
        parts.stream()
            .flatMap(part -> shop.copy(view, table, part).lines())
            .map(line -> line.split(",")[0])
            .toList();
    assertThat(ids).hasSize(rows).doesNotHaveDuplicates();
  }

  @Test
  void whatRewritesATableWaitsForTheView() {
    Shop shop = new Shop(TABLE, "INSERT INTO t VALUES (1, 1)").prepared();
    try (LoadView view = shop.source.view()) {
      shop.database.execute("INSERT INTO t VALUES (2, 2)");
      for (String rewrite : List.of("TRUNCATE t", "ALTER TABLE t ALTER v TYPE bigint")) {
        org.assertj.core.api.Assertions.assertThatThrownBy(
                () -> shop.database.execute("SET lock_timeout = '30ms'; " + rewrite))
            .rootCause()
            .hasMessageContaining("lock timeout");
      }
      assertThat(shop.copy(view, shop.table("t"), new LoadView.Part(""))).startsWith("1,1,xxx");
    }
    shop.database.execute("TRUNCATE t");
  }
}
