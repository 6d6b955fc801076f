package tarn.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.engine.QueryJob;
import tarn.core.engine.ResultColumn;
import tarn.core.engine.RowSink;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.query.SqlText;
import tarn.testkit.EngineWorld;
import tarn.testkit.KilledProcess;

/** Whatever a text does to the engine's process costs that text only. */
@Timeout(60)
class IsolationTest {
  private static final String ENDLESS =
      "SELECT sum(a.range * b.range % 7) FROM range(10000000) a, range(10000000) b";

  @TempDir Path temp;
  private EngineWorld world;

  @BeforeEach
  void open() {
    world = DuckDbWorld.open(temp);
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void aQueryThatIgnoresItsTimeIsGoneWithinASecondOfIt() {
    worksStill();
    Duration took = Duration.ofDays(1);
    for (int i = 0; i < 3 && took.toMillis() >= 2000; i++) { // the machine may be busy once
      long start = System.nanoTime();
      TarnException e = failure(ENDLESS, Duration.ofSeconds(1));
      took = Duration.ofNanos(System.nanoTime() - start);
      assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT);
    }
    assertThat(took).isLessThan(Duration.ofMillis(2000));
    worksStill();
    nothingIsLeft();
  }

  @Test
  void aProcessThatIsKilledCostsItsQueryOnly() throws InterruptedException {
    worksStill();
    CompletableFuture<TarnException> query =
        CompletableFuture.supplyAsync(() -> failure(ENDLESS, Duration.ofSeconds(30)));
    await(() -> !workFolders().isEmpty());
    while (!query.isDone()) { // a process that had not begun is replaced
      workers().forEach(ProcessHandle::destroyForcibly);
      TimeUnit.MILLISECONDS.sleep(500);
    }
    assertThat(query.join().code()).isEqualTo(ErrorCode.ENGINE_CRASHED);
    worksStill();
    nothingIsLeft();
  }

  @Test
  void nestingCostsItsQueryOnly() {
    String nested = "SELECT " + "(".repeat(700) + "1" + ")".repeat(700);
    ErrorCode code = null;
    try {
      world.engine().parse(nested, Duration.ofSeconds(30));
    } catch (TarnException e) {
      code = e.code();
    }
    assertThat(code).isIn(null, ErrorCode.ENGINE_CRASHED, ErrorCode.SQL_INVALID);
    assertThatThrownBy(() -> SqlText.read(nested)).isInstanceOf(TarnException.class);
    worksStill();
    nothingIsLeft();
  }

  @Test
  void twentyThousandUnionsAreRefusedBeforeTheyReachTheEngine() {
    String unions = "SELECT 1" + " UNION ALL SELECT 1".repeat(20_000);
    assertThatThrownBy(() -> SqlText.read(unions)).isInstanceOf(TarnException.class);
  }

  @Test
  void memoryHasALimit() {
    TarnException memory =
        failure("SELECT list(a.range || 'x') FROM range(200000000) a", Duration.ofSeconds(50));
    assertThat(memory.code()).isEqualTo(ErrorCode.OUT_OF_MEMORY);
    worksStill();
    nothingIsLeft();
  }

  @Test
  void spillHasALimit() {
    String sorted = "SELECT sha256(range::VARCHAR) AS h FROM range(%d) ORDER BY h";
    world.close();
    world = DuckDbWorld.open(temp, DuckDbWorld.small(temp, 256L << 20));
    EngineWorld.Rows rows = new EngineWorld.Rows();
    world.engine().query(job(sorted.formatted(1_000_000), Duration.ofSeconds(50)), rows);
    assertThat(rows.rows()).as("sorted with 64 MB of memory").hasSize(1000);
    world.close();
    world = DuckDbWorld.open(temp, DuckDbWorld.small(temp, 16L << 20));
    TarnException spill = failure(sorted.formatted(1_000_000), Duration.ofSeconds(50));
    assertThat(spill.code()).isEqualTo(ErrorCode.OUT_OF_MEMORY);
    assertThat(spill.line()).contains("engine.spill").doesNotContain("max_temp_directory_size");
    worksStill();
    nothingIsLeft();
  }

  @Test
  void aProcessThatDiesWhileItStartsIsReplaced() throws InterruptedException {
    worksStill();
    Thread killer = killing(2);
    worksStill();
    killer.join();
    nothingIsLeft();
  }

  @Test
  void processesThatAlwaysDieAreNotStartedForEver() throws InterruptedException {
    worksStill();
    Thread killer = killing(Integer.MAX_VALUE);
    TarnException e = failure("SELECT 42", Duration.ofSeconds(30));
    killingGoesOn = false;
    killer.join();
    assertThat(e.code()).isEqualTo(ErrorCode.ENGINE_CRASHED);
    assertThat(e.line()).contains("3 times in a row");
    worksStill();
    nothingIsLeft();
  }

  private volatile boolean killingGoesOn = true;

  /** Kills the processes there are, and then so many new ones as they start. */
  private Thread killing(int starting) {
    List<ProcessHandle> old = workers();
    old.forEach(ProcessHandle::destroyForcibly);
    await(() -> old.stream().noneMatch(ProcessHandle::isAlive));
    Thread killer =
        new Thread(
            () -> {
              for (int i = 0; i < starting && killingGoesOn; i++) {
                await(() -> !workers().isEmpty() || !killingGoesOn);
                List<ProcessHandle> started = workers();
                started.forEach(ProcessHandle::destroyForcibly);
                await(() -> started.stream().noneMatch(ProcessHandle::isAlive));
              }
            },
            "killer of starting workers");
    killer.start();
    return killer;
  }

  @Test
  void anInterruptedCallerStopsItsWork() throws InterruptedException {
    worksStill();
    CompletableFuture<TarnException> query = new CompletableFuture<>();
    Thread caller =
        new Thread(() -> query.complete(failure(ENDLESS, Duration.ofSeconds(50))), "caller");
    caller.start();
    await(() -> !workFolders().isEmpty());
    List<ProcessHandle> before = workers(); // one is at work; another may be the spare
    caller.interrupt();
    assertThat(query.join().code()).isEqualTo(ErrorCode.CANCELLED);
    caller.join();
    await(() -> !before.stream().allMatch(ProcessHandle::isAlive));
    worksStill();
    nothingIsLeft();
  }

  @Test
  void moreWorkThanMayWaitIsRefused() {
    worksStill();
    List<CompletableFuture<ErrorCode>> queries =
        java.util.stream.IntStream.range(0, 4)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> failure(ENDLESS, Duration.ofSeconds(3)).code(),
                        command -> new Thread(command).start()))
            .toList();
    List<ErrorCode> codes = queries.stream().map(CompletableFuture::join).sorted().toList();
    assertThat(codes)
        .containsExactly(ErrorCode.TIMEOUT, ErrorCode.TIMEOUT, ErrorCode.TIMEOUT, ErrorCode.BUSY);
    nothingIsLeft();
  }

  @Test
  void aSinkThatThrowsStopsTheQuery() {
    RowSink failing =
        new RowSink() {
          @Override
          public void columns(List<ResultColumn> columns) {}

          @Override
          public void rows(byte[] jsonRows, int count) {
            throw new IllegalStateException("the reader is gone");
          }
        };
    QueryJob job =
        new QueryJob(
            "SELECT * FROM range(100000000)", List.of(), Duration.ofSeconds(30), 1 << 30, 1 << 30);
    assertThatThrownBy(() -> world.engine().query(job, failing)).hasMessage("the reader is gone");
    worksStill();
    nothingIsLeft();
  }

  @Test
  void workersThatWorkedAtOnceWorkAgain() {
    EngineSettings settings =
        new EngineSettings(
            256L << 20, 2, 0, 1, 1L << 30, temp.resolve("two"), temp.resolve("native"));
    try (WorkerPool pool = new WorkerPool(settings)) {
      assertThat(twoAtOnce(pool)).hasSizeGreaterThan(1).containsAll(twoAtOnce(pool));
    }
  }

  /** The processes after two have worked. */
  private static List<Long> twoAtOnce(WorkerPool pool) {
    try (WorkerSession one = pool.open(Duration.ofSeconds(30));
        WorkerSession other = pool.open(Duration.ofSeconds(30))) {
      assertThat(one.value("SELECT 42").asInt() + other.value("SELECT 1").asInt()).isEqualTo(43);
    }
    return workers().stream().map(ProcessHandle::pid).sorted().toList();
  }

  @Test
  void workersEndWithTheirServer() throws IOException, InterruptedException {
    List<String> said = KilledProcess.run(Server.class, 500, temp.resolve("other").toString());
    assertThat(said).isNotEmpty();
    for (String pid : said) {
      await(() -> ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive).isEmpty());
    }
  }

  /** A server that is killed while it works. */
  static final class Server {
    private Server() {}

    public static void main(String[] arguments) {
      Path temp = Path.of(arguments[0]);
      temp.toFile().mkdirs();
      EngineWorld world = DuckDbWorld.open(temp);
      world.engine().parse("SELECT 1", Duration.ofSeconds(30));
      ProcessHandle.current().children().forEach(c -> KilledProcess.say(Long.toString(c.pid())));
      KilledProcess.ready();
      world.engine().query(job(ENDLESS, Duration.ofSeconds(50)), new EngineWorld.Rows());
    }
  }

  private TarnException failure(String sql, Duration timeout) {
    return catchThrowableOfType(
        TarnException.class, () -> world.engine().query(job(sql, timeout), new EngineWorld.Rows()));
  }

  private void worksStill() {
    EngineWorld.Rows rows = new EngineWorld.Rows();
    world.engine().query(job("SELECT 42", Duration.ofSeconds(30)), rows);
    assertThat(rows.rows()).hasToString("[[42]]");
  }

  private static QueryJob job(String sql, Duration timeout) {
    return new QueryJob(sql, List.of(), timeout, 1000, 1 << 20);
  }

  private void nothingIsLeft() {
    assertThat(workFolders()).isEmpty();
  }

  private List<Path> workFolders() {
    try (var files = Files.list(temp.resolve("work"))) {
      return files.filter(f -> f.getFileName().toString().startsWith("work-")).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<ProcessHandle> workers() {
    return ProcessHandle.current()
        .children()
        .filter(p -> p.isAlive() && p.info().command().orElse("").endsWith("java"))
        .toList();
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for a minute").isLessThan(end);
      try {
        TimeUnit.MILLISECONDS.sleep(10);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
