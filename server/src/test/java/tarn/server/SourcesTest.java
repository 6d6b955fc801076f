package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.Assumptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.api.Column;
import tarn.api.CrawlRequest;
import tarn.api.FollowedSource;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;
import tarn.api.SourceReloadRequest;
import tarn.api.SourceVerifyRequest;
import tarn.core.database.Database;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.HeldObjectStore;
import tarn.iceberg.IcebergTables;
import tarn.testkit.S3Fixture;
import tarn.testkit.SourcePostgres;

/** Databases, real ones, and their copies in a lake. */
class SourcesTest {
  private static final long MOST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(4);

  @TempDir private static Path engines;
  private static CrashingWorld.WarmEngine engine;

  @TempDir private Path folder;
  private final SourcePostgres shop = SourcePostgres.fresh();
  private String user = shop.user();
  private String more = "";
  private @Nullable Database database;
  private Closer closer = new Closer();
  private Operations lake = new MemoryOperations();

  @BeforeAll
  static void start() {
    engine = new CrashingWorld.WarmEngine(engines);
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  @AfterEach
  void close() {
    lake.close();
  }

  // ---- claims ----

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCopyIsLoadedAndFollowed(boolean onServers) throws Exception {
    if (onServers) {
      try (S3Fixture storage = S3Fixture.start(folder.resolve("s3"))) {
        loadedAndFollowed(WorldShape.onServers(folder.resolve(".datalake"), storage));
        lake.close();
        lake = new MemoryOperations();
      }
    } else {
      loadedAndFollowed(WorldShape.onThisMachine(folder.resolve(".datalake")));
    }
  }

  private void loadedAndFollowed(WorldShape shape) throws IOException {
    shop.execute(
        "CREATE TABLE orders (id int PRIMARY KEY, name text, total numeric(10,2))",
        "CREATE TABLE empty (id uuid PRIMARY KEY, at date)",
        "CREATE TABLE log (line text)",
        "INSERT INTO orders SELECT i, 'order ' || i, i / 4.0 FROM generate_series(1, 1000) i",
        "INSERT INTO orders VALUES (0, NULL, NULL), (-1, '', 0)");
    open(shape, "public.*");
    await("loaded", "[[1002,500500]]", "SELECT count(*), sum(id) + 1 FROM clean.orders");
    assertThat(rows("SELECT count(*) FROM clean.empty")).isEqualTo("[[0]]");
    assertThat(rows("SELECT id, name, total FROM clean.orders WHERE id < 2 ORDER BY id"))
        .isEqualTo("[[-1,\"\",0.00],[0,null,null],[1,\"order 1\",0.25]]");
    shop.execute(
        "INSERT INTO orders VALUES (5000, 'new', 1.5)",
        "UPDATE orders SET total = 9.99 WHERE id <= 10",
        "UPDATE orders SET id = 6000 WHERE id = 999",
        "DELETE FROM orders WHERE id BETWEEN 100 AND 199",
        "INSERT INTO empty VALUES ('00000000-0000-0000-0000-000000000001', '2026-01-31')");
    await(
        "followed",
        "[[903,1]]",
        "SELECT count(*), (SELECT count(*) FROM clean.empty) FROM clean.orders");
    assertThat(rows("SELECT count(*) FROM clean.orders WHERE total = 9.99")).isEqualTo("[[12]]");
    assertThat(rows("SELECT id, name FROM clean.orders WHERE id > 998 ORDER BY id"))
        .isEqualTo("[[1000,\"order 1000\"],[5000,\"new\"],[6000,\"order 999\"]]");
    FollowedSource status = status();
    assertThat(status.condition()).isEqualTo("running");
    assertThat(status.copies()).isEqualTo(2);
    assertThat(status.left())
        .containsExactly(
            "public.log (its rows cannot be told apart; give it a primary key, or: ALTER TABLE \"public\".\"log\" REPLICA IDENTITY FULL, or name it under append_only if rows are only added)");
    shop.execute("BEGIN; TRUNCATE orders; INSERT INTO orders VALUES (7, 'seven', 7); COMMIT");
    await("truncated", "[[1,7]]", "SELECT count(*), sum(id) FROM clean.orders");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void someColumnsOfSomeRowsAreCopiedUnderAnotherName(boolean onServers) throws Exception {
    Assumptions.assumeThat(SourcePostgres.version()).isGreaterThanOrEqualTo(15);
    if (onServers) {
      try (S3Fixture storage = S3Fixture.start(folder.resolve("s3"))) {
        someColumnsOfSomeRows(WorldShape.onServers(folder.resolve(".datalake"), storage));
        lake.close();
        lake = new MemoryOperations();
      }
    } else {
      someColumnsOfSomeRows(WorldShape.onThisMachine(folder.resolve(".datalake")));
    }
  }

  private void someColumnsOfSomeRows(WorldShape shape) throws IOException {
    shop.execute(
        "CREATE TABLE orders (note text, id int PRIMARY KEY, status text, big text)",
        "ALTER TABLE orders ALTER COLUMN big SET STORAGE EXTERNAL",
        "ALTER TABLE orders REPLICA IDENTITY FULL",
        "INSERT INTO orders SELECT 'secret', i, CASE i % 2 WHEN 0 THEN 'draft' ELSE 'paid' END, repeat(md5(i::text), 200) FROM generate_series(1, 1000) i",
        "CREATE TABLE other (id int PRIMARY KEY)");
    String rest = "copies: {public.orders: analytics.web_orders}\n";
    String columns = "columns: {public.orders: [id, status, big]}\n";
    more = columns + "rows: {public.orders: status <> 'draft'}\n" + rest;
    open(shape, "public.*");
    String hashed = "SELECT count(*), md5(string_agg(md5(big), '' ORDER BY id)) FROM ";
    await("loaded", "[[500]]", "SELECT count(*) FROM analytics.web_orders");
    shop.execute(
        "UPDATE orders SET status = 'paid' WHERE id BETWEEN 2 AND 10",
        "UPDATE orders SET status = 'draft' WHERE id BETWEEN 100 AND 110",
        "DELETE FROM orders WHERE id IN (4, 5, 101, 200)");
    String now = hashed + "%s WHERE status <> 'draft'";
    await(
        "followed",
        shop.query(String.format(now, "orders")).toString().replaceAll(", (\\w+)", ",\"$1\""),
        String.format(now, "analytics.web_orders"));
    assertThat(lake.sourceTables(new SourceName("shop")).columns())
        .filteredOn(c -> c.table().equals("public.orders"))
        .extracting(c -> c.copy() + " " + c.column() + " " + c.rows())
        .containsExactly(
            "analytics.web_orders id status <> 'draft'",
            "analytics.web_orders status status <> 'draft'",
            "analytics.web_orders big status <> 'draft'");
    assertThat(lake.tables().tables())
        .extracting(t -> t.name() + " " + t.kind())
        .contains("analytics.web_orders table");
    assertThat(equalTables()).containsExactly("public.orders true 498", "public.other true 0");
    more = columns + "rows: {public.orders: id <= 100}\n" + rest;
    define("public.*");
    lake.sources();
    await("loaded anew", "[[98,98]]", "SELECT count(*), count(big) FROM analytics.web_orders");
    assertThat(equalTables()).containsExactly("public.orders true 98", "public.other true 0");
  }

  private List<String> equalTables() {
    return lake
        .verifySource(
            new SourceName("shop"), new SourceVerifyRequest("", 0, 0, 0), ExampleLake.work())
        .tables()
        .stream()
        .map(t -> t.table() + " " + (t.differing() == 0) + " " + t.lakeRows())
        .toList();
  }

  @Test
  void whatHappensWhileNobodyFollowsComesLater() throws IOException {
    shop.execute(
        "CREATE TABLE t (id bigint PRIMARY KEY, big text)",
        "ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL",
        "INSERT INTO t SELECT i, repeat(md5(i::text), 200) FROM generate_series(1, 50) i");
    open("public.t");
    await("loaded", "[[50]]", "SELECT count(*) FROM clean.t");
    lake.close();
    shop.execute(
        "ALTER TABLE t ADD COLUMN extra int",
        "UPDATE t SET extra = 1 WHERE id <= 20",
        "UPDATE t SET id = id + 1000 WHERE id <= 5",
        "INSERT INTO t VALUES (51, 'x', 2)");
    open("public.t");
    await("later", "[[51,20]]", "SELECT count(*), count(*) FILTER (extra = 1) FROM clean.t");
    String hash =
        "SELECT md5(string_agg(concat_ws('|', id, md5(big), extra), %s ORDER BY id)) FROM %s";
    assertThat(rows(hash.formatted("chr(10)", "clean.t")))
        .isEqualTo("[[\"" + shop.value(hash.formatted("E'\\n'", "t")) + "\"]]");
  }

  @Test
  void aTableThatIsAddedIsLoadedBesideTheOthers() throws IOException {
    shop.execute(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY)",
        "INSERT INTO b SELECT generate_series(1, 10)");
    open("public.a");
    shop.execute("INSERT INTO a SELECT generate_series(1, 5)");
    await("the first", "[[5]]", "SELECT count(*) FROM clean.a");
    define("public.a, public.b");
    lake.sources();
    await("the second", "[[10]]", "SELECT count(*) FROM clean.b");
    shop.execute("BEGIN; DELETE FROM a WHERE id = 1; DELETE FROM b WHERE id = 1; COMMIT");
    await("both", "[[4,9]]", "SELECT count(*), (SELECT count(*) FROM clean.b) FROM clean.a");
  }

  @Test
  void aTableThatLeavesAndReturnsIsLoadedAnew() throws IOException {
    shop.execute(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY)",
        "INSERT INTO b VALUES (1), (2)");
    open("public.a, public.b");
    await("loaded", "[[2]]", "SELECT count(*) FROM clean.b");
    define("public.a");
    lake.sources();
    await(
        "it has left",
        () -> shop.query("SELECT FROM pg_publication_tables WHERE tablename = 'b'").isEmpty());
    shop.execute("DELETE FROM b WHERE id = 1", "INSERT INTO b VALUES (3), (4)");
    define("public.a, public.b");
    lake.sources();
    await("it is back", "[[3,2,4]]", "SELECT count(*), min(id), max(id) FROM clean.b");
    shop.execute("INSERT INTO b VALUES (5)");
    await("followed", "[[4,5]]", "SELECT count(*), max(id) FROM clean.b");
  }

  @Test
  void aTableWithOtherColumnsOrAnotherKeyIsLoadedAnew() throws IOException {
    shop.execute(
        "CREATE TABLE t (id int PRIMARY KEY, body text, n int, small int)",
        "ALTER TABLE t ALTER COLUMN body SET STORAGE EXTERNAL",
        "INSERT INTO t SELECT i, repeat(md5(i::text), 200), i, i FROM generate_series(1, 10) i");
    open("public.t");
    await("loaded", "[[10]]", "SELECT count(*) FROM clean.t");
    shop.execute(
        "ALTER TABLE t ALTER COLUMN small TYPE bigint",
        "UPDATE t SET small = 5000000000 WHERE id = 1");
    await("wider", "[[5000000054]]", "SELECT sum(small) FROM clean.t");
    shop.execute(
        "ALTER TABLE t RENAME COLUMN body TO content",
        "UPDATE t SET n = n + 1",
        "ALTER TABLE t ALTER COLUMN n TYPE numeric(10,2)",
        "UPDATE t SET n = n + 0.25");
    await(
        "renamed and changed",
        "[[67.50,6400]]",
        "SELECT sum(n), min(length(content)) FROM clean.t");
    shop.execute(
        "ALTER TABLE t DROP CONSTRAINT t_pkey",
        "ALTER TABLE t ADD PRIMARY KEY (id, small)",
        "INSERT INTO t VALUES (1, 'twice', 0, 7)");
    await("another key", "[[11,2]]", "SELECT count(*), count(*) FILTER (id = 1) FROM clean.t");
    String hash =
        "SELECT md5(string_agg(concat_ws('|', id, md5(content), n, small), %s ORDER BY id, small)) FROM %s";
    assertThat(rows(hash.formatted("chr(10)", "clean.t")))
        .isEqualTo("[[\"" + shop.value(hash.formatted("E'\\n'", "t")) + "\"]]");
  }

  @Test
  void aValueThatCannotBeHeldStopsASourceThatWantsThat() throws IOException {
    shop.execute(
        "CREATE TABLE t (id int PRIMARY KEY, d date)", "INSERT INTO t VALUES (1, 'infinity')");
    define("public.t", "overflow: fail");
    open(WorldShape.onThisMachine(folder.resolve(".datalake")));
    await(
        "the load stops", () -> status().problem().contains("public.t.d has 1 value in its load"));
    assertThat(status().problem()).contains("texts: [public.t.d]").contains("overflow: nulls");
    shop.execute("UPDATE t SET d = '2026-01-01'");
    await("loaded", "[[\"2026-01-01\"]]", "SELECT d FROM clean.t");
    shop.execute("INSERT INTO t VALUES (2, '-infinity')");
    await("changes stop", () -> status().problem().contains("public.t.d has 1 value in changes"));
    assertThat(rows("SELECT count(*) FROM clean.t")).isEqualTo("[[1]]");
    define("public.t", "overflow: fail\ntexts: [public.t.d]");
    lake.sources();
    await("as texts", "[[\"-infinity\"],[\"2026-01-01\"]]", "SELECT d FROM clean.t ORDER BY d");
  }

  @Test
  void aKeyThatCannotBeHeldIsRefusedAlways() throws IOException {
    shop.execute(
        "CREATE TABLE t (id int, d date, PRIMARY KEY (id, d))",
        "INSERT INTO t VALUES (1, 'infinity'), (1, '-infinity')");
    open("public.t");
    await("it is told", () -> status().problem().contains("public.t.d has 2 values in its load"));
    assertThat(status().problem()).contains("rows are told by it").contains("leave the table out");
    define("public.t", "texts: [public.t.d]");
    lake.sources();
    await("as texts", "[[2]]", "SELECT count(*) FROM clean.t");
    shop.execute("DELETE FROM t WHERE d = 'infinity'");
    await("followed", "[[\"-infinity\"]]", "SELECT d FROM clean.t");
  }

  @Test
  void aSlotThatIsGoneIsTold() throws IOException {
    shop.execute("CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a VALUES (1)");
    open("public.a");
    await("loaded", "[[1]]", "SELECT count(*) FROM clean.a");
    lake.close();
    shop.execute(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
        "INSERT INTO a VALUES (2)");
    open("public.a");
    await("it is told", () -> status().condition().equals("lost"));
    assertThat(status().problem()).contains("replication slot").contains("gone");
    assertThat(lake.checkSource(new SourceName("shop")).checks())
        .filteredOn(c -> c.result().equals("error"))
        .singleElement()
        .satisfies(c -> assertThat(c.what() + c.remedy()).contains("slot ", "source reload"));
    assertThat(rows("SELECT count(*) FROM clean.a")).as("as it was").isEqualTo("[[1]]");
  }

  @Test
  void afterChangesWereLostAllIsLoadedAnewIfSomeoneSaysSo() throws IOException {
    shop.execute(
        "CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a SELECT generate_series(1, 5)");
    open("public.a");
    await("loaded", "[[5]]", "SELECT count(*) FROM clean.a");
    lake.close();
    shop.execute(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
        "DELETE FROM a WHERE id < 3");
    open("public.a");
    await("it is told", () -> status().condition().equals("lost"));
    assertThat(status().problem()).contains("datalake source reload shop");
    assertThat(
            lake.reloadSource(new SourceName("shop"), new SourceReloadRequest(List.of())).tables())
        .containsExactly("public.a");
    await("anew", "[[3]]", "SELECT count(*) FROM clean.a");
    lake.close();
    shop.execute(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
        "DELETE FROM a WHERE id = 3",
        "INSERT INTO a VALUES (9), (10)");
    more = "on_lost: reload\n";
    open("public.a");
    await("by itself", "[[4,4]]", "SELECT count(*), min(id) FROM clean.a");
    shop.execute("UPDATE a SET id = 11 WHERE id = 10");
    await("followed", "[[11]]", "SELECT max(id) FROM clean.a");
  }

  @Test
  void aTableIsLoadedAnewWhenSomeoneSaysSo() throws IOException {
    shop.execute(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY)",
        "INSERT INTO a VALUES (1)",
        "INSERT INTO b VALUES (1)");
    open("public.*");
    await("loaded", "[[1,1]]", "SELECT count(*), (SELECT count(*) FROM clean.b) FROM clean.a");
    SourceName source = new SourceName("shop");
    assertThatThrownBy(
            () -> lake.reloadSource(source, new SourceReloadRequest(List.of("public.c"))))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("it has: public.a, public.b");
    String loads = "SELECT count(*) FROM ledger_batch WHERE kind = 'load' AND part = 'load:public.";
    lake.reloadSource(source, new SourceReloadRequest(List.of("public.b")));
    shop.execute("INSERT INTO b VALUES (2)", "INSERT INTO a VALUES (2)");
    await("both", "[[2,2]]", "SELECT count(*), (SELECT count(*) FROM clean.b) FROM clean.a");
    await("b is anew", () -> number(loads + "b'") == 2);
    assertThat(number(loads + "a'")).isEqualTo(1);
    shop.execute("INSERT INTO b VALUES (3)");
    await("followed", "[[3]]", "SELECT count(*) FROM clean.b");
  }

  /** Also while rows change, move to other keys, and the server ends in between. */
  @ParameterizedTest
  @ValueSource(strings = {"int", "text"})
  void aLargeTableIsLoadedInPartsThatAreNotReadAgain(String key) throws Exception {
    shop.execute(
        "CREATE TABLE t (id " + key + ", part int, big text, n int, PRIMARY KEY (id, part))",
        "ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL",
        "INSERT INTO t SELECT ('1' || i)::"
            + key
            + ", i % 3, repeat(md5(i::text), CASE WHEN i % 20 = 0 THEN 100 ELSE 1 END), 0 FROM generate_series(1000, 8999) i",
        "ANALYZE t");
    more = "load_split: 100KB\n";
    Thread writer = new Thread(() -> write(key));
    writer.start();
    open("public.t");
    String loads = "SELECT count(*) FROM ledger_batch WHERE kind = 'load'";
    await("some parts", () -> number(loads) >= 3);
    long before = number(loads);
    lake.close();
    open("public.t");
    await("all parts", () -> exists("clean.t"));
    writer.join();
    assertThat(before).isLessThan(number(loads));
    assertThat(number("SELECT count(DISTINCT offset_to) FROM ledger_batch WHERE kind = 'load'"))
        .isEqualTo(number(loads));
    assertThat(
            number(
                "SELECT count(*) FROM ledger_batch WHERE kind = 'load' AND offset_to NOT LIKE '%upTo%'"))
        .isOne();
    String hash =
        "SELECT count(*), md5(string_agg(concat_ws('|', id, part, md5(big), n), %s ORDER BY md5(id::text), part)) FROM %s";
    List<String> there = shop.query(hash.formatted("E'\\n'", "t")).get(0);
    await(
        "equal",
        "[[" + there.get(0) + ",\"" + there.get(1) + "\"]]",
        hash.formatted("chr(10)", "clean.t"));
  }

  private void write(String key) {
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      String id = "('1' || " + (1000 + random.nextInt(8000)) + ")::" + key;
      switch (random.nextInt(5)) {
        case 0 -> shop.execute("DELETE FROM t WHERE id = " + id);
        case 1 -> shop.execute("UPDATE t SET n = n + 1 WHERE id = " + id);
        case 2 -> shop.execute("UPDATE t SET big = NULL WHERE id = " + id);
        case 3 -> shop.execute("UPDATE t SET big = repeat('x', 5000), n = 9 WHERE id = " + id);
        default ->
            shop.execute(
                "UPDATE t SET part = part + 10 WHERE id = " + id,
                "INSERT INTO t VALUES (('2' || " + i + ")::" + key + ", 0, 'new', 0)");
      }
    }
  }

  @Test
  void tablesWithoutAKeyHaveWhatTheirSourceHas() throws IOException {
    shop.execute(
        "CREATE TABLE bag (a int, b text, c float8)",
        "ALTER TABLE bag REPLICA IDENTITY FULL",
        "ALTER TABLE bag ALTER COLUMN b SET STORAGE EXTERNAL",
        "INSERT INTO bag SELECT i % 3, NULL, 0.5 FROM generate_series(1, 9) i",
        "CREATE TABLE history (tid int, at timestamptz DEFAULT now())",
        "INSERT INTO history SELECT generate_series(1, 5)");
    more = "append_only: [public.history]\n";
    open("public.*");
    await(
        "loaded",
        "[[9,5]]",
        "SELECT count(*), (SELECT count(*) FROM clean.history) FROM clean.bag");
    shop.execute(
        "INSERT INTO bag VALUES (0, repeat('long', 4000), 'NaN'), (NULL, NULL, NULL), (NULL, NULL, NULL)",
        "DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag WHERE a = 1)",
        "UPDATE bag SET a = 7 WHERE ctid = (SELECT min(ctid) FROM bag WHERE a IS NULL)",
        "UPDATE bag SET a = 8 WHERE b IS NOT NULL",
        "INSERT INTO history SELECT generate_series(6, 7)",
        "UPDATE history SET tid = 70 WHERE tid = 7",
        "BEGIN; INSERT INTO bag VALUES (99, '', 0); SAVEPOINT s; DELETE FROM bag; ROLLBACK TO s; COMMIT");
    await(
        "followed",
        "[[0,0.5,3],[1,0.5,2],[2,0.5,3],[7,null,1],[8,\"NaN\",1],[99,0.0,1],[null,null,1]]",
        "SELECT a, c, count(*) FROM clean.bag GROUP BY ALL ORDER BY a NULLS LAST");
    await("history", "[[7,7]]", "SELECT count(*), max(tid) FROM clean.history");
    shop.execute("BEGIN; TRUNCATE bag; INSERT INTO bag VALUES (1), (1); COMMIT");
    await("emptied", "[[2]]", "SELECT count(*) FROM clean.bag");
  }

  @Test
  void aTableThatMayNotBeReadHoldsUpNoOther() throws IOException {
    String user = "reader_of_" + shop.database();
    shop.execute(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE hidden (id int PRIMARY KEY)",
        "CREATE TABLE guarded (id int PRIMARY KEY)",
        "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY",
        "INSERT INTO a VALUES (1)",
        "CREATE ROLE " + user + " LOGIN REPLICATION PASSWORD '" + shop.password() + "'",
        "GRANT SELECT ON a, guarded TO " + user,
        "CREATE PUBLICATION reading FOR TABLE a");
    this.user = user;
    more = "publication: reading\n";
    open("public.*");
    await("loaded", "[[1]]", "SELECT count(*) FROM clean.a");
    assertThat(status().left())
        .satisfiesExactly(
            one -> assertThat(one).contains("guarded").contains("row security"),
            one -> assertThat(one).contains("hidden").contains("GRANT SELECT"));
    shop.execute("INSERT INTO a VALUES (2)");
    await("followed", "[[2]]", "SELECT count(*) FROM clean.a");
  }

  @Test
  void aColumnThatIsAddedWithADefaultHasItInAllRows() throws IOException {
    shop.execute("CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a VALUES (1), (2)");
    open("public.a");
    await("loaded", "[[2]]", "SELECT count(*) FROM clean.a");
    shop.execute(
        "ALTER TABLE a ADD COLUMN n int DEFAULT 5",
        "ALTER TABLE a ADD COLUMN u uuid DEFAULT gen_random_uuid()",
        "INSERT INTO a VALUES (3)");
    await("filled", "[[3,15,3]]", "SELECT count(*), sum(n), count(DISTINCT u) FROM clean.a");
  }

  @Test
  void theLogOfABusyDatabaseIsNotKeptForIdleTables() throws IOException {
    shop.execute(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE busy (id int)",
        "INSERT INTO a VALUES (1)");
    open("public.a");
    await("loaded", "[[1]]", "SELECT count(*) FROM clean.a");
    shop.execute("INSERT INTO busy SELECT generate_series(1, 10000)");
    String end = shop.value("SELECT pg_current_wal_lsn()");
    String slot =
        "SELECT confirmed_flush_lsn >= '"
            + end
            + "' FROM pg_replication_slots WHERE slot_name = '"
            + shop.database()
            + "'";
    await("it goes on", () -> shop.value(slot).equals("t"));
    shop.execute("INSERT INTO a VALUES (2)");
    await("followed", "[[2]]", "SELECT count(*) FROM clean.a");
  }

  @Test
  void aLakeThatIsOlderThanWhatItAcknowledgedIsTold() throws IOException {
    shop.execute("CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a VALUES (1)");
    open("public.a");
    await("loaded", "[[1]]", "SELECT count(*) FROM clean.a");
    lake.close();
    shop.execute(
        "INSERT INTO a VALUES (2)",
        "SELECT pg_replication_slot_advance('" + shop.database() + "', pg_current_wal_lsn())");
    open("public.a");
    await("it is told", () -> status().condition().equals("lost"));
    assertThat(status().problem()).contains("the lake is an older copy");
  }

  @Test
  void aTableOfTheLakeIsNotTakenForACopy() throws IOException {
    shop.execute("CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a VALUES (1)");
    write("tables/a.yaml", "from: raw.a\n");
    open("public.nothing");
    lake.land(
        new Upload(
            new SourceName("a"),
            "",
            "a.json",
            new ByteArrayInputStream("{\"n\":1}\n".getBytes(UTF_8))));
    lake.crawl(new CrawlRequest(List.of(), false), ExampleLake.work());
    lake.run(new RunRequest(List.of(), false), ExampleLake.work());
    define("public.a");
    lake.sources();
    await("it is told", () -> status().problem().contains("is not the copy of shop/public.a"));
    assertThat(rows("SELECT n FROM clean.a")).isEqualTo("[[1]]");
  }

  // ---- the lake ----

  private FollowedSource status() {
    return lake.sources().sources().get(0);
  }

  private void define(String tables) throws IOException {
    define(tables, more);
  }

  private void define(String tables, String more) throws IOException {
    write(
        "sources/shop.yaml",
        "connection:\n  host: "
            + shop.host()
            + "\n  port: "
            + shop.port()
            + "\n  database: "
            + shop.database()
            + "\n  user: "
            + user
            + "\n  password: file:password\nfreshness: 200ms\nslot: "
            + shop.database()
            + "\ntables: ["
            + tables
            + "]\n"
            + more
            + "\n");
  }

  /** Of the ledger. */
  private long number(String sql) {
    return Objects.requireNonNull(database).read(h -> h.createQuery(sql).mapTo(Long.class).one());
  }

  private boolean exists(String table) {
    return lake.tables().tables().stream().anyMatch(t -> t.name().equals(table));
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void open(String tables) throws IOException {
    open(WorldShape.onThisMachine(folder.resolve(".datalake")), tables);
  }

  private void open(WorldShape shape, String sourceTables) throws IOException {
    define(sourceTables);
    open(shape);
  }

  private void open(WorldShape shape) throws IOException {
    write("lake.yaml", "name: following\n");
    write("password", shop.password());
    closer = new Closer();
    HeldObjectStore objects = new HeldObjectStore(closer.add(shape.objects()));
    database = closer.add(shape.database());
    Ledger ledger = new SqlLedger(database);
    Clock clock = Clock.systemUTC();
    IcebergTables tables =
        new IcebergTables(database, objects, clock, "owner", Duration.ofMinutes(5));
    engine.serve(objects, tables);
    Lake read = Wiring.read(folder, null);
    lake =
        new LakeOperations(
            read,
            read.definition(),
            ledger,
            objects,
            database,
            tables,
            engine.engine(),
            Backups.of(read.definition(), database, objects, tables, engine.engine(), clock),
            NoStreams.with(source -> Wiring.database(read.definition(), source)),
            clock,
            closer);
  }

  private String rows(String sql) {
    List<String> rows = new ArrayList<>();
    lake.query(
        new QueryRequest(sql, 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {}

          @Override
          public void rows(byte[] json, int count) {
            rows.add(new String(json, UTF_8).replaceAll("\\n", ""));
          }
        },
        ExampleLake.work());
    return String.join("", rows);
  }

  private void await(String what, String wanted, String sql) {
    await(
        what + ": " + wanted,
        () -> {
          try {
            return rows(sql).equals(wanted);
          } catch (TarnException e) {
            return false; // it is not there yet
          }
        });
  }

  private void await(String what, BooleanSupplier come) {
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    while (!come.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(what + " does not come: " + lake.sources());
      }
      try {
        TimeUnit.MILLISECONDS.sleep(100);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
