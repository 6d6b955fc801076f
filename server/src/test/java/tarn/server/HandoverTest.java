package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.change.LoadView;
import tarn.core.change.SourceTable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** From the load of a table to the changes that come after it. */
class HandoverTest {
  @TempDir static Path folder;
  private static FollowedShop.Lake lake;

  @BeforeAll
  static void open() {
    lake = new FollowedShop.Lake(folder);
  }

  @AfterAll
  static void close() {
    lake.close();
  }

  @Test
  void case_44_46_whatIsWrittenBeforeDuringAndAfterTheLoadIsThereOnce() throws Exception {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, v int, filler text)",
            "INSERT INTO t SELECT i, 0, repeat('x', 200) FROM generate_series(1, 2000) i");
    shop.freshness = Duration.ofMillis(500);
    AtomicBoolean enough = new AtomicBoolean();
    List<Thread> writers = new ArrayList<>();
    for (int w = 0; w < 3; w++) {
      Random random = new Random(w);
      int writer = w;
      Thread thread = new Thread(() -> write(shop, writer, random, enough));
      thread.start();
      writers.add(thread);
    }
    try {
      shop.follow();
      shop.follow();
    } finally {
      enough.set(true);
    }
    for (Thread writer : writers) {
      writer.join();
    }
    shop.follow().assertEqual("t");
  }

  /** Each has rows of its own. */
  private static void write(FollowedShop shop, int writer, Random random, AtomicBoolean enough) {
    try (Connection connection = shop.database.connection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int n = 0; n < 500 && !enough.get(); n++) {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(8));
        for (int i = random.nextInt(4); i >= 0; i--) {
          int id = random.nextInt(700) * 3 + writer;
          statement.execute(
              switch (random.nextInt(4)) {
                case 0 -> "DELETE FROM t WHERE id = " + id;
                case 1 ->
                    "DELETE FROM t WHERE id = "
                        + id
                        + "; INSERT INTO t VALUES ("
                        + id
                        + ", -1, 'again')";
                case 2 -> "UPDATE t SET v = v + 1 WHERE id = " + id;
                default -> "INSERT INTO t VALUES (" + id + ", 7) ON CONFLICT (id) DO NOTHING";
              });
        }
        if (random.nextInt(5) == 0) {
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

  /** The slot begins when they have ended. */
  @Test
  void case_45_whatWasOpenOrPreparedBeforeTheSlotIsThere() throws Exception {
    FollowedShop shop = new FollowedShop(lake, "CREATE TABLE t (id int PRIMARY KEY)");
    Connection open = shop.database.connection();
    open.setAutoCommit(false);
    try (Statement statement = open.createStatement()) {
      statement.execute("INSERT INTO t VALUES (1)");
      statement.execute("SAVEPOINT a");
      statement.execute("INSERT INTO t VALUES (100)");
      statement.execute("ROLLBACK TO SAVEPOINT a");
      statement.execute("SAVEPOINT b");
      statement.execute("INSERT INTO t VALUES (2)");
      statement.execute("RELEASE SAVEPOINT b");
    }
    String prepared = "p_" + shop.database.database();
    shop.database.execute(
        "BEGIN; INSERT INTO t VALUES (3); PREPARE TRANSACTION '" + prepared + "'",
        "BEGIN; INSERT INTO t VALUES (101); ROLLBACK");
    Thread later =
        new Thread(
            () -> {
              awaitSlotIsBegun(shop);
              try {
                open.commit();
                open.close();
              } catch (SQLException e) {
                throw new AssertionError(e);
              }
              shop.database.execute("COMMIT PREPARED '" + prepared + "'");
            });
    later.start();
    shop.follow();
    later.join();
    shop.follow().assertEqual("t");
    assertThat(shop.rows("SELECT id FROM t ORDER BY id", "t")).isEqualTo("[[1],[2],[3]]");
  }

  private static void awaitSlotIsBegun(FollowedShop shop) {
    String begun =
        "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '"
            + shop.database.database()
            + "'";
    while (!shop.database.value(begun).equals("1")) {
      Thread.onSpinWait();
    }
  }

  @Test
  void case_45_whatIsPreparedLaterComesWithItsCommit() {
    FollowedShop shop = new FollowedShop(lake, "CREATE TABLE t (id int PRIMARY KEY)");
    shop.follow();
    String kept = "kept_" + shop.database.database();
    String gone = "gone_" + shop.database.database();
    shop.database.execute(
        "BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION '" + kept + "'",
        "BEGIN; INSERT INTO t VALUES (2); PREPARE TRANSACTION '" + gone + "'");
    shop.follow();
    assertThat(shop.rows("SELECT count(*) FROM t", "t")).isEqualTo("[[0]]");
    shop.database.execute("ROLLBACK PREPARED '" + gone + "'", "COMMIT PREPARED '" + kept + "'");
    shop.follow().assertEqual("t");
    assertThat(shop.rows("SELECT id FROM t", "t")).isEqualTo("[[1]]");
  }

  @Test
  void case_47_keysOfAnyKindAndHolesInTheTableDoNotMatterToTheLoad() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE skewed (id bigint PRIMARY KEY, v text)",
            "INSERT INTO skewed SELECT CASE WHEN i < 1990 THEN -i ELSE 9000000000000 + i END, repeat('y', 300) FROM generate_series(1, 2000) i",
            "DELETE FROM skewed WHERE id % 3 = 0",
            "CREATE TABLE ids (id uuid PRIMARY KEY)",
            "INSERT INTO ids SELECT gen_random_uuid() FROM generate_series(1, 500)",
            "CREATE TABLE pairs (a text, b int, PRIMARY KEY (b, a))",
            "INSERT INTO pairs SELECT 'a' || i % 7, i FROM generate_series(1, 500) i",
            "VACUUM skewed");
    shop.follow().assertEqual("skewed", "ids", "pairs");
    shop.database.execute(
        "VACUUM FULL skewed", "CLUSTER skewed USING skewed_pkey", "UPDATE skewed SET v = 'z'");
    shop.follow().assertEqual("skewed");
  }

  @Test
  void case_48_tablesAreEmptyComeLaterAndGo() {
    FollowedShop shop = new FollowedShop(lake, "CREATE TABLE a (id int PRIMARY KEY, v date)");
    shop.follow().assertEqual("a");
    shop.database.execute(
        "CREATE TABLE b (id int PRIMARY KEY)",
        "INSERT INTO b VALUES (1)",
        "INSERT INTO a VALUES (1)");
    shop.follow().assertEqual("a", "b");
    shop.database.execute("INSERT INTO b VALUES (2)", "DROP TABLE a", "DELETE FROM b WHERE id = 1");
    shop.follow().assertEqual("b");
    assertThat(shop.rows("SELECT id FROM t", "a")).as("as it was").isEqualTo("[[1]]");
  }

  @Test
  void case_48_twelveTablesAreLoadedAndFollowedTogether() {
    String[] tables =
        IntStream.range(0, 12)
            .mapToObj(i -> "CREATE TABLE t" + i + " (id int PRIMARY KEY)")
            .toArray(String[]::new);
    FollowedShop shop = new FollowedShop(lake, tables);
    shop.follow();
    StringBuilder all = new StringBuilder("BEGIN;");
    for (int i = 0; i < 12; i++) {
      all.append("INSERT INTO t").append(i).append(" VALUES (").append(i).append(");");
    }
    shop.database.execute(all.append("COMMIT").toString());
    shop.follow().assertEqual("t0", "t7", "t11");
  }

  /** Whoever hides rows or columns from the lake must not find them there. */
  @Test
  void case_49_aPublicationThatHidesRowsOrColumnsIsRefused() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, secret text)",
            "INSERT INTO t SELECT i, 'hidden' FROM generate_series(1, 10) i",
            "CREATE PUBLICATION tarn FOR TABLE t (id) WHERE (id > 5), zz_marker WITH (publish_via_partition_root = true)");
    assertThatThrownBy(shop::land)
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_REFUSED));
    assertThat(
            shop.database.value(
                "SELECT rowfilter FROM pg_publication_tables WHERE tablename = 't'"))
        .isEqualTo("(id > 5)");
  }

  @Test
  void case_50_aLoadThatIsCutGoesOnWithTheRowsThatAreMissing() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, filler text)",
            "INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 5000) i",
            "ANALYZE t");
    AtomicLong copied = new AtomicLong();
    AtomicBoolean cut = new AtomicBoolean();
    shop.between =
        opened ->
            new FollowedShop.Wrapped(opened) {
              @Override
              public LoadView view() {
                return counting(super.view(), copied, cut);
              }
            };
    while (!cut.get()) {
      try {
        shop.land();
      } catch (TarnException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_UNAVAILABLE);
      }
    }
    shop.follow().assertEqual("t");
    assertThat(copied).hasValueLessThan(8_000);
  }

  /** Is cut once, when a third has been copied. */
  private static LoadView counting(LoadView view, AtomicLong copied, AtomicBoolean cut) {
    return (LoadView)
        Proxy.newProxyInstance(
            LoadView.class.getClassLoader(),
            new Class<?>[] {LoadView.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("copy") && copied.get() > 1_600 && !cut.getAndSet(true)) {
                throw new TarnException(ErrorCode.SOURCE_UNAVAILABLE, "cut on purpose");
              }
              try {
                Object answer = method.invoke(view, arguments);
                if (answer instanceof Long rows && method.getName().equals("copy")) {
                  copied.addAndGet(rows);
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void case_51_aTableThatMayNotBeReadDoesNotHoldUpTheOthers() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE open (id int PRIMARY KEY)",
            "CREATE TABLE closed (id int PRIMARY KEY)",
            "INSERT INTO open VALUES (1)");
    String user = "reader_" + shop.database.database();
    shop.database.execute(
        "CREATE ROLE " + user + " LOGIN REPLICATION PASSWORD 'x'",
        "GRANT SELECT ON open, zz_marker TO " + user,
        "CREATE PUBLICATION tarn FOR TABLE open, zz_marker WITH (publish_via_partition_root = true)");
    shop.between = opened -> new tarn.cdc.PostgresSource(shop.settings(user, "x"));
    shop.follow().assertEqual("open");
  }

  /** Between the moment when columns are looked up and the one that is loaded. */
  @Test
  void case_61_aColumnThatIsAddedJustBeforeTheLoadIsLoaded() {
    FollowedShop shop =
        new FollowedShop(
            lake, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)");
    AtomicBoolean altered = new AtomicBoolean();
    shop.between =
        opened ->
            new FollowedShop.Wrapped(opened) {
              @Override
              public LoadView view() {
                if (!altered.getAndSet(true)) {
                  shop.database.execute("ALTER TABLE t ADD COLUMN v int", "UPDATE t SET v = id");
                }
                return super.view();
              }
            };
    shop.follow();
    shop.follow().assertEqual("t");
  }

  @Test
  void case_61_aTableThatIsRenamedWhileItIsLoadedIsLoadedUnderItsNewName() {
    FollowedShop shop =
        new FollowedShop(
            lake, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)");
    shop.follow();
    shop.database.execute("ALTER TABLE t RENAME TO renamed", "INSERT INTO renamed VALUES (3)");
    shop.follow();
    shop.follow().assertEqual("renamed");
    assertThat(shop.open().tables()).extracting(SourceTable::name).contains("renamed");
  }
}
