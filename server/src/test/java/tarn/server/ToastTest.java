package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values that PostgreSQL keeps out of the row, and does not send when they stay. */
class ToastTest {
  private static final String TABLE =
      "CREATE TABLE t (id int PRIMARY KEY, n int, big text); ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL";
  private static final String ROWS =
      "INSERT INTO t SELECT i, i, repeat(md5(i::text), 100) FROM generate_series(1, 20) i";

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
  void case_38_aValueThatStaysIsKeptWithAllColumnsAsIdentity() {
    FollowedShop shop = new FollowedShop(lake, TABLE, "ALTER TABLE t REPLICA IDENTITY FULL", ROWS);
    shop.follow();
    shop.database.execute("UPDATE t SET n = n + 1", "UPDATE t SET id = id + 100 WHERE id < 5");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_39_aValueThatStaysIsThatOfTheCopy() {
    FollowedShop shop = new FollowedShop(lake, TABLE, ROWS);
    shop.follow();
    shop.database.execute("UPDATE t SET n = n + 1", "UPDATE t SET id = id + 100 WHERE id < 5");
    shop.follow().assertEqual("t");
    assertThat(shop.rows("SELECT count(*) FROM t WHERE big IS NULL OR length(big) <> 3200", "t"))
        .isEqualTo("[[0]]");
  }

  @Test
  void case_40_aRowThatIsInsertedAndUpdatedInOneBatchHasBoth() {
    FollowedShop shop = new FollowedShop(lake, TABLE);
    shop.follow();
    shop.database.execute(
        "BEGIN; " + ROWS + "; UPDATE t SET n = -n; UPDATE t SET id = id + 50 WHERE id < 9; COMMIT");
    shop.follow().assertEqual("t");
    shop.freshness = java.time.Duration.ofSeconds(1);
    shop.database.execute(
        "DELETE FROM t", ROWS, "UPDATE t SET n = 7", "UPDATE t SET big = NULL WHERE id = 3");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_41_aRowThatIsUpdatedWhileItIsLoadedKeepsItsValue() {
    FollowedShop shop = new FollowedShop(lake, TABLE, ROWS);
    shop.between =
        opened ->
            new FollowedShop.Wrapped(opened) {
              @Override
              public tarn.core.change.LoadView view() {
                shop.database.execute("UPDATE t SET n = 100 WHERE id = 1");
                tarn.core.change.LoadView view = super.view();
                shop.database.execute(
                    "UPDATE t SET n = 200 WHERE id <= 2", "UPDATE t SET id = 300 WHERE id = 3");
                return view;
              }
            };
    shop.follow().assertEqual("t");
  }

  @Test
  void case_42_aLargeKeyIsToldThoughItStays() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id text, n int, PRIMARY KEY (id))",
            "ALTER TABLE t ALTER COLUMN id SET STORAGE EXTERNAL",
            "INSERT INTO t SELECT repeat(md5(i::text), 80), i FROM generate_series(1, 5) i");
    shop.follow();
    shop.database.execute("UPDATE t SET n = n + 10", "DELETE FROM t WHERE n = 15");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_43_aValueMayGrowAndShrink() {
    FollowedShop shop = new FollowedShop(lake, TABLE, ROWS);
    shop.follow();
    for (String size : new String[] {"1", "60", "63", "64", "0", "5000", "1", "100"}) {
      shop.database.execute(
          "UPDATE t SET big = repeat(md5(n::text), " + size + ") WHERE id % 2 = 0",
          "UPDATE t SET n = n + 1");
    }
    shop.follow().assertEqual("t");
  }

  @Test
  void case_43_aDocumentOfTenMegabytesIsCopied() {
    documentOf(10);
  }

  @Test
  @Tag("soak")
  void case_43_aDocumentOfAHundredMegabytesIsCopied() {
    documentOf(100);
  }

  private static void documentOf(int megabytes) {
    FollowedShop shop =
        new FollowedShop(lake, "CREATE TABLE t (id int PRIMARY KEY, n int, doc jsonb)");
    shop.follow();
    String document = "jsonb_build_object('a', repeat('x', " + (megabytes << 20) + "))";
    shop.database.execute("INSERT INTO t VALUES (1, 1, " + document + ")", "UPDATE t SET n = 2");
    shop.follow();
    assertThat(shop.rows("SELECT n, length(doc), md5(doc) FROM t", "t"))
        .isEqualTo(
            "[[2,"
                + shop.database.value("SELECT length(doc::text) FROM t")
                + ",\""
                + shop.database.value("SELECT md5(doc::text) FROM t")
                + "\"]]");
  }
}
