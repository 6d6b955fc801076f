package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tarn.cdc.Shop.Committed;
import tarn.cdc.Shop.History;
import tarn.core.change.ChangeSource;
import tarn.core.change.ChangeStream;
import tarn.core.change.Lsn;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.testkit.SourcePostgres;

/** Changes of a real PostgreSQL. */
class FollowTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  @Test
  void everyTransactionComesOnceInTheOrderOfCommitsAlsoAfterReconnects() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY, by int)").prepared();
    int each = 60;
    Thread[] writers = new Thread[3];
    for (int w = 0; w < writers.length; w++) {
      int writer = w;
      writers[w] = new Thread(() -> insert(shop, writer, each));
      writers[w].start();
    }
    Random random = new Random(7);
    List<Committed> all = new ArrayList<>();
    Lsn after = Lsn.ZERO;
    int restarts = 0;
    while (all.size() < writers.length * each) {
      try (ChangeStream stream = shop.source.follow(after)) {
        List<Committed> some =
            Shop.read(stream, Math.min(1 + random.nextInt(30), 3 * each - all.size()));
        assertThat(some)
            .as("after %s, of %s, %s", after, all.size(), shop.source.state())
            .isNotEmpty();
        after = some.get(some.size() - 1).end();
        all.addAll(some);
        if (random.nextBoolean()) {
          stream.acknowledge(after);
        }
        if (random.nextInt(3) == 0) {
          stream.next(new History(), Duration.ofMillis(20));
        }
      }
      if (all.size() > 60 && restarts++ == 0) {
        join(writers);
        SourcePostgres.restart();
      }
    }
    assertThat(shop.follow(after, 0)).isEmpty();
    List<String> source =
        shop.database.query("SELECT id FROM t ORDER BY id").stream()
            .map(row -> row.get(0))
            .toList();
    assertThat(all.stream().flatMap(c -> c.changes().stream()))
        .extracting(c -> Shop.texts(c.after()).get(0))
        .containsExactlyInAnyOrderElementsOf(source);
    assertThat(all).extracting(c -> c.transaction().commit()).isSorted();
    assertThat(all).allSatisfy(c -> assertThat(c.end()).isGreaterThan(c.transaction().commit()));
  }

  private static void insert(Shop shop, int writer, int count) {
    try (Connection connection = shop.database.connection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < count; i++) {
        statement.execute("INSERT INTO t VALUES (" + (i * 10 + writer) + ", " + writer + ")");
        connection.commit();
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static void join(Thread... threads) {
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void changesAreToldWithOldAndNewRows() throws SQLException {
    Shop shop =
        new Shop(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "CREATE TABLE f (id int, v text)",
                "ALTER TABLE f REPLICA IDENTITY FULL")
            .prepared();
    try (Connection connection = shop.database.connection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, '')");
      statement.execute("SAVEPOINT s");
      statement.execute("INSERT INTO t VALUES (9, 'never')");
      statement.execute("ROLLBACK TO SAVEPOINT s");
      statement.execute("UPDATE t SET v = 'b' WHERE id = 1");
      statement.execute("UPDATE t SET id = 4 WHERE id = 2");
      statement.execute("DELETE FROM t WHERE id = 3");
      statement.execute("INSERT INTO f VALUES (1, 'x')");
      statement.execute("UPDATE f SET v = NULL");
      statement.execute("DELETE FROM f");
      statement.execute("SELECT pg_logical_emit_message(true, 'other', 'ignored')");
      connection.commit();
    }
    shop.database.execute("TRUNCATE t, f");
    List<Committed> all = shop.follow(Lsn.ZERO, 2);
    assertThat(all.get(0).texts())
        .containsExactly(
            "INSERT t -> [1, a]",
            "INSERT t -> [2, null]",
            "INSERT t -> [3, ]",
            "UPDATE t -> [1, b]",
            "UPDATE t [2, null] -> [4, null]",
            "DELETE t [3, null]",
            "INSERT f -> [1, x]",
            "UPDATE f [1, x] -> [1, null]",
            "DELETE f [1, null]");
    assertThat(all.get(1).texts()).containsExactlyInAnyOrder("TRUNCATE t", "TRUNCATE f");
  }

  @Test
  void unchangedToastValuesAreMarkedUnlessTheOldRowHasThem() {
    String big = "SELECT string_agg(md5(n::text), '') FROM generate_series(1, 400) n";
    Shop shop =
        new Shop(
                "CREATE TABLE t (id int PRIMARY KEY, n int, v text)",
                "CREATE TABLE f (id int PRIMARY KEY, n int, v text)",
                "ALTER TABLE f REPLICA IDENTITY FULL")
            .prepared();
    shop.database.execute(
        "INSERT INTO t SELECT 1, 1, (" + big + ")",
        "UPDATE t SET n = 2",
        "INSERT INTO f SELECT 1, 1, (" + big + ")",
        "UPDATE f SET n = 2");
    List<Committed> all = shop.follow(Lsn.ZERO, 4);
    String value = shop.database.value(big);
    assertThat(all.get(0).texts()).containsExactly("INSERT t -> [1, 1, " + value + "]");
    assertThat(all.get(1).texts()).containsExactly("UPDATE t -> [1, 2, unchanged]");
    assertThat(Shop.texts(all.get(3).changes().get(0).after())).containsExactly("1", "2", value);
  }

  @Test
  void changesOfAnAlteredTableHaveTheTableOfTheirTime() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY, v int)").prepared();
    shop.database.execute(
        "INSERT INTO t VALUES (1, 1)",
        "ALTER TABLE t ADD COLUMN w numeric(9,2) DEFAULT 1.5",
        "INSERT INTO t VALUES (2, 2)",
        "ALTER TABLE t ALTER COLUMN v TYPE bigint",
        "ALTER TABLE t RENAME COLUMN w TO x",
        "INSERT INTO t VALUES (3, 3)",
        "ALTER TABLE t DROP CONSTRAINT t_pkey",
        "ALTER TABLE t REPLICA IDENTITY FULL",
        "INSERT INTO t VALUES (4, 4)",
        "ALTER TABLE t ADD PRIMARY KEY (id)",
        "INSERT INTO t VALUES (5, 5)");
    List<Committed> all = shop.follow(Lsn.ZERO, 5);
    assertThat(all)
        .extracting(
            c -> c.changes().get(0).table().columns().toString().replace("SourceColumn", ""))
        .map(
            s ->
                s.replaceAll(
                    "\\[name=(\\w+), sourceType=([^=]+), type=[^=]+, key=\\w+, filled=\\w+\\]",
                    "$1 $2"))
        .startsWith(
            "[id integer, v integer]",
            "[id integer, v integer, w numeric(9,2)]",
            "[id integer, v bigint, x numeric(9,2)]");
    assertThat(all.get(0).changes().get(0).table().key()).containsExactly("id");
    assertThat(all.get(4).changes().get(0).table()).isEqualTo(shop.table("t"));
    assertThat(shop.table("t").key()).containsExactly("id");
  }

  @Test
  void aLargeTransactionComesPieceByPieceAndIsReadThroughAtItsEndOnly() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)").prepared();
    shop.database.execute("INSERT INTO t SELECT generate_series(1, 50000)");
    try (ChangeStream stream = shop.source.follow(Lsn.ZERO)) {
      History history = new History();
      Lsn before = stream.readThrough();
      int pieces = 0;
      while (history.committed.isEmpty()) {
        before = stream.readThrough();
        pieces += stream.next(history, Duration.ofMillis(1)) ? 1 : 0;
      }
      assertThat(pieces).isGreaterThan(2);
      assertThat(before).isLessThan(history.committed.get(0).end());
      assertThat(history.committed.get(0).changes()).hasSize(50_000);
      assertThat(stream.readThrough())
          .isBetween(history.committed.get(0).end(), shop.source.state().log());
    }
  }

  @Test
  void anIdleTableDoesNotKeepTheLogOfABusyDatabase() throws Exception {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)").prepared();
    try (ChangeStream stream = shop.source.follow(Lsn.ZERO)) {
      shop.database.execute("CREATE TABLE other (id int)", "INSERT INTO other VALUES (1)");
      Lsn now = shop.source.state().log();
      shop.database.execute("INSERT INTO other VALUES (1)");
      await(
          () -> {
            assertThat(stream.next(new History(), Duration.ofMillis(50))).isFalse();
            return stream.readThrough().compareTo(now) >= 0;
          });
      stream.acknowledge(stream.readThrough());
      await(() -> shop.source.state().slot().orElseThrow().confirmed().compareTo(now) >= 0);
    }
  }

  @Test
  void aBusyCallerKeepsItsConnection() throws Exception {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY, v text)");
    shop.database.execute(
        "ALTER DATABASE " + shop.database.database() + " SET wal_sender_timeout = '3s'");
    shop.prepared();
    shop.database.execute(
        "INSERT INTO t SELECT n, repeat('x', 200) FROM generate_series(1, 100000) n");
    try (ChangeStream stream = shop.source.follow(Lsn.ZERO)) {
      History history = new History();
      stream.next(history, Duration.ofMillis(1));
      Thread.sleep(4500);
      while (history.committed.isEmpty()) {
        stream.next(history, Shop.PATIENCE);
      }
      shop.database.execute("INSERT INTO t VALUES (0, '')");
      assertThat(Shop.read(stream, 1)).hasSize(1);
    }
  }

  @Test
  void twoCannotFollow() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)").prepared();
    try (ChangeStream stream = shop.source.follow(Lsn.ZERO)) {
      assertThat(shop.source.state().slot().orElseThrow().active()).isTrue();
      assertFails(() -> shop.source.follow(Lsn.ZERO), ErrorCode.BUSY, "followed by another");
      assertFails(shop.source::forget, ErrorCode.BUSY, "in use");
      shop.database.execute("INSERT INTO t VALUES (1)");
      assertThat(Shop.read(stream, 1)).hasSize(1);
    }
  }

  @Test
  void aSlotThatIsGoneIsLost() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)").prepared();
    ChangeSource source = shop.source;
    Lsn later = new Lsn(source.state().log().value() + (1L << 32));
    assertFails(() -> source.follow(later), ErrorCode.SOURCE_LOST, "older copy");
    shop.database.execute("DROP PUBLICATION tarn");
    assertFails(() -> source.follow(Lsn.ZERO), ErrorCode.SOURCE_LOST, "no publication");
    source.forget();
    assertThat(source.state().slot()).isEmpty();
    assertFails(() -> source.follow(Lsn.ZERO), ErrorCode.SOURCE_LOST, "no slot");
  }

  @Test
  void aSlotWhoseLogWasRemovedIsLost() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)").prepared();
    try {
      shop.database.execute(
          "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()");
      for (int i = 0; i < 4; i++) {
        shop.database.execute("INSERT INTO t VALUES (" + i + ")", "SELECT pg_switch_wal()");
      }
      shop.database.execute("CHECKPOINT");
      assertThat(shop.source.state().slot().orElseThrow().usable()).isFalse();
      assertFails(() -> shop.source.follow(Lsn.ZERO), ErrorCode.SOURCE_LOST, "invalidated");
    } finally {
      shop.database.execute("ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()");
    }
  }

  @Test
  void aCutStreamSaysSoAndNothingIsLost() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)").prepared();
    try (ChangeStream stream = shop.source.follow(Lsn.ZERO)) {
      shop.database.execute("INSERT INTO t VALUES (1)");
      assertThat(Shop.read(stream, 1)).hasSize(1);
      shop.database.cutConnections();
      assertFails(() -> Shop.read(stream, 1), ErrorCode.SOURCE_UNAVAILABLE, "localhost");
      assertFails(() -> Shop.read(stream, 1), ErrorCode.SOURCE_UNAVAILABLE, "follow again");
    }
    shop.database.execute("INSERT INTO t VALUES (2)");
    assertThat(shop.follow(Lsn.ZERO, 2)).hasSize(2);
  }

  @Test
  void aSinkThatFailsEndsTheStream() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)").prepared();
    shop.database.execute("INSERT INTO t VALUES (1)");
    try (ChangeStream stream = shop.source.follow(Lsn.ZERO)) {
      History full =
          new History() {
            @Override
            public void change(tarn.core.change.Change change) {
              throw new IllegalStateException("full");
            }
          };
      assertThatThrownBy(() -> stream.next(full, SHORT.plus(Shop.PATIENCE))).hasMessage("full");
      assertFails(() -> stream.next(new History(), SHORT), ErrorCode.SOURCE_UNAVAILABLE, "follow");
    }
    assertThat(shop.follow(Lsn.ZERO, 1)).hasSize(1);
  }

  @Test
  void changesOfPartitionsAreThoseOfTheirTable() {
    Shop shop =
        new Shop(
                "CREATE TABLE t (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
                "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')")
            .prepared();
    assertThat(shop.source.tables()).extracting(t -> t.name()).containsExactly("t");
    shop.database.execute(
        "INSERT INTO t1 VALUES (1, '2026-01-05')", "UPDATE t SET day = '2026-02-05'");
    assertThat(shop.follow(Lsn.ZERO, 2))
        .flatMap(Committed::texts)
        .containsExactly(
            "INSERT t -> [1, 2026-01-05]",
            "DELETE t [1, 2026-01-05]",
            "INSERT t -> [1, 2026-02-05]");
  }

  @Test
  void namesOfAnyKindAreKept() {
    Shop shop =
        new Shop(
                "CREATE TABLE \"Or\"\"der.s 'x'\" (\"Id\" int PRIMARY KEY, id text, \"sel,ect\" int)")
            .prepared();
    shop.database.execute("INSERT INTO \"Or\"\"der.s 'x'\" VALUES (1, 'a', 2)");
    List<Committed> all = shop.follow(Lsn.ZERO, 1);
    assertThat(all.get(0).changes().get(0).table()).isEqualTo(shop.source.tables().get(0));
    assertThat(all.get(0).texts()).containsExactly("INSERT Or\"der.s 'x' -> [1, a, 2]");
    try (var view = shop.source.view()) {
      assertThat(
              shop.copy(
                  view,
                  shop.source.tables().get(0),
                  view.parts(shop.source.tables().get(0), 1).get(0)))
          .isEqualTo("1,a,2\n");
    }
  }

  interface Condition {
    boolean holds() throws Exception;
  }

  static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + Shop.PATIENCE.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  static void assertFails(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code, String... says) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TarnException.class,
            e -> {
              assertThat(e.code()).as(e.line()).isEqualTo(code);
              assertThat(e.line()).contains(says).doesNotContain("\n");
            });
  }
}
