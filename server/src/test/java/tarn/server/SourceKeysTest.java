package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By what rows are told, and what becomes of them when that changes. */
class SourceKeysTest {
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
  void case_27_thePrimaryKeyTellsRowsAlsoWhenItChanges() {
    changedWith("");
  }

  @Test
  void case_28_allColumnsAsIdentityDoToo() {
    changedWith("ALTER TABLE t REPLICA IDENTITY FULL");
  }

  private static void changedWith(String identity) {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, v text); " + identity,
            "INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 30) i");
    shop.follow();
    shop.database.execute(
        "UPDATE t SET v = 'w' WHERE id <= 10",
        "UPDATE t SET id = id + 100 WHERE id BETWEEN 5 AND 15",
        "UPDATE t SET id = id + 100, v = NULL WHERE id = 20",
        "DELETE FROM t WHERE id IN (1, 106, 30)");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_29_theReplicaIdentityIsTheKeyAndNotThePrimaryKey() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b text NOT NULL, v int)",
            "CREATE UNIQUE INDEX i ON t (b, a)",
            "ALTER TABLE t REPLICA IDENTITY USING INDEX i",
            "INSERT INTO t SELECT i, i % 3, 'b' || i, i FROM generate_series(1, 12) i");
    shop.follow();
    shop.database.execute(
        "UPDATE t SET v = 0 WHERE id < 4",
        "UPDATE t SET id = id + 50 WHERE id > 9",
        "UPDATE t SET a = a + 10 WHERE id = 5",
        "DELETE FROM t WHERE id = 7");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_30_aTableWithoutIdentityIsOnlyAddedTo() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, v int)",
            "ALTER TABLE t REPLICA IDENTITY NOTHING",
            "INSERT INTO t VALUES (1, 1)");
    shop.appendOnly = List.of("public.t");
    shop.follow();
    shop.database.execute("INSERT INTO t VALUES (2, 2)");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_31_ofEqualRowsOneGoesForEachThatIsDeleted() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (a int, b text)",
            "ALTER TABLE t REPLICA IDENTITY FULL",
            "INSERT INTO t SELECT i % 2, NULL FROM generate_series(1, 10) i");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE a = 1)",
        "UPDATE t SET b = 'x' WHERE ctid = (SELECT max(ctid) FROM t WHERE a = 0)",
        "INSERT INTO t VALUES (1, NULL)");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_32_theIdentityMayChangeWhileItIsFollowed() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, other int NOT NULL UNIQUE, v text)",
            "INSERT INTO t SELECT i, -i, 'v' FROM generate_series(1, 20) i");
    shop.follow();
    String[] changes = {
      "UPDATE t SET v = v || 'w' WHERE id < 8",
      "UPDATE t SET id = id + 100 WHERE id % 5 = 0",
      "UPDATE t SET other = other - 100 WHERE id % 4 = 0",
      "DELETE FROM t WHERE id = (SELECT min(id) FROM t)"
    };
    for (String identity :
        new String[] {"FULL", "USING INDEX t_other_key", "DEFAULT", "FULL", "DEFAULT"}) {
      shop.database.execute(changes);
      shop.database.execute("ALTER TABLE t REPLICA IDENTITY " + identity);
      shop.database.execute(changes);
      shop.follow().assertEqual("t");
    }
  }

  @Test
  void case_33_keysOfEveryTypeAndOrderTellRows() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE numbers (v int, k numeric PRIMARY KEY)",
            "INSERT INTO numbers VALUES (1, 1.0), (2, 2.50), (3, 'NaN'), (4, -0.00)",
            "CREATE TABLE exact (k numeric(9,2) PRIMARY KEY, v int)",
            "INSERT INTO exact VALUES (1.0, 1), (2.5, 2), (-3, 3)",
            "CREATE TABLE texts (k text PRIMARY KEY, v int)",
            "INSERT INTO texts VALUES ('', 1), ('a', 2), ('A', 3), (E'\\u00e9', 4), (E'e\\u0301', 5), ('a ', 6)",
            "CREATE TABLE ids (k uuid PRIMARY KEY, v int)",
            "INSERT INTO ids SELECT gen_random_uuid(), i FROM generate_series(1, 9) i",
            "CREATE TABLE moments (k timestamptz PRIMARY KEY, v int)",
            "INSERT INTO moments VALUES ('2026-03-29 02:30:00.000001+02', 1), ('2026-03-29 01:30:00+02', 2)",
            "CREATE TABLE several (v int, b text, a int, c date, PRIMARY KEY (c, a, b))",
            "INSERT INTO several SELECT i, 'b' || i % 2, i % 3, date '2026-01-01' + i FROM generate_series(1, 9) i");
    shop.follow();
    shop.database.execute(
        "UPDATE numbers SET v = v + 10",
        "UPDATE numbers SET k = 1.00 WHERE k = 1",
        "UPDATE numbers SET v = 7 WHERE k = 1.000",
        "DELETE FROM numbers WHERE k = 2.5",
        "UPDATE numbers SET k = 0 WHERE k = 0",
        "UPDATE exact SET v = v + 10",
        "UPDATE exact SET k = 1.00 WHERE k = 1",
        "DELETE FROM exact WHERE k = 2.5",
        "UPDATE texts SET v = v + 10",
        "DELETE FROM texts WHERE k IN ('A', E'\\u00e9')",
        "UPDATE texts SET k = 'A' WHERE k = 'a '",
        "UPDATE ids SET v = v + 10 WHERE v < 5",
        "DELETE FROM ids WHERE v > 7",
        "SET TIME ZONE 'Asia/Tokyo'; UPDATE moments SET v = 5",
        "DELETE FROM moments WHERE k = '2026-03-29 01:30:00+02'",
        "UPDATE several SET v = v + 10 WHERE a = 1",
        "UPDATE several SET c = c + 100 WHERE b = 'b1'",
        "DELETE FROM several WHERE a = 2 AND b = 'b0'");
    shop.follow().assertEqual("numbers", "exact", "texts", "ids", "several");
    assertThat(shop.rows("SELECT CAST(epoch_us(k) AS VARCHAR), v FROM t", "moments"))
        .isEqualTo(
            "[[\""
                + shop.database.value(
                    "SELECT (extract(epoch FROM k) * 1000000)::bigint FROM moments")
                + "\",5]]");
  }

  @Test
  void case_34_keysMayBeSwappedAndPassedOnInOneTransaction() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, v text, big text)",
            "ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL",
            "INSERT INTO t SELECT i, 'v' || i, repeat(md5(i::text), 80) FROM generate_series(1, 30) i");
    shop.follow();
    shop.database.execute(
        "BEGIN; UPDATE t SET id = 0 WHERE id = 1; UPDATE t SET id = 1 WHERE id = 2; UPDATE t SET id = 2 WHERE id = 0; COMMIT",
        "BEGIN; UPDATE t SET id = 100 WHERE id = 3; UPDATE t SET id = 200 WHERE id = 100; UPDATE t SET v = 'moved', id = 300 WHERE id = 200; COMMIT",
        "BEGIN; UPDATE t SET id = 101 WHERE id = 4; DELETE FROM t WHERE id = 101; INSERT INTO t VALUES (4, 'new', NULL); COMMIT",
        "BEGIN; UPDATE t SET id = -id WHERE id BETWEEN 10 AND 20; UPDATE t SET id = 30 + id WHERE id < -9; COMMIT",
        "BEGIN; DELETE FROM t WHERE id = 5; UPDATE t SET id = 5 WHERE id = 6; INSERT INTO t VALUES (6, 'six', 'x'); COMMIT");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_35_aForeignKeyIsNoKey() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE a (id int PRIMARY KEY)",
            "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON UPDATE CASCADE ON DELETE CASCADE)",
            "INSERT INTO a VALUES (1), (2), (3)",
            "INSERT INTO b SELECT i, 1 + i % 3 FROM generate_series(1, 9) i");
    shop.follow();
    shop.database.execute("UPDATE a SET id = 10 WHERE id = 1", "DELETE FROM a WHERE id = 2");
    shop.follow().assertEqual("a", "b");
    assertThat(shop.rows("SELECT count(*) FROM t", "b")).isEqualTo("[[6]]");
  }

  @Test
  void case_36_whatTheOldRowDoesNotTellIsNotNull() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, v text, big text)",
            "ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL",
            "INSERT INTO t SELECT 1, 'v', repeat('x', 3000)");
    shop.follow();
    shop.database.execute("UPDATE t SET id = 2", "UPDATE t SET id = 3");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_37_rowsMoveBetweenPartitions() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int, at date, v text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
            "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
            "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (id)",
            "CREATE TABLE t_2_rest PARTITION OF t_2 DEFAULT",
            "INSERT INTO t SELECT i, date '2026-01-01' + i, 'v' || i FROM generate_series(1, 50) i");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "UPDATE t SET at = at + 31 WHERE id < 10",
        "UPDATE t SET v = 'w' WHERE id > 40",
        "CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')",
        "INSERT INTO t VALUES (1000, '2026-03-03', 'new')",
        "UPDATE t_2_rest SET id = id + 500 WHERE id = 45");
    shop.follow().assertEqual("t");
    shop.database.execute("BEGIN; TRUNCATE t; INSERT INTO t VALUES (7, '2026-01-07', 'x'); COMMIT");
    shop.follow().assertEqual("t");
  }

  /** Through the root its truncate would empty all of the copy, so PostgreSQL does not tell it. */
  @Test
  void case_37_onePartitionsTruncate() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id)",
            "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10)",
            "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20)",
            "INSERT INTO t SELECT generate_series(0, 19)");
    shop.follow();
    shop.database.execute("TRUNCATE t_1");
    shop.follow();
    assertThat(shop.rows("SELECT count(*) FROM t", "t")).isEqualTo("[[20]]");
  }

  @Test
  void case_30_theSourceItselfRefusesUpdatesOfPublishedTablesWithoutIdentity() {
    FollowedShop shop =
        new FollowedShop(lake, "CREATE TABLE t (id int)", "CREATE PUBLICATION other FOR TABLE t");
    shop.database.execute("INSERT INTO t VALUES (1)");
    assertThatThrownBy(() -> shop.database.execute("UPDATE t SET id = 2"))
        .rootCause()
        .hasMessageContaining("replica identity");
    shop.follow().assertEqual("zz_marker");
  }
}
