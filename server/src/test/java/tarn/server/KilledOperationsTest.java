package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Event;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.api.QualityAnswer;
import tarn.api.QualityResult;
import tarn.api.RunAnswer;
import tarn.api.TableRun;
import tarn.api.VerifyAnswer;
import tarn.api.VerifyRequest;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.observe.Progress;
import tarn.server.KillableServer.Moment;

/**
 * Operations whose server, or own process, is killed as by {@code kill -9} while they run:
 * afterwards all is as before or as after, and the same command again ends as if nothing had been.
 */
class KilledOperationsTest {
  private static final int FILES = 300;

  @TempDir Path place;
  private final List<String> deaths = new ArrayList<>();
  private Random random = new Random();
  private @Nullable KilledLake lake;
  private @Nullable KillableServer running;
  private int kills;
  private int cut;

  @AfterEach
  void endTheServer() {
    if (running != null) {
      running.close();
    }
  }

  @Test
  void theyAreDoneOrNotDoneAtAll() throws Exception {
    live(Integer.getInteger("tarn.rounds", 1));
  }

  @Test
  @Tag("soak")
  void theyAreAfterManyKillsToo() throws Exception {
    live(20);
  }

  private void live(int rounds) throws Exception {
    long seed = Long.getLong("tarn.seed", System.nanoTime());
    random = new Random(seed);
    System.out.println("operations are killed with -Dtarn.seed=" + seed);
    lake = new KilledLake(place.resolve("lake"));
    lake().dropThings(FILES);
    for (int round = 0; round < rounds; round++) {
      lake().dropLogs(40);
      crawl();
      run("things", "logs", "counted");
      backup();
      restore(place.resolve("restored" + round));
      archiveAndExpire();
      bringBack();
      backfill();
      undo();
      refuse();
    }
    System.out.println(cut + " of " + kills + " kills cut something off: " + deaths);
    assertThat(cut).isGreaterThanOrEqualTo(kills / 3);
  }

  // ---- the operations ----

  private void backup() throws Exception {
    Path copies = repository().resolve("objects");
    long reached = KilledLake.objects(copies) + random.nextInt(FILES);
    String request = "{\"directory\":\"" + repository() + "\",\"by_reference\":false}";
    killed(
        "backup",
        () -> server().post("backup", request),
        Moment.when(() -> KilledLake.objects(copies) >= reached, random.nextInt(10_000)));
    int whole = backups();
    server().post("backup", request);
    assertThat(backups()).isEqualTo(whole + 1);
    assertThat(repository().resolve("partial")).isEmptyDirectory();
    assertThat(folders(repository().resolve("backups"))).hasSize(whole + 1);
  }

  /** How many there are, all of them whole. */
  private int backups() {
    try {
      VerifyAnswer answer = Backups.verify(repository(), true, Progress.NONE);
      assertThat(answer.problems()).isEmpty();
      return answer.backups().size();
    } catch (TarnException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
      return 0;
    }
  }

  private void restore(Path folder) throws Exception {
    List<String> expected = tables(verify());
    Path zones = folder.resolve(".datalake/zones");
    while (true) {
      long reached = KilledLake.objects(zones) + random.nextInt(FILES);
      boolean done =
          restored(
              folder,
              Moment.when(() -> KilledLake.objects(zones) > reached, random.nextInt(10_000)));
      if (done) {
        break;
      }
      if (Files.exists(folder.resolve("lake.yaml"))) {
        assertThatThrownBy(() -> Wiring.open(Wiring.read(folder, null)))
            .hasMessageContaining("not finished");
      }
    }
    try (Operations again = Wiring.open(Wiring.read(folder, null))) {
      VerifyAnswer answer = again.verify(new VerifyRequest(true), ExampleLake.work());
      assertThat(answer.problems()).isEmpty();
      assertThat(tables(answer)).isEqualTo(expected);
    }
  }

  /** Restores in a process that is killed; whether it had done all before. */
  private boolean restored(Path folder, Moment moment) throws Exception {
    Process process =
        KillableServer.main(
            place.resolve("restore.out"), folder.toString(), "--restore", repository().toString());
    moment.await(() -> !process.isAlive());
    KillableServer.kill(process);
    kills++;
    boolean done =
        Files.exists(folder.resolve("lake.yaml")) && !Files.exists(folder.resolve(".restoring"));
    if (!done) {
      assertThat(process.exitValue())
          .as(() -> read(place.resolve("restore.out")))
          .isEqualTo(128 + 9);
      cut++;
    }
    deaths.add("restore " + (done ? "after" : "cut"));
    return done;
  }

  private void archiveAndExpire() throws Exception {
    Path raw = lake().zone("raw");
    Path archive = lake().zone("archive");
    lake().age(Duration.ofDays(40));
    long archived = KilledLake.objects(archive) + random.nextInt(FILES);
    killed(
        "archive",
        this::maintain,
        Moment.when(() -> KilledLake.objects(archive) > archived, random.nextInt(5_000)));
    lake().everyFileIsWhereTheLedgerSays();
    maintain();
    lake().everyFileIsWhereTheLedgerSays();
    assertThat(lake().states())
        .containsEntry("things archived", (long) lake().files())
        .containsEntry("logs expired", lake().logs());

    lake().age(Duration.ofDays(4));
    long left = KilledLake.objects(raw) - random.nextInt(FILES);
    killed(
        "remove",
        this::maintain,
        Moment.when(() -> KilledLake.objects(raw) < left, random.nextInt(5_000)));
    lake().everyFileIsWhereTheLedgerSays();
    maintain();
    assertTables();
    lake().everyFileIsWhereTheLedgerSays();
    lake().nothingIsLeftOver();
  }

  private void maintain() throws IOException, InterruptedException {
    server().post("maintain", "{\"tables\":[],\"dry_run\":false}");
  }

  private void bringBack() throws Exception {
    Path raw = lake().zone("raw");
    String request = "{\"dataset\":\"raw.things\",\"from\":\"\",\"to\":\"\",\"dry_run\":false}";
    long back = KilledLake.objects(raw) + random.nextInt(FILES);
    killed(
        "unarchive",
        () -> server().post("unarchive", request),
        Moment.when(() -> KilledLake.objects(raw) > back, random.nextInt(5_000)));
    lake().everyFileIsWhereTheLedgerSays();
    server().post("unarchive", request);
    lake().everyFileIsWhereTheLedgerSays();
    assertThat(lake().states())
        .containsEntry("things stored", (long) lake().files())
        .doesNotContainKey("things archived");
  }

  private void backfill() throws Exception {
    List<String> before = lake().things();
    lake().redefine();
    List<String> after = lake().things();
    killed("backfill", () -> run("things"), Moment.in(random.nextInt(1_500_000)));
    assertThat(things()).isIn(before, after);
    run("things", "counted");
    assertTables();
  }

  private void undo() throws Exception {
    lake().dropThings(1);
    crawl();
    run("things");
    List<String> after = lake().things();
    List<String> before = lake().things(lake().files() - 1);
    killed(
        "undo",
        () -> server().post("tables/clean/things/undo", ""),
        Moment.in(random.nextInt(150_000)));
    List<String> now = things();
    assertThat(now).isIn(before, after);
    if (now.equals(after)) {
      server().post("tables/clean/things/undo", "");
      assertThat(things()).isEqualTo(before);
    }
    run("things", "counted");
    assertTables();
  }

  private void refuse() throws Exception {
    lake().dropGated();
    crawl();
    killed("refused load", () -> runs("gated"), Moment.in(random.nextInt(1_500_000)));
    TableRun refused = runs("gated").get(0);
    assertThat(refused.outcome()).isEqualTo("failed");
    long good = lake().gatedRows() - lake().gatedBad();
    assertThat(refused.message())
        .contains("the rule 'RowCount > 999' is not met: RowCount " + good);
    List<QualityResult> results =
        QualityAnswer.from(Json.readObject(server().get("quality?table=clean.gated&limit=1000")))
            .results();
    assertThat(results.stream().filter(r -> Objects.equals(r.seq(), results.get(0).seq())))
        .as("of the newest load, told once")
        .extracting(r -> r.level() + " " + r.outcome() + " " + r.rule() + ": " + r.seen())
        .containsExactly(
            "row quarantined ColumnValues \"n\" > 0: rows that fail " + lake().gatedBad(),
            "table failed RowCount > 999: RowCount " + good);
    assertThat(tables(verify()))
        .filteredOn(t -> t.contains(".gated "))
        .allMatch(t -> t.matches("\\S+ 0( .*)?"));
  }

  // ---- lives ----

  private KilledLake lake() {
    return Objects.requireNonNull(lake);
  }

  private KillableServer server() throws IOException, InterruptedException {
    KillableServer now = running;
    if (now == null || !now.isAlive()) {
      now = KillableServer.start(place.resolve("lake"));
      running = now;
    }
    return now;
  }

  private void killed(String what, KillableServer.Asked asked, Moment moment) throws Exception {
    boolean died = server().killedWhile(asked, moment);
    kills++;
    cut += died ? 1 : 0;
    deaths.add(what + (died ? " cut" : " after"));
  }

  private Path repository() {
    return place.resolve("backups");
  }

  private static List<Path> folders(Path in) throws IOException {
    try (Stream<Path> all = Files.list(in)) {
      return all.toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  // ---- what is there ----

  private void run(String... tables) throws IOException, InterruptedException {
    assertThat(runs(tables)).extracting(TableRun::message).containsOnlyNulls();
  }

  private void crawl() throws IOException, InterruptedException {
    server().post("crawl", "{\"sources\":[],\"dry_run\":false}");
  }

  private List<TableRun> runs(String... tables) throws IOException, InterruptedException {
    String names = "\"" + String.join("\",\"", tables) + "\"";
    String answer = server().post("run", "{\"tables\":[" + names + "]}");
    return RunAnswer.from(result(answer)).tables();
  }

  /** The last line of a stream. */
  private static Fields result(String stream) {
    String[] lines = stream.strip().split("\n");
    assertThat(Event.parse(lines[lines.length - 1])).isInstanceOf(Event.Result.class);
    return Json.readObject(lines[lines.length - 1]);
  }

  private VerifyAnswer verify() throws IOException, InterruptedException {
    VerifyAnswer answer = VerifyAnswer.from(result(server().post("verify", "{\"deep\":false}")));
    assertThat(answer.problems()).isEmpty();
    return answer;
  }

  private void assertTables() throws IOException, InterruptedException {
    List<String> tables = tables(verify());
    assertThat(tables).containsAll(lake().things());
    assertThat(tables).anyMatch(t -> t.startsWith("clean.logs " + lake().logs() + " "));
  }

  private List<String> things() throws IOException, InterruptedException {
    return tables(verify()).stream()
        .filter(t -> t.matches("(clean|quarantine)[.]things .*"))
        .toList();
  }

  /** A quarantine's rows name the files, which get other names: it is known by their number. */
  private static List<String> tables(VerifyAnswer answer) {
    return answer.tables().stream()
        .map(
            t ->
                t.table().startsWith("quarantine.")
                    ? t.table() + " " + t.rows()
                    : t.table() + " " + t.rows() + " " + t.contentHash())
        .toList();
  }
}
