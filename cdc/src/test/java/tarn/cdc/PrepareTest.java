package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static tarn.cdc.FollowTest.assertFails;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;
import tarn.core.change.ChangeSource;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.errors.ErrorCode;
import tarn.testkit.SourcePostgres;

/** What a source needs, and how it is told when it is missing. */
class PrepareTest {
  @Test
  void aReplicationUserNeedsNoMore() {
    Shop shop =
        new Shop(
            "CREATE TABLE without_a_key_and_not_readable (id int)",
            "CREATE TABLE t (id int PRIMARY KEY)",
            "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY HASH (id)",
            "CREATE TABLE p1 PARTITION OF p FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
            "INSERT INTO p SELECT generate_series(1, 10)");
    String user = "reader_" + shop.database.database();
    shop.database.execute("CREATE ROLE " + user + " LOGIN PASSWORD 'seCret'");
    ChangeSource source = shop.source(user, "seCret");
    assertFails(
        () -> source.prepare(keyed(source)),
        ErrorCode.SOURCE_REFUSED,
        "GRANT SELECT ON \"public\".\"p\", \"public\".\"t\" TO \"" + user);
    shop.database.execute("GRANT SELECT ON t, p TO " + user);
    assertFails(
        () -> source.prepare(keyed(source)),
        ErrorCode.SOURCE_REFUSED,
        "CREATE PUBLICATION \"tarn\" FOR TABLE \"public\".\"p\", ONLY \"public\".\"t\" WITH");
    shop.database.execute(
        "CREATE PUBLICATION tarn FOR TABLE p, ONLY t WITH (publish_via_partition_root = true)");
    assertFails(() -> source.prepare(keyed(source)), ErrorCode.SOURCE_REFUSED, "REPLICATION");
    shop.database.execute("ALTER ROLE " + user + " REPLICATION");

    assertThat(source.prepare(keyed(source))).isTrue();
    assertThat(source.prepare(keyed(source))).isFalse();
    try (LoadView view = source.view()) {
      assertThat(view.parts(shop.table("p"), 1)).hasSize(1);
      assertThat(shop.copy(view, shop.table("p"), new LoadView.Part(""))).hasLineCount(10);
    }
    shop.database.execute("INSERT INTO p VALUES (11)");
    try (var stream = source.follow(Lsn.ZERO)) {
      assertThat(Shop.read(stream, 1).get(0).texts()).containsExactly("INSERT p -> [11]");
    }
    ChangeSource.State state = source.state();
    assertThat(state.version()).matches("\\d+\\.\\d+");
    assertThat(state.system()).matches("\\d{10,}");
    assertThat(state.slot().orElseThrow().usable()).isTrue();
    source.forget();
    assertThat(source.state().slot()).isEmpty();
    assertThat(shop.database.query("SELECT FROM pg_publication")).hasSize(1);
  }

  @Test
  void allThatIsMissingIsToldAtOnceAndNothingIsChanged() {
    Shop shop =
        new Shop("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE without_a_key (id int)");
    String user = "nobody_" + shop.database.database();
    shop.database.execute("CREATE ROLE " + user + " LOGIN PASSWORD 'seCret'");
    assertThat(shop.source(user, "seCret").check(false))
        .filteredOn(check -> check.result() == ChangeSource.Check.Result.ERROR)
        .extracting(ChangeSource.Check::what)
        .containsExactly("role " + user, "table public.t", "publication tarn");
    assertThat(shop.source(user, "seCret").check(false))
        .filteredOn(check -> check.result() == ChangeSource.Check.Result.WARNING)
        .extracting(ChangeSource.Check::what)
        .containsExactly("max_slot_wal_keep_size", "table public.without_a_key");
    assertThat(shop.source.check(false))
        .noneMatch(c -> c.result() == ChangeSource.Check.Result.ERROR);
    assertThat(shop.source.state().slot()).isEmpty();
    noSuchDatabase(shop);
  }

  @Test
  void columnsThatAreToBeTextsAreTextsOnBothWays() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY, at date, \"At\" date)").prepared();
    ChangeSource source = source(shop, shop.database.database(), "public.t.at", "public.t.gone");
    assertThat(source.tables().get(0).columns())
        .extracting(c -> c.type().toString())
        .containsExactly("int", "string", "date");
    shop.database.execute("INSERT INTO t VALUES (1, 'infinity', '2026-01-01')");
    try (var stream = source.follow(Lsn.ZERO)) {
      assertThat(Shop.read(stream, 1).get(0).changes().get(0).table())
          .isEqualTo(source.tables().get(0));
    }
    assertThat(source.check(false))
        .filteredOn(check -> check.result() == ChangeSource.Check.Result.ERROR)
        .extracting(ChangeSource.Check::what)
        .containsExactly("column public.t.gone");
  }

  private static ChangeSource source(Shop shop, String database, String... texts) {
    PostgresSettings good = shop.settings("postgres", "postgres");
    return new PostgresSource(
        new PostgresSettings(
            good.host(),
            good.port(),
            database,
            good.user(),
            good.password(),
            good.tls(),
            good.ca(),
            good.slot(),
            good.publication(),
            good.tables(),
            good.appendOnly(),
            new Copied(List.of(texts), Map.of(), Map.of())));
  }

  private static void noSuchDatabase(Shop shop) {
    assertThat(source(shop, "no_such_database").check(false))
        .extracting(ChangeSource.Check::what)
        .containsExactly("connection");
  }

  @Test
  void namesOfNoTableAreTold() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)");
    PostgresSettings good = shop.settings("postgres", "postgres");
    PostgresSettings wrong =
        new PostgresSettings(
            good.host(),
            good.port(),
            good.database(),
            good.user(),
            good.password(),
            good.tls(),
            good.ca(),
            good.slot(),
            good.publication(),
            List.of("public.t", "public.tt", "publik.*"),
            List.of("public.log"),
            Copied.ALL);
    assertThat(new PostgresSource(wrong).check(false))
        .filteredOn(check -> check.found().startsWith("none is followed"))
        .extracting(ChangeSource.Check::what)
        .containsExactly("table public.tt", "table publik.*", "table public.log");
  }

  private static List<SourceTable> keyed(ChangeSource source) {
    return source.tables().stream().filter(table -> !table.key().isEmpty()).toList();
  }

  @Test
  void aPublicationGetsExactlyTheTablesThatAreAskedFor() {
    Shop shop =
        new Shop("CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (id int PRIMARY KEY)")
            .prepared();
    shop.database.execute("CREATE TABLE c (id int PRIMARY KEY)", "DROP TABLE a");
    assertThat(shop.source.prepare(shop.source.tables())).isFalse();
    assertThat(shop.database.query("SELECT tablename FROM pg_publication_tables ORDER BY 1"))
        .containsExactly(List.of("b"), List.of("c"));
    String user = "other_" + shop.database.database();
    shop.database.execute(
        "CREATE ROLE " + user + " LOGIN REPLICATION PASSWORD 'x'",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + user,
        "ALTER PUBLICATION tarn DROP TABLE c");
    ChangeSource other = shop.source(user, "x");
    assertFails(
        () -> other.prepare(other.tables()),
        ErrorCode.SOURCE_REFUSED,
        "ALTER PUBLICATION \"tarn\" SET TABLE ONLY \"public\".\"b\", ONLY \"public\".\"c\"");
    shop.source.forget();
    assertThat(shop.database.query("SELECT FROM pg_publication")).isEmpty();
  }

  /** Row filters and lists of columns came with 15, generated columns with 18. */
  @Test
  void aPublicationThatHasNotAllChangesIsMendedUnlessItHidesSomething() {
    Assumptions.assumeThat(SourcePostgres.version()).isGreaterThanOrEqualTo(15);
    Shop shop =
        new Shop("CREATE TABLE t (id int PRIMARY KEY, v int, n int GENERATED ALWAYS AS (v) STORED)")
            .prepared();
    shop.database.execute("ALTER PUBLICATION tarn SET TABLE t (id)");
    assertFails(() -> shop.prepared(), ErrorCode.SOURCE_REFUSED, "leaves out columns", "`columns`");
    shop.database.execute("ALTER PUBLICATION tarn SET TABLE t WHERE (id > 1)");
    assertFails(() -> shop.prepared(), ErrorCode.SOURCE_REFUSED, "rows of public.t", "`rows`");
    shop.database.execute("ALTER PUBLICATION tarn SET TABLE t");
    List<String> odd = new ArrayList<>(List.of("SET (publish = 'insert')"));
    if (SourcePostgres.version() >= 18) {
      odd.add("SET (publish_generated_columns = stored)");
    }
    for (String change : odd) {
      shop.database.execute("ALTER PUBLICATION tarn " + change);
      assertThat(shop.source.check(false))
          .as(change)
          .filteredOn(check -> check.what().equals("publication tarn"))
          .extracting(ChangeSource.Check::result)
          .containsExactly(ChangeSource.Check.Result.WARNING);
      shop.prepared();
      shop.database.execute("INSERT INTO t VALUES (" + odd.indexOf(change) + ", 5)");
      shop.database.execute("DELETE FROM t");
    }
    assertThat(shop.follow(Lsn.ZERO, 2 * odd.size()))
        .hasSize(2 * odd.size())
        .map(c -> c.changes().get(0).table())
        .containsOnly(shop.table("t"));
  }

  @Test
  void aTableWhoseRowsCannotBeToldApartIsRefusedAndStaysUpdatable() {
    Shop shop = new Shop("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)");
    assertFails(
        () -> shop.prepared(),
        ErrorCode.SOURCE_REFUSED,
        "ALTER TABLE \"public\".\"t\" REPLICA IDENTITY FULL");
    shop.database.execute("UPDATE t SET id = 2", "ALTER TABLE t REPLICA IDENTITY FULL");
    shop.prepared();
    shop.database.execute("UPDATE t SET id = 3");
    assertThat(shop.table("t").key()).isEmpty();
  }

  /** From 18 on it refuses what older ones let through. */
  @Test
  void aTableWhoseIdentityHasGeneratedColumnsStaysUpdatable() {
    for (String kind : List.of("STORED", "VIRTUAL")) {
      if (kind.equals("VIRTUAL") && SourcePostgres.version() < 18) {
        continue;
      }
      Shop shop =
          new Shop(
              "CREATE TABLE t (id int PRIMARY KEY, n int GENERATED ALWAYS AS (id + 1) "
                  + kind
                  + ")",
              "CREATE TABLE u (id int PRIMARY KEY)",
              "ALTER TABLE t REPLICA IDENTITY FULL",
              "INSERT INTO t VALUES (1)");
      if (SourcePostgres.version() >= 18) {
        assertThat(shop.table("t").obstacle()).contains("generated", "REPLICA IDENTITY DEFAULT");
      }
      shop.source.prepare(
          shop.source.tables().stream().filter(t -> t.obstacle().isEmpty()).toList());
      shop.database.execute("UPDATE t SET id = 2", "ALTER TABLE t REPLICA IDENTITY DEFAULT");
      shop.prepared();
      shop.database.execute("UPDATE t SET id = 3");
      shop.source.forget();
    }
  }

  @Test
  void keysAreThoseOfTheReplicaIdentity() {
    Shop shop =
        new Shop(
                "CREATE TABLE a (x int, b text, id int, PRIMARY KEY (id, b) INCLUDE (x))",
                "CREATE TABLE i (id int PRIMARY KEY, other int NOT NULL UNIQUE)",
                "ALTER TABLE i REPLICA IDENTITY USING INDEX i_other_key",
                "CREATE TABLE f (id int PRIMARY KEY, v int)",
                "ALTER TABLE f REPLICA IDENTITY FULL",
                "CREATE TABLE n (id int PRIMARY KEY)",
                "ALTER TABLE n REPLICA IDENTITY NOTHING",
                "CREATE SCHEMA other",
                "CREATE TABLE other.a (id int)",
                "CREATE UNLOGGED TABLE u (id int PRIMARY KEY)",
                "CREATE PUBLICATION tarn FOR TABLE a, f, i, n")
            .prepared();
    shop.database.execute(
        "INSERT INTO a VALUES (1, 'b', 1)",
        "INSERT INTO f VALUES (1)",
        "INSERT INTO i VALUES (1, 1)",
        "INSERT INTO n VALUES (1)");
    assertThat(shop.source.tables())
        .extracting(t -> t.name() + t.key())
        .containsExactly("a[b, id]", "f[id]", "i[other]", "n[]");
    assertThat(shop.follow(Lsn.ZERO, 4))
        .map(c -> c.changes().get(0).table().columns())
        .containsExactlyElementsOf(shop.source.tables().stream().map(t -> t.columns()).toList());
  }

  @Test
  void passwordsAreNeverTold() {
    Shop shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)");
    shop.database.execute("CREATE ROLE u_" + shop.database.database() + " LOGIN PASSWORD 'a'");
    PostgresSettings settings = shop.settings("u_" + shop.database.database(), "hidden-word");
    assertThat(settings.toString()).doesNotContain("hidden-word");
    PostgresSettings elsewhere =
        new PostgresSettings(
            "localhost",
            1,
            "d",
            "u",
            PostgresSettings.Password.of("hidden-word"),
            PostgresSettings.Tls.DISABLE,
            Optional.empty(),
            "s",
            "p",
            List.of("a.*"),
            List.of(),
            Copied.ALL);
    PostgresSettings encrypted =
        new PostgresSettings(
            "localhost",
            shop.database.port(),
            "d",
            "u",
            PostgresSettings.Password.of("hidden-word"),
            PostgresSettings.Tls.REQUIRE,
            Optional.empty(),
            "s",
            "p",
            List.of("a.*"),
            List.of(),
            Copied.ALL);
    for (PostgresSettings each : List.of(elsewhere, encrypted)) {
      assertFails(
          () -> new PostgresSource(each).tables(), ErrorCode.SOURCE_UNAVAILABLE, each.place());
    }
    for (PostgresSettings each : List.of(settings, elsewhere, encrypted)) {
      try {
        new PostgresSource(each).tables();
      } catch (tarn.core.errors.TarnException e) {
        java.io.StringWriter trace = new java.io.StringWriter();
        e.printStackTrace(new java.io.PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain("hidden-word");
      }
    }
  }
}
