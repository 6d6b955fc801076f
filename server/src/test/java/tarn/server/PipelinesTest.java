package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.api.PipelineRun;
import tarn.api.PipelineSetting;
import tarn.api.PipelineStatus;
import tarn.api.TableSummary;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.HeldObjectStore;
import tarn.iceberg.IcebergTables;
import tarn.testkit.ClockAhead;
import tarn.testkit.S3Fixture;
import tarn.testkit.SourcePostgres;

/** Pipelines of a lake, run by its server. */
class PipelinesTest {
  private static final long MOST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(4);

  @TempDir private static Path engines;
  private static CrashingWorld.WarmEngine engine;

  @TempDir private Path folder;
  private final ClockAhead clock = new ClockAhead();
  private WorldShape shape;
  private Operations lake = new MemoryOperations();

  @BeforeAll
  static void start() {
    engine = new CrashingWorld.WarmEngine(engines);
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  @BeforeEach
  void shapeIt() {
    shape = WorldShape.onThisMachine(folder.resolve(".datalake"));
  }

  @AfterEach
  void close() {
    lake.close();
  }

  // ---- claims ----

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void modelsAreMadeAtTheirTimeAndACommandFollows(boolean onServers) throws Exception {
    if (onServers) {
      try (S3Fixture storage = S3Fixture.start(folder.resolve("s3"))) {
        shape = WorldShape.onServers(folder.resolve(".datalake"), storage);
        madeAndFollowed();
        lake.close();
        lake = new MemoryOperations();
      }
    } else {
      madeAndFollowed();
    }
  }

  private void madeAndFollowed() throws IOException {
    write("models/one.sql", "SELECT 1 AS n");
    write("models/two.sql", "SELECT n + 1 AS n FROM analytics.one");
    write(
        "pipelines/daily.yaml",
        "type: custom\nmodels: [two]\nschedule: rate(1 day)\nnext_pipeline: tell\n");
    write(
        "pipelines/tell.yaml",
        "type: custom\ncommand: [sh, -c, 'echo \"$DATALAKE_PIPELINE after ${HIDDEN:-nothing}\"; echo done > told.txt']\n");
    open();
    await("it looks", () -> status("daily").nextAt() != null);
    assertThat(status("tell").after()).containsExactly("daily");
    clock.advance(Duration.ofDays(1));
    PipelineRun made = awaitEnd("daily", 1);
    assertThat(made.state()).as(made.problem()).isEqualTo("succeeded");
    assertThat(made.trigger()).isEqualTo("schedule");
    assertThat(made.rowsUpserted()).isEqualTo(2);
    assertThat(lake.tables().tables()).extracting("name").contains("analytics.two");
    PipelineRun told = awaitEnd("tell", 1);
    assertThat(told.state()).as(told.problem()).isEqualTo("succeeded");
    assertThat(told.of()).isEqualTo(made.run());
    assertThat(told.log()).isEqualTo("tell after nothing\n");
    assertThat(folder.resolve("told.txt")).hasContent("done");
  }

  @Test
  void aDatabaseMovesWithItsPipelines() throws IOException {
    SourcePostgres shop = SourcePostgres.fresh();
    shop.execute(
        "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 10)");
    write("password", shop.password());
    write(
        "sources/shop.yaml",
        "connection: {host: %s, port: %d, database: %s, user: %s, password: 'file:password'}\ntables: [public.t]\nslot: %s\nfollow: pipeline\n"
            .formatted(shop.host(), shop.port(), shop.database(), shop.user(), shop.database()));
    write("pipelines/load.yaml", "type: jdbc_load\nsource: shop\nnext_pipeline: copies\n");
    write("pipelines/copies.yaml", "type: seed\nsource: shop\nnext_pipeline: changes\n");
    write("pipelines/changes.yaml", "type: incremental\nsource: shop\n");
    write("pipelines/live.yaml", "type: continuous\nsource: shop\n");
    open();
    lake.pipelines().run("load");
    assertThat(awaitEnd("changes", 1).state()).isEqualTo("succeeded");
    assertThat(awaitEnd("load", 1).rowsRead()).isEqualTo(10);
    assertThat(awaitEnd("copies", 1).rowsUpserted()).isEqualTo(10);
    assertThat(lake.sources().sources().get(0).condition()).isEqualTo("by_pipeline");
    shop.execute("INSERT INTO t SELECT generate_series(11, 15)");
    lake.pipelines().run("changes");
    PipelineRun changes = awaitEnd("changes", 2);
    assertThat(changes.state()).as(changes.problem()).isEqualTo("succeeded");
    assertThat(changes.rowsRead()).isEqualTo(5);
    lake.pipelines().run("live");
    shop.execute("INSERT INTO t SELECT generate_series(16, 20)");
    await("live", () -> Objects.equals(rowsOf("clean.t"), 20L));
    lake.pipelines().stop("live");
    awaitEnd("live", 1);
    shop.execute("DELETE FROM t WHERE id > 5");
    lake.pipelines().run("load");
    awaitEnd("changes", 3);
    assertThat(rowsOf("clean.t")).isEqualTo(5);
  }

  private @Nullable Long rowsOf(String table) {
    return lake.tables().tables().stream()
        .filter(t -> t.name().equals(table))
        .findFirst()
        .map(TableSummary::rows)
        .orElse(null);
  }

  @Test
  void whatIsDisabledIsNotStartedButCanBeAskedFor() throws IOException {
    write("pipelines/first.yaml", "type: custom\ncommand: ['true']\n");
    write(
        "pipelines/second.yaml",
        "type: custom\ncommand: ['true']\nafter: first\nschedule: rate(1 day)\n");
    open();
    assertThat(lake.pipelines().enable("second", false).enabled()).isFalse();
    assertThat(status("second").switched()).isEqualTo("disabled");
    assertThat(status("second").nextAt()).isNull();
    clock.advance(Duration.ofDays(5));
    lake.pipelines().run("first");
    awaitEnd("first", 1);
    assertThat(history("second")).isEmpty();
    lake.pipelines().run("second");
    assertThat(awaitEnd("second", 1).trigger()).isEqualTo("manual");
    lake.pipelines().enable("second", true);
    await("it looks again", () -> status("second").nextAt() != null);
    assertThat(history("second")).as("nothing is made up for").hasSize(1);
    lake.pipelines().run("first");
    assertThat(awaitEnd("second", 2).trigger()).isEqualTo("after");
    lake.pipelines().enable("second", false);
    write("pipelines/second.yaml", "type: custom\ncommand: ['true']\nafter: first\nretries: 1\n");
    assertThat(status("second").enabled()).as("another file").isTrue();
  }

  @Test
  void aFailureIsToldInTheStatusAndTriedAgain() throws IOException {
    write(
        "pipelines/p.yaml",
        "type: custom\ncommand: [sh, -c, 'echo no luck; exit 3']\nretries: 1\n");
    open();
    lake.pipelines().run("p");
    await("the first attempt", () -> status("p").newest().get(0).problem().contains("no luck"));
    assertThat(status("p").newest().get(0).state()).isEqualTo("running");
    clock.advance(Duration.ofSeconds(10));
    PipelineRun run = awaitEnd("p", 1);
    assertThat(run.state()).isEqualTo("failed");
    assertThat(run.attempt()).isEqualTo(2);
    assertThat(run.problem()).isEqualTo("the command sh ended with 3: no luck");
    assertThat(lake.status().notes()).anyMatch(note -> note.contains("the pipeline p failed"));
    write("pipelines/p.yaml", "type: custom\ncommand: [true-is-not-there]\n");
    lake.pipelines().run("p");
    assertThat(awaitEnd("p", 2).problem())
        .contains("pipelines/p.yaml")
        .contains("cannot be started");
  }

  @Test
  void aFailureAndTheNextSuccessAreToldOnce() throws IOException {
    Queue<String> heard = new ConcurrentLinkedQueue<>();
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/",
        exchange -> {
          heard.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    web.start();
    try {
      write(
          "pipelines/p.yaml",
          "type: custom\ncommand: [test, -e, good.txt]\nnotify: [{webhook: 'http://localhost:"
              + web.getAddress().getPort()
              + "/'}]\n");
      open();
      lake.pipelines().run("p");
      awaitEnd("p", 1);
      await("it is told", () -> history("p").get(0).notice().equals("told"));
      write("good.txt", "");
      lake.pipelines().run("p");
      awaitEnd("p", 2);
      await("it is told", () -> history("p").get(0).notice().equals("told"));
      lake.pipelines().run("p");
      assertThat(awaitEnd("p", 3).notice()).isEmpty();
      assertThat(heard).hasSize(2);
      assertThat(heard.remove()).contains("\"state\":\"failed\"");
      assertThat(heard.remove()).contains("\"state\":\"succeeded\"");
    } finally {
      web.stop(0);
    }
  }

  @Test
  void aModelThatFailsFailsItsPipeline() throws IOException {
    write("models/one.sql", "SELECT 1 AS n FROM clean.missing");
    write("pipelines/p.yaml", "type: custom\nmodels: [one]\n");
    open();
    lake.pipelines().run("p");
    PipelineRun run = awaitEnd("p", 1);
    assertThat(run.state()).isEqualTo("failed");
    assertThat(run.problem()).contains("clean.missing");
  }

  @Test
  void aCommandIsStoppedWithAllThatItStartedAndAtItsTimeout() throws IOException {
    write(
        "pipelines/p.yaml",
        "type: custom\ncommand: [sh, -c, 'sleep 1000 & echo $! > child.txt; wait']\ntimeout: 2h\n");
    open();
    lake.pipelines().run("p");
    ProcessHandle child = child();
    lake.pipelines().stop("p");
    assertThat(awaitEnd("p", 1).state()).isEqualTo("cancelled");
    await("its end", () -> !child.isAlive());
    Files.delete(folder.resolve("child.txt"));
    lake.pipelines().run("p");
    ProcessHandle next = child();
    clock.advance(Duration.ofHours(3));
    PipelineRun late = awaitEnd("p", 2);
    assertThat(late.state()).isEqualTo("failed");
    assertThat(late.problem()).contains("timeout of 7200 s");
    await("its end", () -> !next.isAlive());
  }

  @Test
  void aServerThatStopsLeavesItsRunToTheNext() throws IOException {
    write(
        "pipelines/p.yaml",
        "type: custom\ncommand: [sh, -c, 'test -e go.txt || { touch began.txt; sleep 1000; }']\n");
    open();
    String id = lake.pipelines().run("p").run();
    await("it began", () -> Files.exists(folder.resolve("began.txt")));
    lake.close();
    write("go.txt", "");
    open();
    PipelineRun run = awaitEnd("p", 1);
    assertThat(run.run()).isEqualTo(id);
    assertThat(run.state()).isEqualTo("succeeded");
    assertThat(run.attempt()).isEqualTo(2);
  }

  @Test
  void settingsByCommandHoldUntilTheyAreTakenBack() throws IOException {
    write("pipelines/p.yaml", "type: custom\ncommand: ['true']\nschedule: rate(2 hours)\n");
    open();
    assertThat(set("schedule", "cron(0 2 * * ? *)").schedule()).isEqualTo("cron(0 2 * * ? *)");
    assertThat(set("time_zone", "Europe/Berlin").overrides())
        .containsExactly("schedule=cron(0 2 * * ? *)", "time_zone=Europe/Berlin");
    assertThat(set("schedule", "").schedule()).isEqualTo("rate(2 hours)");
    assertThatThrownBy(() -> set("schedule", "daily"))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST))
        .hasMessageContaining("'daily' is not a schedule like rate(2 hours)");
    assertThatThrownBy(() -> set("command", "rm"))
        .hasMessageContaining("'command' cannot be set by command")
        .hasMessageContaining("schedule, time_zone, timeout, retries");
    assertThatThrownBy(() -> lake.pipelines().status("q"))
        .hasMessageContaining("did you mean 'p'?");
  }

  // ---- ways ----

  private PipelineStatus set(String key, String value) {
    return lake.pipelines().set("p", new PipelineSetting(key, value));
  }

  private ProcessHandle child() throws IOException {
    await(
        "its child",
        () -> {
          try {
            return Files.readString(folder.resolve("child.txt")).endsWith("\n");
          } catch (IOException e) {
            return false;
          }
        });
    return ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve("child.txt")).strip()))
        .orElseThrow();
  }

  private PipelineStatus status(String pipeline) {
    return lake.pipelines().status(pipeline);
  }

  private List<PipelineRun> history(String pipeline) {
    return lake.pipelines().history(pipeline, 100).runs();
  }

  private PipelineRun awaitEnd(String pipeline, int runs) {
    await(
        pipeline + " has ended " + runs + " times",
        () -> history(pipeline).stream().filter(PipelineRun::isOver).count() == runs);
    return history(pipeline).get(0);
  }

  private static void await(String what, BooleanSupplier reached) {
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    while (!reached.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void open() throws IOException {
    write("lake.yaml", "name: flows\n");
    Lake read = Wiring.read(folder, null);
    Closer closer = new Closer();
    Database database = closer.add(shape.database());
    HeldObjectStore objects = new HeldObjectStore(closer.add(shape.objects()));
    Ledger ledger = new SqlLedger(database);
    IcebergTables tables =
        new IcebergTables(database, objects, clock, "owner", Wiring.longestWork(read.definition()));
    engine.serve(objects, tables);
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
}
