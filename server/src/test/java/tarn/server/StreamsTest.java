package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import tarn.api.Column;
import tarn.api.GatewayAnswer;
import tarn.api.QueryRequest;
import tarn.api.RedriveAnswer;
import tarn.api.RedriveRequest;
import tarn.api.ReplayAnswer;
import tarn.api.ReplayRequest;
import tarn.api.RunRequest;
import tarn.api.StreamStatus;
import tarn.api.TableRun;
import tarn.core.database.Database;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.HeldObjectStore;
import tarn.core.stream.IdIndex;
import tarn.core.stream.IdIndexes;
import tarn.core.table.TableName;
import tarn.iceberg.IcebergTables;
import tarn.testkit.MemoryEventLog;
import tarn.testkit.MemoryIdIndex;
import tarn.testkit.S3Fixture;

/** What becomes of a stream's files and of its tables, with a log in memory. */
class StreamsTest {
  private static final SourceName CLICKS = new SourceName("clicks");
  private static final TableName TABLE = new TableName("clean", "clicks");
  private static final String STREAM =
      """
      id: id
      type: type
      time: at
      late_after: 3650d
      freshness: 200ms
      raw_interval: 1s
      """;

  @TempDir private static Path engines;
  private static CrashingWorld.WarmEngine engine;

  @TempDir private Path folder;
  private final Closer closer = new Closer();
  private Operations lake = new MemoryOperations();
  private @Nullable Ledger opened;

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
  void aTableOfCompactedFilesIsThatOfSegments(boolean onServers) throws Exception {
    if (onServers) {
      try (S3Fixture storage = S3Fixture.start(folder.resolve("s3"))) {
        fromSegmentsAndFromCompactedFiles(
            WorldShape.onServers(folder.resolve(".datalake"), storage), this::putByKinesis);
        lake.close();
        lake = new MemoryOperations();
      }
    } else {
      fromSegmentsAndFromCompactedFiles(
          WorldShape.onThisMachine(folder.resolve(".datalake")), this::put);
    }
  }

  private void fromSegmentsAndFromCompactedFiles(WorldShape shape, Consumer<List<byte[]>> door)
      throws IOException {
    open(shape, STREAM, "from: clicks\n");
    for (int round = 0; round < 4; round++) {
      door.accept(events(round * 50, 50));
      loaded(50 * (round + 1));
    }
    String before = rows("SELECT * EXCLUDE _batch FROM clean.clicks ORDER BY id");
    await("all is compacted", () -> files().stream().allMatch(RawFile::isCompacted));
    assertThat(files())
        .extracting(RawFile::folder)
        .contains(
            "event_type=order/year=2026/month=03/day=01",
            "event_type=view/year=2026/month=03/day=01");
    List<TableRun> anew =
        lake.run(new RunRequest(List.of("clean.clicks"), true), ExampleLake.work()).tables();
    assertThat(anew).extracting(TableRun::outcome).containsExactly("written");
    assertThat(rows("SELECT * EXCLUDE _batch FROM clean.clicks ORDER BY id")).isEqualTo(before);
    assertThat(rows("SELECT count(*), count(DISTINCT id) FROM raw.clicks"))
        .isEqualTo("[[200,200]]");
    assertThat(rows("SELECT sum(_batch) FROM raw.clicks"))
        .as("the batch is told by the name of the file")
        .isEqualTo(rows("SELECT sum(_batch) FROM clean.clicks"));
  }

  @Test
  void foldersOfRawAreNoColumns() throws IOException {
    open("from: clicks\n", STREAM.replace("type: type", "type: event_type"));
    String odd = "x".repeat(201);
    put(
        List.of(
            ("{\"id\":\"1\",\"event_type\":\"" + odd + "\",\"day\":\"Monday\",\"year\":1}")
                .getBytes(UTF_8),
            "{\"id\":\"2\",\"event_type\":\"a/b\",\"month\":\"May\"}".getBytes(UTF_8),
            "{\"id\":\"3\"}".getBytes(UTF_8)));
    loaded(3);
    String sql = "SELECT id, event_type, day, year, month FROM clean.clicks ORDER BY id";
    String before = rows(sql);
    assertThat(before)
        .isEqualTo(
            "[[\"1\",\""
                + odd
                + "\",\"Monday\",1,null],[\"2\",\"a/b\",null,null,\"May\"],[\"3\",null,null,null,null]]");
    await("compacted", () -> files().stream().allMatch(RawFile::isCompacted));
    lake.run(new RunRequest(List.of("clean.clicks"), true), ExampleLake.work());
    assertThat(rows(sql)).isEqualTo(before);
    assertThat(rows(sql.replace("clean", "raw"))).isEqualTo(before);
  }

  @Test
  void uploadedRowsOfTheSameNameAreNotDoubledByAReplay() throws IOException {
    open("from: clicks\n");
    lake.land(
        new Upload(
            CLICKS,
            "",
            "old.json",
            new java.io.ByteArrayInputStream("{\"id\":\"old\",\"n\":-1}\n".getBytes(UTF_8))));
    put(events(0, 10));
    loaded(11);
    ReplayAnswer.Table answer = replay("", "");
    assertThat(answer.how()).isEqualTo("anew");
    assertThat(answer.message()).contains("do not tell their batch");
    assertThat(rows("SELECT count(*), count(DISTINCT id) FROM clean.clicks"))
        .isEqualTo("[[11,11]]");
  }

  @Test
  void aReplayReplacesTheRowsOfItsBatchesAndNoOthersBesideLiveEvents() throws IOException {
    open("from: clicks\n");
    put(events(0, 100));
    loaded(100);
    await("the first are compacted", () -> files().stream().allMatch(RawFile::isCompacted));
    Instant between = Instant.now();
    put(events(100, 100));
    loaded(200);
    table(
        """
        from: clicks
        recipe:
          - REMOVE_VALUES: {sourceColumn: type, condition: IS, value: [view]}
        """);
    ReplayAnswer.Table first = replay(between.toString(), "");
    assertThat(first.how()).isEqualTo("batches");
    assertThat(first.rowsRead()).isEqualTo(100);
    assertThat(rows("SELECT type, count(*) FROM clean.clicks GROUP BY type ORDER BY type"))
        .isEqualTo("[[\"order\",100],[\"view\",50]]");
    table("from: clicks\n");
    Thread live =
        new Thread(() -> IntStream.range(0, 10).forEach(i -> put(events(200 + 10 * i, 10))));
    live.start();
    for (int again = 0; again < 3; again++) {
      assertThat(replay("", "").failed()).isFalse();
    }
    join(live);
    loaded(300);
    assertThat(rows("SELECT count(*), count(DISTINCT id), sum(n) FROM clean.clicks"))
        .isEqualTo("[[300,300," + (299 * 300 / 2) + "]]");
  }

  @Test
  void eventsAreReplayedIntoAnotherStreamOnce() throws IOException {
    open("from: clicks\n");
    put(events(0, 700));
    loaded(700);
    write("streams/again.yaml", STREAM);
    await("compacted", () -> files().stream().allMatch(RawFile::isCompacted));
    put(events(700, 100));
    loaded(800);
    ReplayRequest request = new ReplayRequest("clicks", "", "", "", "", List.of(), "again", false);
    for (int time = 0; time < 2; time++) {
      ReplayAnswer.Table answer = lake.replay(request, ExampleLake.work()).tables().get(0);
      assertThat(answer.rowsRead()).isEqualTo(800);
      assertThat(answer.rowsWritten()).isEqualTo(800);
    }
    await("all", () -> lake.streams().streams().get(0).received() == 1_600);
    StreamStatus again = lake.streams().streams().get(0);
    assertThat(again.stream()).isEqualTo("again");
    assertThat(again.stored()).isEqualTo(800);
    assertThat(again.duplicate()).isEqualTo(800);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTypeIsReplayedWithItsBatchesAndNoOthersAndAloneIntoAStream(boolean onServers)
      throws Exception {
    if (onServers) {
      try (S3Fixture storage = S3Fixture.start(folder.resolve("s3"))) {
        replayOfAType(WorldShape.onServers(folder.resolve(".datalake"), storage));
        lake.close();
        lake = new MemoryOperations();
      }
    } else {
      replayOfAType(WorldShape.onThisMachine(folder.resolve(".datalake")));
    }
  }

  private void replayOfAType(WorldShape shape) throws IOException {
    open(shape, STREAM, "from: clicks\n");
    put(events(0, 40)); // 20 orders
    put(List.of(event("x", "x".repeat(201), 0), event("y", "y".repeat(201), 0)));
    loaded(42);
    await("compacted", () -> files().stream().allMatch(RawFile::isCompacted));
    put(IntStream.range(42, 82).mapToObj(i -> event("e" + i, "view", i)).toList());
    loaded(82);
    await("compacted", () -> files().stream().allMatch(RawFile::isCompacted));
    write("streams/clicks.yaml", STREAM.replace("raw_interval: 1s", "raw_interval: 1h"));
    lake.streams();
    put(IntStream.range(82, 122).mapToObj(i -> event("e" + i, "view", i)).toList());
    loaded(122);
    put(events(122, 40)); // 20 orders
    loaded(162);
    table(
        """
        from: clicks
        recipe:
          - REMOVE_VALUES: {sourceColumn: type, condition: IS, value: [view]}
        """);
    ReplayAnswer.Table dry = replay("order", "", true);
    assertThat(dry.eventsOfType()).isEqualTo(40);
    assertThat(dry.rowsRead()).isZero();
    assertThat(rows("SELECT count(*) FROM clean.clicks")).isEqualTo("[[162]]");
    for (int time = 0; time < 2; time++) {
      ReplayAnswer.Table answer = replay("order", "", false);
      assertThat(answer.failed()).as(answer.message()).isFalse();
      assertThat(answer.eventsOfType()).isEqualTo(40);
      assertThat(answer.rowsRead()).isEqualTo(82);
      assertThat(
              rows(
                  "SELECT type, count(*) FROM clean.clicks WHERE n > 0 GROUP BY type ORDER BY type"))
          .as("views of batches without an order stay")
          .isEqualTo("[[\"order\",40],[\"view\",80]]");
    }
    assertThat(replay("none", "", false).how()).as("files that many share").isEqualTo("batches");
    write("streams/again.yaml", STREAM);
    assertThat(replay("order", "again", true).eventsOfType()).isEqualTo(40);
    assertThat(replay("order", "again", false).rowsWritten()).isEqualTo(40);
    assertThat(replay("y".repeat(201), "again", false).rowsWritten()).isEqualTo(1);
    assertThat(replay("none", "again", false).rowsWritten()).isZero();
    await("all", () -> lake.streams().streams().get(0).received() == 41);
  }

  @Test
  void aTypeThatEventsDoNotHaveIsRefused() throws IOException {
    open("from: clicks\n", STREAM.replace("type: type\n", ""));
    assertThatThrownBy(() -> replay("order", "", true))
        .hasMessageContaining("'type: FIELD' in streams/clicks.yaml");
    write("streams/clicks.yaml", STREAM);
    assertThatThrownBy(
            () ->
                lake.replay(
                    new ReplayRequest("clicks", "", "", "order", "web", List.of(), "", true),
                    ExampleLake.work()))
        .hasMessageContaining("have no subtype");
  }

  @Test
  void whereRowsDependOnEachOtherTheTableIsMadeAnew() throws IOException {
    open("from: clicks\nkey: [type]\nordering: n\n");
    put(events(0, 20));
    loaded(2);
    ReplayAnswer.Table answer = replay("", "");
    assertThat(answer.how()).isEqualTo("anew");
    assertThat(answer.message()).contains("it has a key");
    assertThat(rows("SELECT n FROM clean.clicks ORDER BY n")).isEqualTo("[[18],[19]]");
  }

  @Test
  void whoGoesBackIntoTheMiddleOfAFileIsTold() throws IOException {
    open("from: clicks\n", STREAM.replace("raw_interval: 1s", "raw_interval: 1h"));
    put(events(0, 10));
    loaded(10);
    put(events(10, 10));
    loaded(20);
    write("streams/clicks.yaml", STREAM);
    await("both in one file", () -> ledger().files(2).stream().anyMatch(f -> f.firstSeq() == 1));
    lake.undo(TABLE);
    TableRun failed = lake.run(new RunRequest(List.of()), ExampleLake.work()).tables().get(0);
    assertThat(failed.outcome()).isEqualTo("failed");
    assertThat(failed.message()).contains("batches 1 to 2 lie together").contains("backfill");
    lake.run(new RunRequest(List.of("clean.clicks"), true), ExampleLake.work());
    assertThat(rows("SELECT count(*) FROM clean.clicks")).isEqualTo("[[20]]");
  }

  @Test
  void rawThatIsNotKeptGoesWhenTheTableHasIt() throws IOException {
    open("from: clicks\n", STREAM + "raw: none\n");
    put(events(0, 30));
    loaded(30);
    await("nothing is left", () -> files().stream().noneMatch(RawFile::isStored));
    put(events(0, 40));
    loaded(40);
    assertThat(status().duplicate()).as("ids stay").isEqualTo(30);
    TableRun anew =
        lake.run(new RunRequest(List.of("clean.clicks"), true), ExampleLake.work()).tables().get(0);
    assertThat(anew.message()).contains("expired");
    assertThat(rows("SELECT count(*) FROM clean.clicks")).isEqualTo("[[40]]");
  }

  @Test
  void timesThatAreOffAreFiledUnderTheArrivalOrRefused() throws IOException {
    open("from: clicks\n", STREAM + "future_after: 1h\non_future: reject\n");
    Instant now = Instant.now();
    put(
        List.of(
            event("now", now.toString()),
            event("1970", "1970-01-01T00:00:00Z"),
            event("far", now.plus(Duration.ofDays(9)).toString()),
            event("zone", "2026-03-01T00:00:00+25:00"),
            event("millis", String.valueOf(now.toEpochMilli())),
            "{\"id\":\"none\",\"type\":\"view\"}".getBytes(UTF_8)));
    loaded(5);
    assertThat(status().rejected()).isEqualTo(1);
    assertThat(lake.deadLetters(CLICKS, 9).letters())
        .extracting(letter -> letter.reason())
        .singleElement()
        .asString()
        .startsWith("it is of the future");
    await("compacted", () -> files().stream().allMatch(RawFile::isCompacted));
    Set<String> days = new TreeSet<>();
    files().forEach(f -> days.add(f.folder().replaceAll(".*year", "year")));
    assertThat(days).as("all today").hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void tenThousandTypesMakeTwoHundredFoldersAndLoseNothing() throws IOException {
    open("from: clicks\n");
    List<byte[]> many = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      many.add(("{\"id\":" + i + ",\"type\":\"t" + i + "\"}").getBytes(UTF_8));
    }
    put(many);
    loaded(10_000);
    await("compacted", () -> files().stream().allMatch(RawFile::isCompacted));
    assertThat(files().size()).isBetween(200, 420);
    assertThat(rows("SELECT count(*), count(DISTINCT type) FROM raw.clicks"))
        .isEqualTo("[[10000,10000]]");
  }

  @Test
  void deadLettersAreTakenOnceAfterAFix() throws IOException {
    open("from: clicks\n", STREAM.replace("id: id", "id: key"));
    put(events(0, 20));
    await("none has its id", () -> status().rejected() == 20);
    assertThat(redrive()).isEqualTo(new RedriveAnswer("clicks", 0, 0, 0, 0));
    write("streams/clicks.yaml", STREAM.replace("id: id", "id: other"));
    assertThat(redrive()).as("other reasons").isEqualTo(new RedriveAnswer("clicks", 0, 0, 0, 0));
    assertThat(lake.deadLetters(CLICKS, 99).letters())
        .hasSize(20)
        .allSatisfy(letter -> assertThat(letter.reason()).contains("'other'"));
    write("streams/clicks.yaml", STREAM);
    lake.streams();
    put(events(15, 10)); // five of them are letters, too
    loaded(10);
    assertThat(redrive()).isEqualTo(new RedriveAnswer("clicks", 15, 5, 0, -20));
    loaded(25);
    assertThat(redrive()).isEqualTo(new RedriveAnswer("clicks", 0, 0, 0, 0));
    assertThat(rows("SELECT count(*), count(DISTINCT id) FROM clean.clicks"))
        .isEqualTo("[[25,25]]");
    assertThat(lake.deadLetters(CLICKS, 99).letters()).isEmpty();
    StreamStatus status = status();
    assertThat(status.received())
        .isEqualTo(status.stored() + status.duplicate() + status.conflict() + status.rejected())
        .isEqualTo(30);
  }

  @Test
  void othersGoOnWhileAStreamOpensItsLog() throws Exception {
    HeldLog log = new HeldLog(new MemoryEventLog(Clock.systemUTC()));
    open(log, WorldShape.onThisMachine(folder.resolve(".datalake")), STREAM, "from: clicks\n");
    put(events(0, 10));
    lake.read(CLICKS, "oldest", "", 100); // the first of its kind takes longer
    lake.lag(CLICKS);
    CountDownLatch held = log.hold(new SourceName("slow"));
    write("streams/slow.yaml", STREAM);
    Thread opening = new Thread(() -> lake.put(new SourceName("slow"), events(0, 1)));
    opening.start();
    log.awaitHeld();
    try {
      assertThat(within(Duration.ofSeconds(1), () -> lake.put(CLICKS, events(10, 10)).accepted()))
          .isEqualTo(10);
      within(Duration.ofSeconds(1), () -> lake.read(CLICKS, "oldest", "", 100));
      within(Duration.ofSeconds(1), () -> lake.lag(CLICKS));
      assertThat(within(Duration.ofSeconds(10), () -> lake.streams().streams()))
          .extracting(StreamStatus::stream, StreamStatus::condition)
          .containsExactly(tuple("clicks", "running"), tuple("slow", "starting"));
      loaded(20);
    } finally {
      held.countDown();
    }
    join(opening);
    await("slow", () -> lake.streams().streams().get(1).stored() == 1);
  }

  @Test
  void aStreamWhoseChangeFailsIsDeliveredAsBefore() throws Exception {
    HeldLog log = new HeldLog(new MemoryEventLog(Clock.systemUTC()));
    open(log, WorldShape.onThisMachine(folder.resolve(".datalake")), STREAM, "from: clicks\n");
    put(events(0, 10));
    log.refuse(true);
    write("streams/clicks.yaml", STREAM + "retention: 30d\n");
    assertThatThrownBy(() -> lake.streams()).hasMessageContaining("the log does not answer");
    put(events(10, 10));
    log.refuse(false);
    await("the events", () -> status().stored() == 20);
    assertThat(lake.stream(CLICKS).settings()).containsEntry("retention", "30d");
  }

  @Test
  void aRedriveThatNobodyWaitsForAnyMoreIsNotBegun() throws Exception {
    MemoryEventLog memory = new MemoryEventLog(Clock.systemUTC());
    open(
        new HeldLog(memory),
        WorldShape.onThisMachine(folder.resolve(".datalake")),
        STREAM.replace("id: id", "id: key"),
        "from: clicks\n");
    put(events(0, 20));
    await("none has its id", () -> status().rejected() == 20);
    write("streams/clicks.yaml", STREAM);
    lake.streams();
    memory.down(true);
    await("it is down", () -> status().condition().equals("failing"));
    AtomicReference<Throwable> told = new AtomicReference<>();
    Thread asking =
        new Thread(
            () -> {
              try {
                redrive();
              } catch (TarnException e) {
                told.set(e);
              }
            });
    asking.start();
    await("it waits", () -> asking.getState() == Thread.State.TIMED_WAITING);
    asking.interrupt();
    join(asking);
    assertThat(told.get()).hasMessageContaining("not waited for");
    memory.down(false);
    put(events(100, 5));
    await("what is new", () -> status().stored() >= 5);
    assertThat(status().stored()).isEqualTo(5);
    assertThat(status().rejected()).isEqualTo(20);
  }

  @Test
  void aDamagedSegmentIsToldWhereStreamsAreListed() throws Exception {
    open("from: clicks\n", STREAM.replace("raw_interval: 1s", "raw_interval: 1h"));
    put(events(0, 10));
    loaded(10);
    RawFile segment = files().get(0);
    Path stored;
    try (Stream<Path> all = Files.walk(folder.resolve(".datalake"))) {
      stored = all.filter(f -> f.endsWith(Path.of(segment.key().path()))).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(stored);
    Files.write(stored, "damaged".getBytes(UTF_8));
    assertThat(status().problem()).isEmpty();
    write("streams/clicks.yaml", STREAM);
    await("it is told", () -> status().problem().contains("cannot be read"));
    assertThat(lake.stream(CLICKS).status().problem()).contains(segment.key().path());
    Files.write(stored, bytes);
    await("it is mended", () -> status().problem().isEmpty());
    await("compacted", () -> files().stream().allMatch(RawFile::isCompacted));
  }

  @Test
  void thatAFolderWithErrorsLeavesStreamsAsTheyAreIsTold() throws Exception {
    open("from: clicks\n");
    write("tables/broken.yaml", "from: [\n");
    assertThat(status().problem()).contains("broken.yaml");
    assertThat(status().condition()).isEqualTo("running");
    Files.delete(folder.resolve("tables/broken.yaml"));
    await("all is well", () -> status().problem().isEmpty());
  }

  private static <T> T within(Duration time, Callable<T> work) throws Exception {
    return CompletableFuture.supplyAsync(
            () -> {
              try {
                return work.call();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            })
        .get(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  // ---- the lake ----

  private void open(String table) throws IOException {
    open(table, STREAM);
  }

  private void open(String table, String stream) throws IOException {
    open(WorldShape.onThisMachine(folder.resolve(".datalake")), stream, table);
  }

  private void open(WorldShape shape, String stream, String table) throws IOException {
    MemoryEventLog log = new MemoryEventLog(Clock.systemUTC());
    log.patient();
    open(log, shape, stream, table);
  }

  private void open(EventLog log, WorldShape shape, String stream, String table)
      throws IOException {
    write("lake.yaml", "name: streaming\n");
    write("streams/clicks.yaml", stream);
    table(table);
    HeldObjectStore objects = new HeldObjectStore(closer.add(shape.objects()));
    Database database = closer.add(shape.database());
    Ledger ledger = new SqlLedger(database);
    opened = ledger;
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
            new Arrivals(
                () -> log,
                new Indexes(),
                source -> {
                  throw new AssertionError(source.source());
                }),
            clock,
            closer);
    lake.streams();
  }

  private static final class Indexes implements IdIndexes {
    @Override
    public IdIndex open(SourceName stream) {
      return new MemoryIdIndex();
    }

    @Override
    public void discard(SourceName stream) {
      // it was never kept
    }
  }

  private void table(String text) throws IOException {
    write("tables/clicks.yaml", text);
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void put(List<byte[]> events) {
    assertThat(lake.put(CLICKS, events).failed()).isZero();
  }

  /** Puts them as AWS's client does, and reads them back. */
  private void putByKinesis(List<byte[]> events) {
    GatewayAnswer door = lake.gateway();
    AwsBasicCredentials key =
        AwsBasicCredentials.create(door.accessKeyId(), door.secretAccessKey());
    try (KinesisClient kinesis =
        KinesisClient.builder()
            .endpointOverride(URI.create(door.endpoint()))
            .region(Region.of(door.region()))
            .credentialsProvider(StaticCredentialsProvider.create(key))
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build()) {
      List<PutRecordsRequestEntry> records =
          events.stream()
              .map(SdkBytes::fromByteArray)
              .map(data -> PutRecordsRequestEntry.builder().partitionKey("k").data(data).build())
              .toList();
      assertThat(
              kinesis.putRecords(r -> r.streamName("clicks").records(records)).failedRecordCount())
          .isZero();
      String oldest =
          kinesis
              .getShardIterator(
                  r ->
                      r.streamName("clicks")
                          .shardId("shardId-000000000000")
                          .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
              .shardIterator();
      assertThat(kinesis.getRecords(r -> r.shardIterator(oldest)).records())
          .extracting(record -> record.data().asByteArray())
          .endsWith(events.toArray(new byte[0][]));
    }
  }

  private static List<byte[]> events(int from, int count) {
    List<byte[]> events = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      events.add(
          ("{\"id\":\"e"
                  + i
                  + "\",\"type\":\""
                  + (i % 2 == 0 ? "view" : "order")
                  + "\",\"at\":\"2026-03-01T10:00:00Z\",\"n\":"
                  + i
                  + "}")
              .getBytes(UTF_8));
    }
    return events;
  }

  private static byte[] event(String id, String at) {
    return ("{\"id\":\"" + id + "\",\"type\":\"view\",\"at\":\"" + at + "\"}").getBytes(UTF_8);
  }

  private static byte[] event(String id, String type, int n) {
    return ("{\"id\":\""
            + id
            + "\",\"type\":\""
            + type
            + "\",\"at\":\"2026-03-01T10:00:00Z\",\"n\":"
            + n
            + "}")
        .getBytes(UTF_8);
  }

  private StreamStatus status() {
    return lake.streams().streams().get(0);
  }

  private RedriveAnswer redrive() {
    return lake.redrive(CLICKS, new RedriveRequest("", ""));
  }

  private ReplayAnswer.Table replay(String from, String to) {
    return lake.replay(
            new ReplayRequest("clicks", from, to, "", "", List.of(), "", false), ExampleLake.work())
        .tables()
        .get(0);
  }

  private ReplayAnswer.Table replay(String type, String into, boolean dryRun) {
    return lake.replay(
            new ReplayRequest("clicks", "", "", type, "", List.of(), into, dryRun),
            ExampleLake.work())
        .tables()
        .get(0);
  }

  private Ledger ledger() {
    return Objects.requireNonNull(opened);
  }

  private List<RawFile> files() {
    List<RawFile> files = new ArrayList<>();
    for (Batch batch : ledger().batches(Set.of(CLICKS), 0, 10_000)) {
      files.addAll(ledger().files(batch.seq()));
    }
    return files;
  }

  /** Waits until the table has so many rows. */
  private void loaded(int rows) {
    String wanted = "[[" + rows + "]]";
    await(
        rows + " rows",
        () ->
            lake.tables().tables().stream().anyMatch(t -> t.name().equals("clean.clicks"))
                && rows("SELECT count(*) FROM clean.clicks").equals(wanted));
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
            rows.add(new String(json, UTF_8).replaceAll("\\s", ""));
          }
        },
        ExampleLake.work());
    return String.join("", rows);
  }

  private static void join(Thread thread) {
    try {
      thread.join(60_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofMinutes(4).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("%s; %s", what, status()).isLessThan(deadline);
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
