package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.api.SourceVerifyAnswer;
import tarn.api.SourceVerifyRequest;
import tarn.core.engine.BuildJob;
import tarn.core.engine.Relation;
import tarn.core.engine.View;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.table.At;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.WrittenFile;
import tarn.testkit.S3Fixture;
import tarn.testkit.SourcePostgres;

/** A database against its copies. */
class SourceVerifyTest {
  private static final SourceName SHOP = new SourceName("shop");
  private static final TableName ORDERS = new TableName("clean", "orders");

  @TempDir private static Path engines;
  private static CrashingWorld.WarmEngine engine;

  @TempDir private Path folder;
  private final SourcePostgres shop = SourcePostgres.fresh();

  @BeforeAll
  static void start() {
    engine = new CrashingWorld.WarmEngine(engines);
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  // ---- claims ----

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDatabaseThatChangesIsEqualAndWhatIsNotIsToldByKey(boolean onServers) throws Exception {
    if (onServers) {
      try (S3Fixture storage = S3Fixture.start(folder.resolve("s3"))) {
        equalAndToldByKey(WorldShape.onServers(folder.resolve(".datalake"), storage));
      }
    } else {
      equalAndToldByKey(WorldShape.onThisMachine(folder.resolve(".datalake")));
    }
  }

  private void equalAndToldByKey(WorldShape shape) throws Exception {
    shop.execute(
        "CREATE TABLE orders (id int PRIMARY KEY, name text, total numeric(10,2), big text, at timestamptz)",
        "ALTER TABLE orders ALTER COLUMN big SET STORAGE EXTERNAL",
        "INSERT INTO orders SELECT i, 'order ' || i, i / 4.0, repeat(md5(i::text), 100), now() FROM generate_series(1, 1000) i",
        "CREATE TABLE pairs (a text, b date, v float8, PRIMARY KEY (a, b))",
        "INSERT INTO pairs VALUES ('x', '2026-01-01', 'NaN'), ('x', '2026-01-02', NULL), ('y', '2026-01-01', 1.5)",
        "CREATE TABLE empty (id uuid PRIMARY KEY)",
        "CREATE TABLE bag (v int)",
        "ALTER TABLE bag REPLICA IDENTITY FULL",
        "CREATE TABLE untold (v int)");
    try (FollowedLake lake = FollowedLake.open(folder, shape, engine, shop)) {
      lake.await("SELECT count(*) FROM clean.orders", "1000");
      AtomicBoolean stop = new AtomicBoolean();
      CompletableFuture<Integer> busy = CompletableFuture.supplyAsync(() -> write(stop));
      for (int i = 0; i < 3; i++) {
        SourceVerifyAnswer answer = verify(lake, "");
        assertThat(answer.equal()).as(answer.toString()).isTrue();
        assertThat(answer.tables())
            .extracting(SourceVerifyAnswer.Table::table)
            .containsExactly("public.empty", "public.orders", "public.pairs");
        assertThat(answer.notCompared())
            .hasSize(2)
            .anyMatch(why -> why.startsWith("public.bag (it has no key"))
            .anyMatch(why -> why.startsWith("public.untold (its rows cannot be told apart"));
        assertThat(answer.tables().get(1).ranges()).hasSizeBetween(2, 10);
      }
      stop.set(true);
      assertThat(busy.get()).as("it was written meanwhile").isPositive();
      assertThat(verify(lake, "").tables())
          .as("nothing changes any more: all is compared")
          .allMatch(t -> t.changing() == 0);
      lake.operations().sources(); // the source is still followed
      damage(lake);
      SourceVerifyAnswer damaged = verify(lake, "clean.orders");
      assertThat(damaged.equal()).isFalse();
      SourceVerifyAnswer.Table orders = damaged.tables().get(0);
      assertThat(orders.differences())
          .extracting(d -> d.key() + " " + d.how() + " " + d.columns())
          .containsExactly(
              "[-5] only_in_lake []",
              "[7] different [name, total]",
              "[8] only_in_source []",
              "[500] repeated []");
      assertThat(orders.ranges().stream().filter(r -> r.differing() > 0)).isNotEmpty();
      assertThat(orders.ranges().stream().mapToLong(SourceVerifyAnswer.Range::differing).sum())
          .isEqualTo(4);
      assertThat(orders.ranges())
          .allMatch(
              r ->
                  r.differing() > 0
                      == (!r.sourceHash().equals(r.lakeHash()) || r.sourceRows() != r.lakeRows()));
      assertThat(left(folder)).as("what was compared is removed").isEmpty();
    }
  }

  /** Rows come, change, move to other keys and go. */
  private int write(AtomicBoolean stop) {
    int transactions = 0;
    while (!stop.get()) {
      int id = 1 + transactions * 37 % 1000;
      shop.execute(
          "UPDATE orders SET total = total + 1 WHERE id BETWEEN " + id + " AND " + (id + 20),
          "BEGIN; DELETE FROM orders WHERE id = "
              + id
              + "; INSERT INTO orders VALUES ("
              + id
              + ", 'again', 1, repeat('x', 3000), now()); COMMIT",
          "UPDATE orders SET id = -id WHERE id = " + (id + 1),
          "UPDATE orders SET id = -id WHERE id = -" + (id + 1));
      transactions++;
    }
    shop.execute(
        "DELETE FROM orders WHERE id NOT BETWEEN 1 AND 1000",
        "INSERT INTO orders SELECT i, 'late', 0 FROM generate_series(1, 1000) i ON CONFLICT DO NOTHING");
    return transactions;
  }

  /** Behind Tarn's back. */
  private static void damage(FollowedLake lake) {
    TableState state = lake.tables().load(ORDERS).orElseThrow();
    Scan scan = lake.tables().scan(ORDERS, new At.Now(), Expressions.alwaysTrue());
    List<WrittenFile> written =
        engine
            .engine()
            .build(
                new BuildJob(
                    state,
                    "SELECT * REPLACE (CASE WHEN id = 7 THEN 'forged' ELSE name END AS name, CASE WHEN id = 7 THEN -1 ELSE total END AS total) FROM t WHERE id <> 8"
                        + " UNION ALL SELECT * REPLACE (-5 AS id) FROM t WHERE id = 9 UNION ALL SELECT * FROM t WHERE id = 500",
                    List.of(new View("t", new Relation.OfTable(scan))),
                    Duration.ofMinutes(1)));
    lake.tables()
        .commit(
            List.of(
                new TableChange(
                    state, new DataChange.ReplaceAll(written), Map.of(), "forgery", Map.of())));
  }

  @Test
  void whatCannotBeComparedIsToldAndNothingIsLeft() throws Exception {
    shop.execute(
        "CREATE TABLE orders (id int PRIMARY KEY)",
        "CREATE TABLE log (line text)",
        "INSERT INTO orders SELECT generate_series(1, 100)");
    try (FollowedLake lake =
        FollowedLake.open(
            folder, WorldShape.onThisMachine(folder.resolve(".datalake")), engine, shop)) {
      lake.await("SELECT count(*) FROM clean.orders", "100");
      refuses(lake, "public.log", ErrorCode.NOT_FOUND, "public.log (its rows cannot be told apart");
      refuses(lake, "public.nothing", ErrorCode.NOT_FOUND, "datalake source tables shop");
      shop.execute(
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database() AND active",
          "SELECT pg_sleep(0.3)");
      lake.await(
          "the slot can be dropped",
          () -> {
            try {
              shop.execute(
                  "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database() AND active");
              shop.execute(
                  "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()");
              return true;
            } catch (RuntimeException e) {
              return false; // it is in use again
            }
          });
      shop.execute("INSERT INTO orders VALUES (101)");
      refuses(lake, "", ErrorCode.SOURCE_LOST, "replication slot");
      assertThat(left(folder)).isEmpty();
    }
  }

  @Test
  void oneThatIsCancelledLeavesNothing() throws Exception {
    shop.execute(
        "CREATE TABLE orders (id int PRIMARY KEY)",
        "INSERT INTO orders SELECT generate_series(1, 1000)");
    try (FollowedLake lake =
        FollowedLake.open(
            folder, WorldShape.onThisMachine(folder.resolve(".datalake")), engine, shop)) {
      lake.await("SELECT count(*) FROM clean.orders", "1000");
      Cancellation cancellation = new Cancellation();
      Work work =
          new Work(
              (stage, name, done, total, unit) -> {
                if (name.startsWith("waiting") || name.startsWith("reading")) {
                  cancellation.cancel("enough");
                }
              },
              cancellation);
      assertThatThrownBy(
              () ->
                  lake.operations().verifySource(SHOP, new SourceVerifyRequest("", 0, 0, 0), work))
          .isInstanceOfSatisfying(
              TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
      assertThat(left(folder)).isEmpty();
      assertThat(verify(lake, "").equal()).isTrue();
    }
  }

  // ---- asking ----

  private static SourceVerifyAnswer verify(FollowedLake lake, String table) {
    return lake.operations()
        .verifySource(SHOP, new SourceVerifyRequest(table, 0, 10, 0), ExampleLake.work());
  }

  private static void refuses(FollowedLake lake, String table, ErrorCode code, String says) {
    assertThatThrownBy(() -> verify(lake, table))
        .hasMessageContaining(says)
        .isInstanceOfSatisfying(TarnException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /** Files of the temp zone, and of anyone's staging in it. */
  private static List<Path> left(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(f -> f.toString().contains("/verify/") || f.endsWith("rows.csv"))
          .toList();
    }
  }
}
