package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Column;
import tarn.api.CrawlAnswer;
import tarn.api.CrawlRequest;
import tarn.api.LifecycleWork;
import tarn.api.MaintainRequest;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;
import tarn.api.TableRun;
import tarn.api.UnarchiveAnswer;
import tarn.api.UnarchiveRequest;
import tarn.core.database.Database;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.HeldObjectStore;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;
import tarn.core.table.TableName;
import tarn.iceberg.IcebergTables;

/** Files of a lake grow old: what tables, loads, queries, crawls and people see of it. */
class LifecycleTest {
  private static final Duration LONGEST = Duration.ofHours(6);

  @TempDir static Path engines;
  private static CrashingWorld.WarmEngine engine;

  @TempDir Path folder;
  private final Closer closer = new Closer();
  private Duration later = Duration.ZERO;
  private ObjectStore objects;
  private Operations lake;

  @BeforeAll
  static void start() {
    engine = new CrashingWorld.WarmEngine(engines);
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  @BeforeEach
  void open() throws IOException {
    write(
        "lake.yaml",
        """
        name: old
        landing: {settle: 0s}
        lifecycle:
          - zone: raw
            prefix: landing/web/
            transition: {after: 90d}
            expire: {after: 365d}
        """);
    write("tables/web.yaml", "from: web\ncolumns: {id: long}\n");
    WorldShape shape = WorldShape.onThisMachine(folder.resolve(".datalake"));
    HeldObjectStore held = new HeldObjectStore(closer.add(shape.objects()));
    objects = held;
    Database database = closer.add(shape.database());
    Clock clock = new Moving();
    IcebergTables tables = new IcebergTables(database, objects, clock, "owner", LONGEST);
    engine.serve(objects, tables);
    Lake read = Wiring.read(folder, null);
    lake =
        new LakeOperations(
            read,
            read.definition(),
            new SqlLedger(database),
            objects,
            database,
            tables,
            engine.engine(),
            Backups.of(read.definition(), database, held, tables, engine.engine(), clock),
            NoStreams.PARTS,
            clock,
            closer);
    land("id,page\n1,/a\n2,/b\n");
    land("id,page\n3,/a\n");
    crawl();
    run();
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private final class Moving extends Clock {
    @Override
    public java.time.ZoneId getZone() {
      return java.time.ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(java.time.ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.now().plus(later);
    }
  }

  @Test
  void aFileThatATableStillNeedsStaysHoweverOldItIs() throws IOException {
    land("id,page\n4,/c\n");
    write("tables/pages.yaml", "from: web\ncolumns: {id: long}\n");
    days(100);
    assertThat(maintain(false)).isEqualTo(work(0, 0, 3));
    crawl();
    assertThat(maintain(false)).isEqualTo(work(0, 0, 3));
    run();
    assertThat(maintain(true)).isEqualTo(work(3, 0, 0));
    assertThat(maintain(false)).isEqualTo(work(3, 0, 0));
    assertThat(maintain(false)).isEqualTo(work(0, 0, 0));
  }

  @Test
  void whatABackfillIsAboutToReadStays() throws IOException {
    write("tables/web.yaml", "from: web\non_change: backfill\n");
    days(400);
    assertThat(maintain(false)).isEqualTo(work(0, 0, 2));
    run();
    assertThat(rows("SELECT id FROM clean.web ORDER BY id")).isEqualTo("[[1],[2],[3]]");
    assertThat(maintain(false)).isEqualTo(work(0, 2, 0));
  }

  @Test
  void aTableMadeOfBroughtBackFilesIsTheSame() throws IOException {
    String before = rows("SELECT id, page FROM clean.web ORDER BY id");
    archive();
    assertThat(rows("SELECT id, page FROM clean.web ORDER BY id")).isEqualTo(before);
    assertThat(rows("SELECT id FROM raw.web")).isEmpty();
    assertThat(zone(Zone.RAW)).isEmpty();
    assertThat(zone(Zone.ARCHIVE)).hasSize(2);

    write("tables/again.yaml", "from: web\ncolumns: {id: long}\n");
    assertThat(message("clean.again"))
        .contains("2 are archived", "`datalake unarchive raw.web`")
        .doesNotContain("expired");
    assertThat(unarchive("web", "", "2020-01-01", false).restored()).isZero();
    assertThat(unarchive("raw.web", "", "", true).restored()).isEqualTo(2);
    assertThat(unarchive("raw.web", "2020-01-01", "", false))
        .isEqualTo(new UnarchiveAnswer("raw.web", 2, 31, 0, List.of()));
    run();
    assertThat(rows("SELECT id, page FROM clean.again ORDER BY id")).isEqualTo(before);
    assertThat(rows("SELECT id, page FROM raw.web ORDER BY id")).isEqualTo(before);

    days(89);
    assertThat(maintain(false)).as("archived again only later").isEqualTo(work(0, 0, 0));
    days(1);
    assertThat(maintain(false)).isEqualTo(work(2, 0, 0));
  }

  @Test
  void whatATakenBackCommitNeedsIsAskedFor() {
    archive();
    lake.undo(new TableName("clean", "web"));
    assertThat(message("clean.web")).contains("2 are archived");
    unarchive("raw.web", "", "", false);
    run();
    assertThat(rows("SELECT count(*) AS n FROM clean.web")).isEqualTo("[[3]]");
  }

  @Test
  void expiredFilesAreGoneAndStillKnown() throws IOException {
    archive();
    days(300);
    assertThat(maintain(false)).isEqualTo(work(0, 2, 0));
    days(4);
    maintain(false);
    assertThat(zone(Zone.RAW)).isEmpty();
    assertThat(zone(Zone.ARCHIVE)).isEmpty();
    assertThat(land("id,page\n3,/a\n")).isEqualTo("duplicate");
    assertThat(unarchive("raw.web", "", "", false))
        .isEqualTo(new UnarchiveAnswer("raw.web", 0, 0, 2, List.of()));
    write("tables/again.yaml", "from: web\ncolumns: {id: long}\n");
    assertThat(message("clean.again")).contains("2 have expired and are gone");
    assertThat(rows("SELECT count(*) AS n FROM clean.web")).isEqualTo("[[3]]");
  }

  @Test
  void whatADeadDeliveryLeftIsRemovedWhereTheLedgerKnowsOfThatTime() throws IOException {
    for (String stream : List.of("web", "ghost")) {
      Path file = Files.writeString(folder.resolve("left"), "{}\n");
      objects.put(new ObjectKey(Zone.RAW, "streams/" + stream + "/_segments/left.json"), file);
    }
    maintain(false);
    assertThat(zone(Zone.RAW)).as("too young").contains("streams/web/_segments/left.json");
    later = Duration.ofDays(30);
    maintain(false);
    assertThat(zone(Zone.RAW))
        .contains("streams/ghost/_segments/left.json")
        .doesNotContain("streams/web/_segments/left.json");
  }

  @Test
  void theLandingFolderTakesNothingTwice() throws IOException {
    List<String> landed = zone(Zone.RAW);
    days(100);
    maintain(false);
    assertThat(zone(Zone.RAW)).as("loads may still read them").isEqualTo(landed);
    crawl();
    assertThat(zone(Zone.RAW)).isEqualTo(landed);
    days(1);
    maintain(false);
    assertThat(zone(Zone.RAW)).isEmpty();

    Path dropped = folder.resolve(".datalake/zones/world-raw-dev/landing/web/w.csv");
    Files.createDirectories(dropped.getParent());
    Files.writeString(dropped, "id,page\n3,/a\n");
    crawl();
    assertThat(zone(Zone.RAW)).as("known, although archived").isEmpty();
    unarchive("raw.web", "", "", false);
    crawl();
    run();
    assertThat(zone(Zone.RAW)).hasSize(2).allMatch(path -> path.startsWith("restored/"));
    assertThat(rows("SELECT count(*) AS n FROM raw.web")).isEqualTo("[[3]]");
    assertThat(rows("SELECT count(*) AS n FROM clean.web")).isEqualTo("[[3]]");
  }

  @Test
  void aNewCrawlKeepsWhatOnlyArchivedFilesHad() throws IOException {
    archive();
    land("id,visits\n5,7\n");
    write("datasets/web.yaml", "columns: {id: long}\n");
    CrawlAnswer answer = crawl();
    assertThat(answer.datasets().get(0).notes())
        .anyMatch(note -> note.startsWith("2 files are archived or expired"));
    assertThat(lake.describe(new TableName("raw", "web")).columns())
        .extracting(c -> c.name())
        .contains("id", "page", "visits");
    run();
    assertThat(rows("SELECT count(*) AS n FROM clean.web")).isEqualTo("[[4]]");
  }

  @Test
  void nothingThatMayBeTheOnlyCopyIsRemoved() {
    ObjectKey foreign = new ObjectKey(Zone.ARCHIVE, "raw/mine/a.csv");
    ObjectKey unknown =
        new ObjectKey(
            Zone.ARCHIVE, "raw/20260101T000000Z-0123456789ab/web/a-0123456789abcdef.csv.gz");
    objects.put(foreign, "x".getBytes(UTF_8));
    objects.put(unknown, "x".getBytes(UTF_8));
    archive();
    List<String> archived = new ArrayList<>(zone(Zone.ARCHIVE));
    archived.removeAll(List.of(foreign.path(), unknown.path()));
    objects.delete(new ObjectKey(Zone.ARCHIVE, archived.get(0)));
    unarchive("raw.web", "", "", false);
    days(10);
    List<LifecycleWork> done =
        lake.maintain(new MaintainRequest(List.of(), false), ExampleLake.work()).lifecycle();
    assertThat(done.get(1).notes())
        .anyMatch(note -> note.contains(unknown.path()) && note.contains("does not know"));
    assertThat(zone(Zone.ARCHIVE)).containsExactlyInAnyOrder(foreign.path(), unknown.path());
  }

  @Test
  void whatIsOldInTempGoesByItself() {
    objects.put(new ObjectKey(Zone.TEMP, "scratch/a"), "x".getBytes(UTF_8));
    days(6);
    maintain(false);
    assertThat(zone(Zone.TEMP)).hasSize(1);
    days(2);
    maintain(false);
    assertThat(zone(Zone.TEMP)).isEmpty();
  }

  // ---- steps ----

  private void archive() {
    days(100);
    assertThat(maintain(false)).isEqualTo(work(2, 0, 0));
    days(1);
    maintain(false);
  }

  private void days(int days) {
    later = later.plus(Duration.ofDays(days));
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private String land(String text) {
    return lake.land(
            new Upload(
                new SourceName("web"), "", "w.csv", new ByteArrayInputStream(text.getBytes(UTF_8))))
        .outcome();
  }

  private CrawlAnswer crawl() {
    return lake.crawl(new CrawlRequest(List.of(), false), ExampleLake.work());
  }

  private void run() {
    assertThat(lake.run(new RunRequest(List.of()), ExampleLake.work()).tables())
        .extracting(TableRun::message)
        .containsOnlyNulls();
  }

  /** Why a table could not be brought up to date. */
  private String message(String table) {
    TableRun only = lake.run(new RunRequest(List.of(table)), ExampleLake.work()).tables().get(0);
    return Objects.requireNonNullElse(only.message(), "");
  }

  /** Archived, expired and waiting files of the rule. */
  private String maintain(boolean dryRun) {
    LifecycleWork web =
        lake.maintain(new MaintainRequest(List.of(), dryRun), ExampleLake.work())
            .lifecycle()
            .get(0);
    assertThat(web.rule()).isEqualTo("raw landing/web/");
    return work(web.archived(), web.expired(), web.waiting());
  }

  private static String work(long archived, long expired, long waiting) {
    return archived + " archived, " + expired + " expired, " + waiting + " waiting";
  }

  private UnarchiveAnswer unarchive(String dataset, String from, String to, boolean dryRun) {
    return lake.unarchive(new UnarchiveRequest(dataset, from, to, dryRun), ExampleLake.work());
  }

  private List<String> zone(Zone zone) {
    List<String> paths = new ArrayList<>();
    objects.list(zone, "", info -> paths.add(info.key().path()));
    return paths.stream().sorted().toList();
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
}
