package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static tarn.cdc.FollowTest.assertFails;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;
import tarn.core.change.ChangeSource;
import tarn.core.change.ChangeSource.Check;
import tarn.core.change.ChangeStream;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.errors.ErrorCode;
import tarn.testkit.SourcePostgres;

/** Some rows and columns of tables: what is published, and what is told when it cannot be. */
class PartsTest {
  private static final String FILTERS =
      "SELECT c.relname, r.oid, pg_get_expr(r.prqual, r.prrelid) FROM pg_publication_rel r"
          + " JOIN pg_class c ON c.oid = r.prrelid WHERE r.prqual IS NOT NULL ORDER BY 1";

  private static void needsFilters() {
    Assumptions.assumeThat(SourcePostgres.version()).isGreaterThanOrEqualTo(RowFilter.OLDEST);
  }

  private static ChangeSource rows(Shop shop, String... tablesAndConditions) {
    Map<String, String> rows = new java.util.HashMap<>();
    for (int i = 0; i < tablesAndConditions.length; i += 2) {
      rows.put("public." + tablesAndConditions[i], tablesAndConditions[i + 1]);
    }
    return source(shop, Map.of(), rows, "postgres");
  }

  private static ChangeSource source(
      Shop shop, Map<String, List<String>> columns, Map<String, String> rows, String user) {
    shop.copied = new Copied(List.of(), columns, rows);
    return shop.source(user, "postgres");
  }

  private static SourceTable table(ChangeSource source, String name) {
    return source.tables().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  private static List<String> copyable(ChangeSource source) {
    return source.tables().stream()
        .filter(t -> t.obstacle().isEmpty())
        .map(SourceTable::name)
        .toList();
  }

  private static void prepare(ChangeSource source) {
    source.prepare(source.tables().stream().filter(t -> t.obstacle().isEmpty()).toList());
  }

  @Test
  void aFilterThatCannotBePublishedIsAnObstacleOfItsTableAlone() {
    needsFilters();
    Shop shop =
        new Shop(
            "CREATE TABLE a (id int PRIMARY KEY, v int)",
            "CREATE TABLE b (id int, v int, PRIMARY KEY (id) INCLUDE (v))",
            "CREATE FUNCTION f(int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true'",
            "CREATE TABLE good (id int PRIMARY KEY, v int)");
    for (String[] wrong :
        new String[][] {
          {"no_column > 1", "column \"no_column\" does not exist"},
          {"id >", "syntax error"},
          {"id", "must be type boolean"},
          {"id > 'secret'", "invalid input syntax"},
          {"public.f(id)", "User-defined"},
          {"id IN (SELECT 1)", "Only columns, constants"},
          {"v > 1", "uses v, which its replica identity has not"},
          {"(a).v > 1", "uses v, which its replica identity has not"}
        }) {
      ChangeSource source = rows(shop, "a", wrong[0], "b", "v = 1", "good", "id > 1");
      assertThat(table(source, "a").obstacle()).as(wrong[0]).contains(wrong[1]);
      assertThat(table(source, "b").obstacle()).contains("uses v");
      assertThat(copyable(source)).containsExactly("good");
      assertThat(source.check(false))
          .filteredOn(check -> check.result() == Check.Result.ERROR)
          .extracting(Check::what)
          .containsExactly("table public.a", "table public.b");
    }
    ChangeSource unasked = rows(shop, "a", "v > 1");
    assertFails(
        () -> unasked.prepare(List.of(table(unasked, "a"))),
        ErrorCode.SOURCE_REFUSED,
        "ALTER TABLE \"public\".\"a\" REPLICA IDENTITY FULL");
    assertThat(shop.database.query("SELECT FROM pg_publication")).as("nothing is left").isEmpty();
    prepare(rows(shop, "a", "v > 1", "b", "v = 1", "good", "id > 1"));
    assertThat(shop.database.query(FILTERS)).map(row -> row.get(2)).containsExactly("(id > 1)");
    shop.database.execute("UPDATE a SET v = 1", "UPDATE b SET v = 1", "UPDATE good SET v = 1");
  }

  @Test
  void aTableThatWasMendedIsPublishedByWhoHasFollowedSinceBefore() {
    needsFilters();
    Shop shop = new Shop("CREATE TABLE a (id int PRIMARY KEY, v int)");
    ChangeSource source = rows(shop, "a", "v > 1");
    assertThat(table(source, "a").obstacle()).contains("REPLICA IDENTITY FULL");
    shop.database.execute("ALTER TABLE a REPLICA IDENTITY FULL");
    assertThat(table(source, "a").obstacle()).isEmpty();
    prepare(source);
  }

  @Test
  void aPublicationIsAlteredOnlyIfTheConditionIsAnother() {
    needsFilters();
    Shop shop =
        new Shop(
            "CREATE TABLE t (id int PRIMARY KEY, s varchar(9))",
            "ALTER TABLE t REPLICA IDENTITY FULL",
            "CREATE TABLE u (id int PRIMARY KEY)");
    prepare(rows(shop, "t", "s <> 'a'"));
    String before = shop.database.query(FILTERS).toString();
    assertThat(before).contains("t", "<> 'a'");
    String part = table(rows(shop, "t", "s <> 'a'"), "t").part();
    for (String same : List.of("s <> 'a'", " s<>'a'", "(s)::text <> 'a'::text", "NOT s = 'a'")) {
      prepare(rows(shop, "t", same));
      if (!same.startsWith("NOT")) {
        assertThat(shop.database.query(FILTERS)).as(same).hasToString(before);
      }
    }
    prepare(rows(shop, "t", "s <> 'b'"));
    prepare(rows(shop, "t", "s <> 'a'"));
    assertThat(table(rows(shop, "t", "s <> 'a'"), "t").part())
        .as("there was another filter between")
        .isNotEqualTo(part);
    prepare(rows(shop, "u", "id > 7"));
    assertThat(shop.database.query(FILTERS)).map(row -> row.get(2)).containsExactly("(id > 7)");
    prepare(rows(shop));
    assertThat(shop.database.query(FILTERS)).isEmpty();
    assertThat(table(rows(shop), "t").part()).isEmpty();
  }

  @Test
  void theFilterOfSomebodyElsesPublicationCounts() {
    needsFilters();
    Shop shop =
        new Shop(
            "CREATE TABLE t (id int PRIMARY KEY, v int)",
            "CREATE TABLE u (id int PRIMARY KEY, v int)",
            "INSERT INTO t SELECT i, i FROM generate_series(1, 9) i");
    String user = "reader_" + shop.database.database();
    shop.database.execute(
        "CREATE ROLE " + user + " LOGIN REPLICATION PASSWORD 'postgres'",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + user);
    ChangeSource source = source(shop, Map.of(), Map.of("public.t", "id > 5"), user);
    assertFails(
        () -> prepare(source),
        ErrorCode.SOURCE_REFUSED,
        "CREATE PUBLICATION \"tarn\" FOR TABLE ONLY \"public\".\"t\" WHERE (id > 5), ONLY \"public\".\"u\" WITH");
    assertThat(table(source(shop, Map.of(), Map.of("public.t", "idd > 5"), user), "t").obstacle())
        .contains("\"idd\" does not exist");
    for (String other :
        List.of("t, u", "t WHERE (id > 5), u WHERE (id > 1)", "t, u WHERE (id > 1)")) {
      shop.database.execute(
          "DROP PUBLICATION IF EXISTS tarn", "CREATE PUBLICATION tarn FOR TABLE " + other);
      assertFails(
          () -> prepare(source),
          ErrorCode.SOURCE_REFUSED,
          "ALTER PUBLICATION \"tarn\" SET TABLE ONLY \"public\".\"t\" WHERE (id > 5), ONLY \"public\".\"u\"");
    }
    shop.database.execute("ALTER PUBLICATION tarn SET TABLE t WHERE (id > 7), u");
    prepare(source);
    try (LoadView view = source.view()) {
      assertThat(shop.copy(view, table(source, "t"), new LoadView.Part("")))
          .isEqualTo("8,8\n9,9\n");
      LoadView.Range range = view.range(table(source, "t"), List.of(), 1);
      assertThat(range.last()).containsExactly("8");
      assertThat(shop.copy(view, table(source, "t"), range.part())).isEqualTo("8,8\n");
    }
    assertThat(source.check(false))
        .filteredOn(check -> check.what().equals("publication tarn"))
        .allMatch(
            c -> c.result() == Check.Result.WARNING && c.found().contains("filters are others"));
    shop.database.execute("ALTER PUBLICATION tarn SET TABLE t WHERE (v > 7), u");
    assertThat(copyable(source)).containsExactly("u");
  }

  @Test
  void changesAreAnnouncedWithTheFilterThatTheyHave() {
    needsFilters();
    Shop shop =
        new Shop("CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (7, 7)");
    ChangeSource source = rows(shop, "t", "id > 1");
    prepare(source);
    try (ChangeStream stream = source.follow(Lsn.ZERO)) {
      shop.database.execute("INSERT INTO t VALUES (1, 1), (2, 2)");
      Shop.Committed first = Shop.read(stream, 1).get(0);
      assertThat(first.texts()).containsExactly("INSERT t -> [2, 2]");
      shop.database.execute(
          "ALTER PUBLICATION tarn SET TABLE ONLY t WHERE (id > 2)",
          "UPDATE t SET id = id - 1 WHERE id > 2");
      Shop.Committed second = Shop.read(stream, 1).get(0);
      assertThat(second.texts()).containsExactly("UPDATE t [7, null] -> [6, 7]");
      assertThat(first.changes().get(0).table()).isNotEqualTo(second.changes().get(0).table());
      assertThat(second.changes().get(0).table()).isEqualTo(table(source, "t"));
    }
  }

  @Test
  void aListHasTheSameColumnsInTheLoadAndInChanges() {
    Shop shop =
        new Shop(
            "CREATE TABLE t (secret text, id int PRIMARY KEY, a int, g int GENERATED ALWAYS AS (a) STORED, b text)",
            "INSERT INTO t VALUES ('s', 1, 2, DEFAULT, 'b')");
    ChangeSource source =
        source(shop, Map.of("public.t", List.of("b", "id")), Map.of(), "postgres");
    prepare(source);
    SourceTable table = table(source, "t");
    assertThat(table.columns()).extracting(c -> c.name()).containsExactly("id", "b");
    assertThat(table.part()).isEqualTo("columns \"id\", \"b\"");
    try (LoadView view = source.view()) {
      assertThat(shop.copy(view, table, new LoadView.Part(""))).isEqualTo("1,b\n");
    }
    shop.database.execute(
        "UPDATE t SET id = 2, secret = 'x'", "ALTER TABLE t ADD COLUMN c int", "DELETE FROM t");
    try (ChangeStream stream = source.follow(Lsn.ZERO)) {
      List<Shop.Committed> read = Shop.read(stream, 2);
      assertThat(read.get(0).texts()).containsExactly("UPDATE t [1, null] -> [2, b]");
      assertThat(read.get(1).texts()).containsExactly("DELETE t [2, null]");
      assertThat(read).allMatch(c -> c.changes().get(0).table().equals(table));
    }
    for (String wrong : List.of("g", "c ", "ID")) {
      assertThat(
              table(
                      source(shop, Map.of("public.t", List.of("id", wrong)), Map.of(), "postgres"),
                      "t")
                  .obstacle())
          .contains("names " + wrong, "`columns`");
    }
    assertThat(
            source(shop, Map.of("public.x", List.of("id")), Map.of("public.y", "true"), "postgres")
                .check(false))
        .filteredOn(check -> check.result() == Check.Result.ERROR)
        .extracting(Check::what)
        .containsAll(Set.of("table public.x", "table public.y"));
  }

  @Test
  void whereThereAreNoFiltersTheirTablesAreLeftOut() {
    Assumptions.assumeThat(SourcePostgres.version()).isLessThan(RowFilter.OLDEST);
    Shop shop =
        new Shop("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)");
    ChangeSource source = rows(shop, "t", "id > 1");
    assertThat(table(source, "t").obstacle()).contains("only PostgreSQL 15", "`rows`");
    assertThat(copyable(source)).containsExactly("u");
    prepare(source);
    assertThat(source.published()).containsExactly("public.u");
  }
}
