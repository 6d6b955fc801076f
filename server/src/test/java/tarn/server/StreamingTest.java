package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.source.Copies;
import tarn.core.table.TableStore;

/** Transactions and altered tables, as they come one after the other. */
class StreamingTest {
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
  void case_53_aTransactionOfTwoTablesIsOneCommit() {
    FollowedShop shop =
        new FollowedShop(
            lake, "CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (id int PRIMARY KEY)");
    shop.follow();
    shop.database.execute(
        "BEGIN; INSERT INTO a VALUES (1); INSERT INTO b VALUES (1); COMMIT",
        "BEGIN; INSERT INTO b VALUES (2); UPDATE a SET id = 2; COMMIT");
    shop.land();
    List<Integer> commits = new ArrayList<>();
    shop.apply(counting(commits));
    assertThat(commits).as("tables in each commit").containsExactly(3); // and the marker's
    shop.assertEqual("a", "b");
  }

  private static TableStore counting(List<Integer> commits) {
    return (TableStore)
        Proxy.newProxyInstance(
            TableStore.class.getClassLoader(),
            new Class<?>[] {TableStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("commit")) {
                commits.add(((List<?>) arguments[0]).size());
              }
              try {
                return method.invoke(lake.tables, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void case_54_aLargeTransactionIsOneBatch() {
    ofOneTransaction(30_000);
  }

  /** In a JVM of 1 GB: {@code -Dtarn.rows=10000000}. */
  @Test
  @Tag("soak")
  void case_54_aTransactionOfMillionsOfRowsIsOneBatch() {
    ofOneTransaction(Integer.getInteger("tarn.rows", 10_000_000));
  }

  private static void ofOneTransaction(int rows) {
    FollowedShop shop =
        new FollowedShop(lake, "CREATE TABLE t (id int PRIMARY KEY, n bigint, v text)");
    shop.follow();
    long before = lake.ledger.lastSeq();
    shop.database.execute(
        "BEGIN; INSERT INTO t SELECT i, i * 7, md5(i::text) FROM generate_series(1, "
            + rows
            + ") i; UPDATE t SET n = n + 1 WHERE id % 10 = 0; DELETE FROM t WHERE id % 10 = 1; COMMIT");
    shop.land();
    assertThat(lake.ledger.lastSeq() - before).as("batches").isLessThanOrEqualTo(2);
    shop.apply();
    assertSums(shop);
    shop.database.execute("UPDATE t SET n = n + 1");
    shop.follow();
    assertSums(shop);
  }

  private static void assertSums(FollowedShop shop) {
    String sums = "SELECT concat_ws(' ', count(*), sum(n), min(v), max(v)) FROM t";
    assertThat(shop.rows(sums, "t")).isEqualTo("[[\"" + shop.database.value(sums) + "\"]]");
  }

  @Test
  void case_55_manySmallTransactionsAreFewCommits() throws SQLException {
    FollowedShop shop = new FollowedShop(lake, "CREATE TABLE t (id int PRIMARY KEY)");
    shop.follow();
    try (Connection connection = shop.database.connection();
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < 3_000; i++) {
        statement.execute("INSERT INTO t VALUES (" + i + ")");
      }
    }
    shop.freshness = Duration.ofSeconds(2);
    long before = lake.ledger.lastSeq();
    shop.land();
    assertThat(lake.ledger.lastSeq() - before).as("batches").isLessThan(30);
    List<Integer> commits = new ArrayList<>();
    shop.apply(counting(commits));
    assertThat(commits).hasSize(1);
    shop.assertEqual("t");
  }

  @Test
  void case_56_ofManyChangesOfARowTheLastHolds() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, v text)",
            "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    shop.follow();
    shop.freshness = Duration.ofSeconds(1);
    shop.database.execute(
        "UPDATE t SET v = 'x' WHERE id = 1",
        "UPDATE t SET v = 'y' WHERE id = 1",
        "INSERT INTO t VALUES (10, 'never')",
        "DELETE FROM t WHERE id = 10",
        "DELETE FROM t WHERE id = 2",
        "INSERT INTO t VALUES (2, 'again')",
        "BEGIN; DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (3, 'one'); DELETE FROM t WHERE id = 3; COMMIT",
        "BEGIN; INSERT INTO t VALUES (4, 'one'); DELETE FROM t WHERE id = 4; INSERT INTO t VALUES (4, 'two'); COMMIT");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_57_truncatesOfSeveralTablesAndRowsAfterThem() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE a (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, v text)",
            "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a)",
            "CREATE TABLE c (id int PRIMARY KEY)",
            "INSERT INTO a (v) SELECT 'v' FROM generate_series(1, 5)",
            "INSERT INTO b SELECT i, i FROM generate_series(1, 5) i",
            "INSERT INTO c VALUES (1)");
    shop.follow();
    shop.database.execute(
        "BEGIN; INSERT INTO a (v) VALUES ('before'); TRUNCATE a, c RESTART IDENTITY CASCADE; INSERT INTO a (v) VALUES ('after'); INSERT INTO b VALUES (9, 1); COMMIT",
        "BEGIN; TRUNCATE c; ROLLBACK",
        "INSERT INTO c VALUES (2)");
    shop.follow().assertEqual("a", "b", "c");
    assertThat(shop.rows("SELECT id, v FROM t", "a")).isEqualTo("[[1,\"after\"]]");
  }

  @Test
  void case_58_aColumnThatIsAddedIsNullInOldRows() {
    FollowedShop shop =
        new FollowedShop(
            lake, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)");
    shop.follow();
    shop.database.execute("ALTER TABLE t ADD COLUMN v text", "INSERT INTO t VALUES (3, 'x')");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_58_aColumnThatIsAddedWithADefaultHasItInOldRows() {
    FollowedShop shop =
        new FollowedShop(
            lake, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)");
    shop.follow();
    shop.database.execute(
        "ALTER TABLE t ADD COLUMN v int DEFAULT 7", "INSERT INTO t VALUES (3, 8)");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "ALTER TABLE t ADD COLUMN w int DEFAULT (random() * 1000)::int",
        "INSERT INTO t VALUES (4, 8, 9)");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_59_columnsAndTablesAreDroppedAndRenamed() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, a text, b int, c int)",
            "INSERT INTO t SELECT i, 'a' || i, i, -i FROM generate_series(1, 9) i",
            "CREATE TABLE u (id int PRIMARY KEY)",
            "INSERT INTO u VALUES (1)");
    shop.follow();
    shop.database.execute(
        "ALTER TABLE t RENAME COLUMN a TO z", "UPDATE t SET z = 'new' WHERE id = 1");
    shop.follow().assertEqual("t");
    shop.database.execute("ALTER TABLE t DROP COLUMN b", "INSERT INTO t VALUES (10, 'ten', 10)");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "ALTER TABLE t DROP COLUMN c",
        "ALTER TABLE t ADD COLUMN c text",
        "UPDATE t SET c = 'text'");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "DROP TABLE u", "CREATE TABLE u (id int PRIMARY KEY)", "INSERT INTO u VALUES (2)");
    shop.follow().assertEqual("u");
    shop.database.execute(
        "BEGIN; ALTER TABLE t RENAME TO old; ALTER TABLE u RENAME TO t; COMMIT",
        "INSERT INTO old VALUES (50, 'x', 'y')",
        "INSERT INTO t VALUES (60)");
    shop.follow();
    shop.follow().assertEqual("old", "t");
  }

  /** How a table is replaced by one that was filled beside it. */
  @Test
  void case_59_tablesChangeTheirNames() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, v text)",
            "INSERT INTO t SELECT i, 'old ' || i FROM generate_series(1, 9) i",
            "CREATE TABLE fresh (id int PRIMARY KEY, v text)",
            "INSERT INTO fresh SELECT i, 'new ' || i FROM generate_series(5, 20) i");
    shop.follow().assertEqual("t", "fresh");
    String swap =
        "BEGIN; ALTER TABLE t RENAME TO other; ALTER TABLE fresh RENAME TO t;"
            + " ALTER TABLE other RENAME TO fresh; COMMIT";
    shop.database.execute(swap);
    shop.follow().assertEqual("t", "fresh");
    shop.database.execute(
        "UPDATE t SET v = 'before' WHERE id < 7",
        swap,
        "UPDATE t SET v = 'after' WHERE id < 7",
        "INSERT INTO fresh VALUES (21, 'after')");
    shop.follow();
    shop.follow().assertEqual("t", "fresh");
  }

  /** By then each has its name again, and has changed under another. */
  @Test
  void case_59_namesComeBack() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE a (id int PRIMARY KEY, v text)",
            "INSERT INTO a SELECT i, 'a ' || i FROM generate_series(1, 9) i",
            "CREATE TABLE b (id int PRIMARY KEY, v text)",
            "INSERT INTO b SELECT i, 'b ' || i FROM generate_series(1, 9) i",
            "CREATE TABLE c (id int PRIMARY KEY, v text)",
            "INSERT INTO c VALUES (1, 'c')");
    shop.follow().assertEqual("a", "b", "c");
    String swap = "ALTER TABLE a RENAME TO x; ALTER TABLE b RENAME TO a; ALTER TABLE x RENAME TO b";
    shop.database.execute(
        "BEGIN; " + swap + "; COMMIT",
        "UPDATE a SET v = 'of b' WHERE id = 1",
        "DELETE FROM b WHERE id = 2",
        "BEGIN; " + swap + "; COMMIT",
        "ALTER TABLE c RENAME TO d",
        "UPDATE d SET v = 'of c'",
        "INSERT INTO d VALUES (2, 'of c, too')",
        "ALTER TABLE d RENAME TO c");
    shop.follow();
    shop.follow().assertEqual("a", "b", "c");
    shop.database.execute(
        "BEGIN; " + swap + "; UPDATE a SET v = 'of b again' WHERE id = 3; " + swap + "; COMMIT");
    shop.follow();
    shop.follow().assertEqual("a", "b", "c");
  }

  @Test
  void case_60_typesGrowOrBecomeOthers() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(5), c numeric(6,2), d text)",
            "INSERT INTO t SELECT i, i, 'b' || i, i + 0.25, i::text FROM generate_series(1, 9) i");
    shop.follow();
    shop.database.execute(
        "ALTER TABLE t ALTER a TYPE bigint, ALTER b TYPE text, ALTER c TYPE numeric(12,2)",
        "INSERT INTO t VALUES (10, 5000000000, repeat('b', 300), 1234567890.25, '1')");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "DELETE FROM t WHERE id = 10",
        "ALTER TABLE t ALTER d TYPE int USING d::int, ALTER a TYPE numeric(20,3), ALTER c TYPE numeric(12,4)",
        "UPDATE t SET d = d + 1, a = a + 0.125, c = c + 0.0001 WHERE id < 4");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "ALTER TABLE t ALTER a TYPE smallint USING a::smallint",
        "INSERT INTO t VALUES (11, 1, 'x', 2, 3)");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_61_tablesAreAlteredWithinATransactionAndWhileNobodyFollows() {
    FollowedShop shop =
        new FollowedShop(
            lake, "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1)");
    shop.follow();
    shop.database.execute(
        "BEGIN; INSERT INTO t VALUES (2, 2); ALTER TABLE t ADD COLUMN w text; UPDATE t SET w = 'w' WHERE id = 2; INSERT INTO t VALUES (3, 3, 'x'); COMMIT");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "BEGIN; UPDATE t SET v = 10 WHERE id = 1; ALTER TABLE t ALTER v TYPE text; UPDATE t SET v = 'ten' WHERE id = 2; ALTER TABLE t DROP COLUMN w; INSERT INTO t VALUES (4, 'four'); COMMIT");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "INSERT INTO t VALUES (5, 'five')",
        "ALTER TABLE t ADD COLUMN x int",
        "INSERT INTO t VALUES (6, 'six', 6)",
        "ALTER TABLE t DROP COLUMN v",
        "INSERT INTO t VALUES (7, 7)",
        "ALTER TABLE t RENAME COLUMN x TO v",
        "INSERT INTO t VALUES (8, 8)");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_62_thePrimaryKeyChangesIsDroppedAndComesBack() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, b int NOT NULL)",
            "INSERT INTO t SELECT i, i % 3 FROM generate_series(1, 9) i");
    shop.follow();
    shop.database.execute(
        "ALTER TABLE t DROP CONSTRAINT t_pkey",
        "ALTER TABLE t ADD PRIMARY KEY (b, id)",
        "INSERT INTO t VALUES (1, 7)",
        "DELETE FROM t WHERE id = 2");
    shop.follow().assertEqual("t");
    shop.database.execute("ALTER TABLE t DROP CONSTRAINT t_pkey", "INSERT INTO t VALUES (20, 1)");
    shop.follow();
    shop.database.execute(
        "DELETE FROM t WHERE id = 1 AND b = 7; ALTER TABLE t ADD PRIMARY KEY (id)",
        "UPDATE t SET b = 100 WHERE id = 20");
    shop.follow();
    shop.follow().assertEqual("t");
  }

  @Test
  void case_63_messagesLargeObjectsAndSequencesArePassedOver() {
    FollowedShop shop =
        new FollowedShop(
            lake, "CREATE TABLE t (id bigserial PRIMARY KEY, o oid)", "CREATE SEQUENCE s");
    shop.follow();
    shop.database.execute(
        "SELECT pg_logical_emit_message(true, 'a', 'b')",
        "SELECT pg_logical_emit_message(false, 'a', 'b')",
        "BEGIN; SELECT nextval('s'); INSERT INTO t (o) SELECT lo_from_bytea(0, 'large'); SELECT pg_logical_emit_message(true, 'a', 'c'); COMMIT",
        "SELECT lo_unlink(o) FROM t",
        "ALTER SEQUENCE s RESTART");
    shop.follow().assertEqual("t");
  }

  /** Each connection is told anew what the tables are. */
  @Test
  void case_64_rowsAfterAReconnectHaveTheirTables() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE a (id int PRIMARY KEY)",
            "CREATE TABLE b (id int PRIMARY KEY, v text)");
    shop.follow();
    for (int i = 1; i <= 3; i++) {
      shop.database.execute(
          "INSERT INTO b VALUES (" + i + ", 'v')", "INSERT INTO a VALUES (" + i + ")");
      shop.land();
      shop.database.cutConnections();
    }
    shop.apply();
    shop.assertEqual("a", "b");
  }

  @Test
  void case_66_changesComeInTheOrderOfCommitsNotOfBeginnings() throws SQLException {
    FollowedShop shop =
        new FollowedShop(
            lake, "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a')");
    shop.follow();
    try (Connection first = shop.database.connection();
        Statement statement = first.createStatement()) {
      first.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES (2, 'first')");
      shop.database.execute("UPDATE t SET v = 'second' WHERE id = 1");
      statement.execute("UPDATE t SET v = v || ' then first' WHERE id = 1");
      first.commit();
    }
    shop.follow().assertEqual("t");
  }

  /** A subscription of the database itself, or whoever names an origin. */
  @Test
  void case_67_changesWithAnOriginAreChangesLikeOthers() throws SQLException {
    FollowedShop shop = new FollowedShop(lake, "CREATE TABLE t (id int PRIMARY KEY)");
    shop.follow();
    String origin = "origin_" + shop.database.database();
    try (Connection connection = shop.database.connection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_replication_origin_create('" + origin + "')");
      statement.execute("SELECT pg_replication_origin_session_setup('" + origin + "')");
      statement.execute("INSERT INTO t VALUES (1)");
    }
    shop.database.execute("INSERT INTO t VALUES (2)");
    shop.follow().assertEqual("t");
    shop.database.execute("SELECT pg_replication_origin_drop('" + origin + "')");
  }

  @Test
  void case_65_anIdleTablesSlotGoesOn() {
    FollowedShop shop =
        new FollowedShop(lake, "CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE busy (id int)");
    shop.follow();
    String confirmed =
        "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
            + shop.database.database()
            + "'";
    String before = shop.database.value(confirmed);
    shop.database.execute("INSERT INTO busy SELECT generate_series(1, 20000)");
    String written = shop.database.value("SELECT pg_current_wal_lsn()");
    shop.land();
    assertThat(shop.landedUpTo()).isGreaterThan(tarn.core.change.Lsn.parse(written));
    String moved = "SELECT (" + confirmed + ") > '" + before + "'";
    for (int i = 0; i < 100 && shop.database.value(moved).equals("f"); i++) {
      shop.land(); // a round may end before the server is told
    }
    assertThat(shop.database.value(moved)).isEqualTo("t");
    assertThat(lake.ledger.batches(Set.of(shop.source), 0, 1_000)).isNotEmpty();
    assertThat(shop.apply(lake.tables)).extracting(Copies.Applied::table).isNotEmpty();
  }
}
