package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.cdc.Copied;
import tarn.core.change.ChangeSource;
import tarn.core.change.LoadView;
import tarn.core.change.SourceTable;
import tarn.core.source.CopyName;
import tarn.core.table.TableName;
import tarn.testkit.SourcePostgres;

/** Tables of which some rows or columns are copied, and copies with names of their own. */
class SourcePartsTest {
  private static final String BIG = "repeat(md5(i::text), 200)";

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

  private static void needsFilters() {
    Assumptions.assumeThat(SourcePostgres.version()).isGreaterThanOrEqualTo(15);
  }

  private static Copied rows(String condition) {
    return new Copied(List.of(), Map.of(), Map.of("public.t", condition));
  }

  private static Copied columns(String... columns) {
    return new Copied(List.of(), Map.of("public.t", List.of(columns)), Map.of());
  }

  // ---- rows ----

  @Test
  void rowsEnterAndLeaveTheFilterWithTheLargeValuesThatTheyKeep() {
    needsFilters();
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, status varchar(9), big text, n int)",
            "ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL",
            "ALTER TABLE t REPLICA IDENTITY FULL",
            "INSERT INTO t SELECT i, CASE i % 3 WHEN 0 THEN 'draft' WHEN 1 THEN 'new' END, "
                + BIG
                + ", i FROM generate_series(1, 60) i");
    shop.copied = rows("status <> 'draft'");
    shop.follow().assertEqual("t", shop.columns("t"), "status <> 'draft'");
    shop.database.execute(
        "UPDATE t SET status = 'new' WHERE id <= 12",
        "UPDATE t SET status = 'draft' WHERE id BETWEEN 20 AND 30",
        "UPDATE t SET status = NULL WHERE id BETWEEN 31 AND 33",
        "UPDATE t SET n = 0 WHERE id > 40",
        "UPDATE t SET id = id + 100, status = 'new' WHERE id BETWEEN 50 AND 52",
        "UPDATE t SET id = id + 100, big = NULL WHERE id BETWEEN 53 AND 55",
        "DELETE FROM t WHERE id IN (1, 2, 21, 22, 31)",
        "INSERT INTO t VALUES (200, 'draft', 'x'), (201, 'paid', 'y'), (202, NULL, 'z')",
        "BEGIN; UPDATE t SET status = 'draft' WHERE id = 7; UPDATE t SET status = 'again' WHERE id = 7; COMMIT");
    shop.follow().assertEqual("t", shop.columns("t"), "status <> 'draft'");
    shop.database.execute("TRUNCATE t", "INSERT INTO t VALUES (1, 'draft'), (2, 'new')");
    shop.follow().assertEqual("t", shop.columns("t"), "status <> 'draft'");
    assertThat(lakeLoads(shop)).as("it was loaded once").hasSize(1);
  }

  /** PostgreSQL tells it as an insert without its large values, which the copy has never had. */
  @Test
  void aRowThatEntersByItsKeyHasItsLargeValuesToo() {
    needsFilters();
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, big text, v int)",
            "ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL",
            "INSERT INTO t SELECT i, " + BIG + ", i FROM generate_series(1, 40) i");
    shop.copied = rows("id <= 20");
    shop.follow();
    shop.database.execute(
        "UPDATE t SET id = id - 40 WHERE id > 35",
        "UPDATE t SET id = id + 50 WHERE id = 3",
        "UPDATE t SET id = id - 70 WHERE id = 2",
        "UPDATE t SET v = 0");
    shop.follow().assertEqual("t", shop.columns("t"), "id <= 20");
  }

  @Test
  void aPartitionedTableAndOneThatIsOnlyAddedToHaveFilters() {
    needsFilters();
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id)",
            "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (100)",
            "CREATE TABLE t_2 (v int, id int PRIMARY KEY)",
            "ALTER TABLE t ATTACH PARTITION t_2 FOR VALUES FROM (100) TO (200)",
            "ALTER TABLE t_1 REPLICA IDENTITY FULL",
            "ALTER TABLE t_2 REPLICA IDENTITY FULL",
            "INSERT INTO t SELECT i, i % 10 FROM generate_series(1, 199) i",
            "CREATE TABLE l (a int, b text)",
            "INSERT INTO l VALUES (1, 'a'), (2, 'b')");
    shop.appendOnly = List.of("public.l");
    shop.copied =
        new Copied(List.of(), Map.of(), Map.of("public.t", "v < 5", "public.l", "b <> 'a'"));
    shop.follow();
    shop.database.execute(
        "UPDATE t SET v = v + 1 WHERE id % 2 = 0",
        "DELETE FROM t WHERE id BETWEEN 180 AND 199",
        "UPDATE t SET id = id + 120 WHERE id BETWEEN 60 AND 70",
        "DELETE FROM t WHERE v = 4",
        "INSERT INTO l VALUES (3, 'a'), (4, 'b')");
    shop.follow().assertEqual("t", shop.columns("t"), "v < 5");
    shop.assertEqual("l", shop.columns("l"), "b <> 'a'");
  }

  @Test
  void aFilterThatWouldLetUpdatesFailLeavesItsTableOutAndNoOther() {
    needsFilters();
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, v int)",
            "CREATE TABLE u (id int PRIMARY KEY, v int)",
            "INSERT INTO t VALUES (1, 1), (2, 2)",
            "INSERT INTO u VALUES (1, 1)");
    shop.copied = rows("v > 1");
    shop.follow().assertEqual("u");
    assertThat(obstacle(shop, "t"))
        .contains("uses v", "ALTER TABLE \"public\".\"t\" REPLICA IDENTITY FULL");
    assertThat(lake.tables.load(shop.copy("t"))).isEmpty();
    shop.database.execute("UPDATE t SET v = v + 1", "ALTER TABLE t REPLICA IDENTITY FULL");
    shop.follow().assertEqual("t", shop.columns("t"), "v > 1");
    shop.database.execute("UPDATE t SET v = 0 WHERE id = 1", "UPDATE u SET v = 9");
    shop.follow().assertEqual("t", shop.columns("t"), "v > 1");
    shop.database.execute("ALTER TABLE t REPLICA IDENTITY DEFAULT");
    assertThatThrownBy(() -> shop.database.execute("UPDATE t SET v = 3 WHERE id = 1"));
    shop.follow().assertEqual("u");
    shop.database.execute("UPDATE t SET v = 3 WHERE id = 1");
  }

  private static String obstacle(FollowedShop shop, String table) {
    try (ChangeSource source = shop.open()) {
      return source.tables().stream()
          .filter(t -> t.name().equals(table))
          .findFirst()
          .orElseThrow()
          .obstacle();
    }
  }

  // ---- columns ----

  @Test
  void columnsThatAreNotInTheListAreNowhereInTheLake() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (big text, a int, id int PRIMARY KEY, secret text, b text)",
            "ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL",
            "ALTER TABLE t ALTER COLUMN b SET STORAGE EXTERNAL",
            "INSERT INTO t SELECT "
                + BIG
                + ", i, i, 's', "
                + BIG
                + " FROM generate_series(1, 30) i");
    shop.copied = columns("b", "id");
    List<String> copied = List.of("id", "b");
    shop.follow().assertEqual("t", copied, "true");
    shop.database.execute(
        "UPDATE t SET secret = 'x', a = NULL WHERE id < 10",
        "UPDATE t SET id = id + 100 WHERE id < 5",
        "UPDATE t SET b = NULL, big = 'y' WHERE id > 25",
        "DELETE FROM t WHERE id = 20",
        "INSERT INTO t VALUES (NULL, 1, 50, 'z', 'b')",
        "ALTER TABLE t ADD COLUMN c int DEFAULT 7",
        "ALTER TABLE t DROP COLUMN a",
        "INSERT INTO t VALUES ('w', 51, 'z', 'b', 8)",
        "UPDATE t SET b = 'c' WHERE id = 50");
    shop.follow().assertEqual("t", copied, "true");
    assertThat(lakeLoads(shop)).as("other columns are of no concern").hasSize(1);
  }

  @Test
  void rowsWithoutAKeyAreToldByTheColumnsThatAreCopied() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (a int, b text, big text)",
            "ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL",
            "ALTER TABLE t REPLICA IDENTITY FULL",
            "INSERT INTO t SELECT i % 3, 'b', " + BIG + " FROM generate_series(1, 12) i");
    shop.copied = columns("a", "b");
    shop.follow();
    shop.database.execute(
        "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE a = 1)",
        "UPDATE t SET big = 'x' WHERE a = 2",
        "UPDATE t SET b = NULL WHERE ctid = (SELECT max(ctid) FROM t WHERE a = 0)",
        "INSERT INTO t VALUES (1, NULL, 'y')");
    shop.follow().assertEqual("t", List.of("a", "b"), "true");
  }

  @Test
  void aListThatLosesAColumnOrWhoseKeyGrowsLeavesItsTableOut() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int)",
            "INSERT INTO t VALUES (1, 1, 1)");
    shop.copied = columns("id", "b");
    shop.follow().assertEqual("t", List.of("id", "b"), "true");
    shop.database.execute(
        "ALTER TABLE t DROP CONSTRAINT t_pkey",
        "ALTER TABLE t ADD PRIMARY KEY (id, a)",
        "INSERT INTO t VALUES (1, 2, 2)");
    shop.follow();
    assertThat(obstacle(shop, "t")).contains("told by a", "`columns`");
    assertThat(shop.rows("SELECT * FROM t", "t")).isEqualTo("[[1,1]]");
    shop.copied = columns("id", "b", "a");
    shop.follow().assertEqual("t", List.of("id", "a", "b"), "true");
    shop.database.execute("ALTER TABLE t DROP COLUMN b", "INSERT INTO t VALUES (3, 3)");
    shop.follow();
    assertThat(obstacle(shop, "t")).contains("names b", "`columns`");
  }

  // ---- what is copied changes ----

  @Test
  void anotherListAndAnotherFilterLoadTheTableAnew() {
    needsFilters();
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, a int, b text)",
            "ALTER TABLE t REPLICA IDENTITY FULL",
            "INSERT INTO t SELECT i, i % 5, 'b' || i FROM generate_series(1, 30) i");
    shop.follow().assertEqual("t");
    shop.copied = columns("id", "a");
    shop.database.execute("UPDATE t SET a = a + 1 WHERE id < 9", "DELETE FROM t WHERE id = 1");
    shop.follow().assertEqual("t", List.of("id", "a"), "true");
    shop.copied = new Copied(List.of(), Map.of("public.t", List.of("id", "b")), Map.of());
    shop.follow().assertEqual("t", List.of("id", "b"), "true");
    for (String condition : List.of("a > 2", "a > 1", "a  >1", "b = 'b7'")) {
      shop.copied = rows(condition);
      shop.database.execute("UPDATE t SET a = a - 1 WHERE a > 1 AND id % 2 = 0");
      shop.follow().assertEqual("t", shop.columns("t"), condition);
    }
    assertThat(lakeLoads(shop)).as("a > 1 and a  >1 are one condition").hasSize(6);
    shop.copied = Copied.ALL;
    shop.database.execute("UPDATE t SET a = 9 WHERE id % 3 = 0");
    shop.follow().assertEqual("t");
  }

  /** Each of these may be the last thing that a process does after the filter has changed. */
  @ParameterizedTest
  @ValueSource(strings = {"prepare", "view", "loaded"})
  void whoDiesAfterTheFilterChangedMixesNothing(String last) {
    needsFilters();
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, a int)",
            "ALTER TABLE t REPLICA IDENTITY FULL",
            "INSERT INTO t SELECT i, i % 5 FROM generate_series(1, 30) i");
    shop.copied = rows("a > 2");
    shop.follow();
    shop.database.execute("UPDATE t SET a = a + 1 WHERE id < 9");
    shop.follow();
    String before = shop.rows("SELECT * FROM t ORDER BY ALL", "t");

    shop.copied = rows("a < 3");
    AtomicBoolean died = new AtomicBoolean();
    shop.between = opened -> new Dying(opened, shop, last, died);
    assertThatThrownBy(shop::land).hasMessageContaining("dies");
    assertThat(died).isTrue();
    shop.database.execute("UPDATE t SET a = 5 - a", "DELETE FROM t WHERE id % 7 = 0");
    died.set(false);
    assertThatThrownBy(shop::land).hasMessageContaining("dies");
    shop.apply();
    assertThat(shop.rows("SELECT * FROM t ORDER BY ALL", "t"))
        .as("the copy stays as it was until the new load is there")
        .isEqualTo(before);

    shop.between = opened -> opened;
    shop.database.execute("UPDATE t SET a = a + 1");
    shop.follow().assertEqual("t", shop.columns("t"), "a < 3");
  }

  /** A database whose client dies once. */
  private static final class Dying extends FollowedShop.Wrapped {
    private final FollowedShop shop;
    private final String last;
    private final AtomicBoolean died;

    Dying(ChangeSource database, FollowedShop shop, String last, AtomicBoolean died) {
      super(database);
      this.shop = shop;
      this.last = last;
      this.died = died;
    }

    private void dies(String at) {
      if (last.equals(at) && died.compareAndSet(false, true)) {
        throw new IllegalStateException("it dies");
      }
    }

    @Override
    public boolean prepare(List<SourceTable> tables) {
      boolean made = super.prepare(tables);
      dies("prepare");
      return made;
    }

    @Override
    public LoadView view() {
      LoadView view = super.view();
      if (last.equals("view") && died.compareAndSet(false, true)) {
        view.close();
        throw new IllegalStateException("it dies");
      }
      return last.equals("loaded") ? new DyingView(view) : view;
    }

    /** Dies when the first rows are copied, and changes that they do not have have landed. */
    private final class DyingView extends FollowedShop.WrappedView {
      DyingView(LoadView view) {
        super(view);
      }

      @Override
      public List<Part> parts(SourceTable table, long bytes) {
        if (table.name().equals("t") && !died.get()) {
          shop.database.execute("UPDATE t SET a = 5 - a");
          shop.awaitLanded();
          dies("loaded");
        }
        return super.parts(table, bytes);
      }
    }
  }

  @Test
  void aFilterThatSomebodyElseChangesWhileItIsFollowedLoadsTheTableAnew() {
    needsFilters();
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, a int)",
            "ALTER TABLE t REPLICA IDENTITY FULL",
            "INSERT INTO t SELECT i, i % 5 FROM generate_series(1, 30) i");
    shop.copied = rows("a > 2");
    shop.follow();
    shop.meanwhile =
        () ->
            shop.database.execute(
                "ALTER PUBLICATION tarn SET TABLE ONLY t WHERE (a > 3), ONLY zz_marker",
                "UPDATE t SET a = a + 1 WHERE id <= 20",
                "ALTER PUBLICATION tarn SET TABLE ONLY t WHERE (a > 2), ONLY zz_marker",
                "UPDATE t SET a = a - 1 WHERE id > 20");
    shop.follow().assertEqual("t", shop.columns("t"), "a > 2");
    shop.meanwhile = () -> {};
    shop.database.execute(
        "ALTER PUBLICATION tarn SET TABLE ONLY t, ONLY zz_marker",
        "UPDATE t SET a = 2 WHERE id <= 15",
        "ALTER PUBLICATION tarn SET TABLE ONLY t WHERE (a > 4), ONLY zz_marker",
        "UPDATE t SET a = 3 WHERE id BETWEEN 10 AND 12");
    shop.follow().assertEqual("t", shop.columns("t"), "a > 2");
  }

  @Test
  void aFilterThatIsNotDeclaredIsRefusedAndWhenItHasGoneTheTableIsLoadedAnew() {
    needsFilters();
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, a int)",
            "INSERT INTO t SELECT i, i % 5 FROM generate_series(1, 30) i");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "ALTER PUBLICATION tarn SET TABLE ONLY t WHERE (id > 10), ONLY zz_marker",
        "UPDATE t SET a = 7");
    assertThatThrownBy(shop::land).hasMessageContaining("by a filter that is not declared");
    shop.database.execute("ALTER PUBLICATION tarn SET TABLE ONLY t, ONLY zz_marker");
    shop.follow().assertEqual("t");
  }

  // ---- names ----

  @Test
  void aCopyMayHaveANameOfItsOwnAndAnother() {
    FollowedShop shop =
        new FollowedShop(
            lake,
            "CREATE TABLE t (id int PRIMARY KEY, v int)",
            "INSERT INTO t SELECT i, i FROM generate_series(1, 20) i");
    shop.follow().assertEqual("t");
    TableName byRule = shop.copy("t");
    String before = shop.rows("SELECT * FROM t ORDER BY ALL", "t");
    shop.database.execute("UPDATE t SET v = 0 WHERE id < 5");
    TableName own = new TableName("analytics", byRule.name() + "_of_the_web");
    shop.names = new CopyName(shop.names.prefix(), Map.of("public.t", own));
    shop.follow().assertEqual("t");
    shop.database.execute("DELETE FROM t WHERE id > 15");
    shop.follow().assertEqual("t");
    assertThat(shop.copy("t")).isEqualTo(own);
    shop.names = new CopyName(shop.names.prefix());
    assertThat(shop.rows("SELECT * FROM t ORDER BY ALL", "t")).isEqualTo(before);
    shop.follow().assertEqual("t");
    assertThat(lakeLoads(shop)).as("raw has all that a new copy needs").hasSize(1);
  }

  private static List<Long> lakeLoads(FollowedShop shop) {
    return lake.ledger.batches(Set.of(shop.source), 0, 1_000).stream()
        .filter(b -> b.partition().equals("load:public.t"))
        .map(b -> b.seq())
        .toList();
  }
}
