package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.BackupAnswer;
import tarn.api.BackupRequest;
import tarn.api.MaintainRequest;
import tarn.api.RunRequest;
import tarn.api.UnarchiveRequest;
import tarn.api.VerifiedTable;
import tarn.api.VerifyAnswer;
import tarn.api.VerifyRequest;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.observe.Progress;
import tarn.testkit.PostgresFixture;
import tarn.testkit.S3Fixture;

/** A lake is copied, lost, and brought back with the same rows, in both shapes and across them. */
class BackupTest {
  private static final String HERE = "name: saved\nengine: {memory: 256MB, threads: 1}\n";

  private static final String THINGS = "from: things\ncolumns: {id: long}\nkey: [id]\n";

  /** What has been read is archived by the next maintenance. */
  private static final String ARCHIVING =
      "lifecycle: [{zone: raw, prefix: landing/, transition: {after: 0s}}]\n";

  @TempDir private Path place;
  private Operations lake = new MemoryOperations();
  private @Nullable S3Fixture storage;

  @BeforeEach
  void fill() throws IOException {
    write("lake.yaml", HERE);
    write("tables/things.yaml", THINGS);
    write("models/counted.sql", "SELECT count(*) AS n FROM clean.things");
    write("secret.txt", "never copied");
  }

  @AfterEach
  void close() {
    lake.close();
    if (storage != null) {
      storage.close();
    }
  }

  @Test
  void aRestoredLakeHasTheSameRowsAndGoesOn() throws IOException {
    open();
    load("id,name\n1,a\n2,b\nx,bad\n");
    load("id,name\n2,c\n3,\n");
    BackupAnswer first = backup();
    List<VerifiedTable> before = verify(false).tables();
    load("id,name\n4,d\n");
    BackupAnswer second = backup();
    assertThat(second.copied()).isPositive().isLessThan(second.objects());

    restore("again", first.backup(), null, Progress.NONE);
    assertThat(place.resolve("again/secret.txt")).doesNotExist();
    open("again");
    VerifyAnswer restored = verify(true);
    assertThat(restored.problems()).isEmpty();
    assertThat(restored.tables()).isEqualTo(before).hasSize(3);
    load("id,name\n4,d\n");
    assertThat(verify(false).tables())
        .filteredOn(t -> t.table().equals("clean.things"))
        .extracting(VerifiedTable::rows)
        .containsExactly(4L);
  }

  @Test
  void itMovesToServersAndBack() throws IOException {
    write("lake.yaml", HERE + ARCHIVING);
    open();
    load("id,name\n1,a\n2,b\n");
    archive(1);
    backup();
    List<VerifiedTable> before = verify(false).tables();
    S3Fixture started = S3Fixture.start(place.resolve("buckets"));
    storage = started;
    write("secrets/db", PostgresFixture.password() + "\n");
    write(
        "secrets/s3",
        "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
            .formatted(S3Fixture.ACCESS_KEY_ID, S3Fixture.SECRET_ACCESS_KEY));
    Path yaml = write("servers.yaml", servers(started));

    restore("servers", null, yaml, Progress.NONE);
    open("servers");
    load("id,name\n3,c\n");
    assertThat(verify(true).problems()).isEmpty();
    List<VerifiedTable> grown = verify(false).tables();
    assertThat(grown).isNotEqualTo(before);
    BackupAnswer listed = backup(true);
    BackupAnswer there = backup();

    Path beside = write("beside.yaml", servers(started));
    restore("beside", listed.backup(), beside, Progress.NONE);
    open("beside");
    assertThat(verify(true).problems()).isEmpty();
    assertThat(verify(false).tables()).isEqualTo(grown);

    restore("here", there.backup(), write("here.yaml", HERE), Progress.NONE);
    open("here");
    assertThat(verify(true).problems()).isEmpty();
    assertThat(verify(false).tables()).isEqualTo(grown);
    assertThat(unarchive()).isEqualTo(1);
    assertThat(rebuild()).isNull();
    assertThat(verify(false).tables())
        .extracting(VerifiedTable::contentHash)
        .isEqualTo(grown.stream().map(VerifiedTable::contentHash).toList());
  }

  private String servers(S3Fixture started) {
    return """
    name: saved
    database:
      {kind: postgresql, url: "%s", user: %s, password_file: "%s", schema: %s}
    storage:
      {kind: s3, endpoint: "%s", region: %s, credentials_file: "%s"}
    engine: {memory: 256MB, threads: 1}
    """
        .formatted(
            PostgresFixture.url(),
            PostgresFixture.user(),
            place.resolve("lake/secrets/db"),
            PostgresFixture.freshSchema(),
            started.endpoint(),
            S3Fixture.REGION,
            place.resolve("lake/secrets/s3"));
  }

  @Test
  void aBackupThatDiesIsNoneAndTheNextGoesOnWithWhatIsThere() {
    open();
    load("id,name\n1,a\n");
    load("id,name\n2,b\n");
    for (int at = 1; at < 12; at += 5) {
      Dying dying = new Dying(at);
      assertThatThrownBy(() -> backup(dying)).isInstanceOf(Death.class);
      assertThatThrownBy(() -> Backups.verify(repository(), true, Progress.NONE))
          .isInstanceOfSatisfying(
              TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }
    BackupAnswer whole = backup();
    assertThat(whole.copied()).isLessThan(whole.objects());
    assertThat(Backups.verify(repository(), true, Progress.NONE).problems()).isEmpty();
    assertThat(repository().resolve("partial")).isEmptyDirectory();
  }

  @Test
  void aRestoreThatDiesIsNoLakeAndTheNextCompletesIt() throws IOException {
    open();
    load("id,name\n1,a\n");
    int objects = (int) backup().objects();
    List<VerifiedTable> before = verify(false).tables();
    // The last one dies between the catalog's commit and the removal of the mark.
    for (int at : List.of(1, objects / 2, objects, objects + 1)) {
      Dying dying = new Dying(at);
      assertThatThrownBy(() -> restore("again", null, null, dying)).isInstanceOf(Death.class);
      assertThatThrownBy(() -> Wiring.open(Wiring.read(place.resolve("again"), null)))
          .hasMessageContaining("not finished");
    }
    restore("again", null, null, Progress.NONE);
    open("again");
    assertThat(verify(true).problems()).isEmpty();
    assertThat(verify(false).tables()).isEqualTo(before);
  }

  @Test
  void aBackupByReferenceIsRestoredWhereTheFilesAre() throws IOException {
    open();
    load("id,name\n1,a\n2,b\nx,bad\n");
    BackupAnswer listed = backup(true);
    assertThat(listed.copied()).isZero();
    assertThat(repository().resolve("objects")).doesNotExist();
    VerifyAnswer saved = Backups.verify(repository(), true, Progress.NONE);
    assertThat(saved.problems()).isEmpty();
    assertThat(saved.backups()).extracting(b -> b.byReference()).containsExactly(true);
    BackupAnswer copied = backup();
    assertThat(copied.copied()).as("a list is no copy").isEqualTo(copied.objects()).isPositive();
    assertThat(copied.objects()).isEqualTo(listed.objects());
    List<VerifiedTable> before = verify(false).tables();
    lake.close();

    assertThatThrownBy(() -> restore("elsewhere", listed.backup(), null, Progress.NONE))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_DAMAGED))
        .hasMessageContaining("this backup has no copies");
    assertThatThrownBy(() -> open("elsewhere")).hasMessageContaining("not finished");

    Path zones = place.resolve("again/.datalake/zones");
    Files.createDirectories(zones.getParent());
    Files.move(place.resolve("lake/.datalake/zones"), zones);
    Path raw = file(zones, ".csv");
    String text = Files.readString(raw);
    Files.writeString(raw, text + "3,c\n");
    assertThatThrownBy(() -> restore("again", listed.backup(), null, Progress.NONE))
        .hasMessageContaining("other bytes");
    Files.writeString(raw, text);
    restore("again", listed.backup(), null, Progress.NONE);
    open("again");
    assertThat(verify(true).problems()).isEmpty();
    assertThat(verify(false).tables()).isEqualTo(before);
    load("id,name\n3,c\n");
    assertThat(verify(true).problems()).isEmpty();
  }

  @Test
  void archivedFilesComeBackWithTheLakeAndTablesAreMadeOfThemAnew() throws IOException {
    write("lake.yaml", HERE + ARCHIVING);
    open();
    load("id,name\n" + "1,a\n".repeat(50) + "x,bad\n"); // becomes smaller
    load("id,name\n2,b\n"); // does not
    archive(2);
    load("id,name\n3,c\n");
    BackupAnswer saved = backup();
    List<VerifiedTable> before = verify(true).tables();
    assertThat(Backups.verify(repository(), true, Progress.NONE).problems()).isEmpty();

    restore("again", saved.backup(), null, Progress.NONE);
    open("again");
    assertThat(verify(true).problems()).isEmpty();
    assertThat(verify(false).tables()).isEqualTo(before);
    assertThat(rebuild()).contains("2 are archived");
    assertThat(unarchive()).isEqualTo(2);
    assertThat(rebuild()).isNull();
    List<VerifiedTable> rebuilt = verify(true).tables();
    assertThat(rebuilt)
        .extracting(VerifiedTable::table, VerifiedTable::rows)
        .isEqualTo(before.stream().map(t -> tuple(t.table(), t.rows())).toList());
    assertThat(rebuilt)
        .filteredOn(t -> t.table().equals("clean.things"))
        .extracting(VerifiedTable::contentHash)
        .containsExactly(before.get(1).contentHash());
  }

  @Test
  void aBackupAmongCommitsAndMaintenanceIsTheStateItBeganWith() throws IOException {
    write("lake.yaml", HERE + "maintenance: {snapshot_retention: 0s, min_snapshots: 1}\n");
    open();
    load("id,name\n0,a\n");
    List<VerifiedTable> before = verify(false).tables();
    Meanwhile meanwhile = new Meanwhile();
    backup(meanwhile);
    meanwhile.maintenance.join();
    assertThat(verify(false).tables()).isNotEqualTo(before);
    restore("again", null, null, Progress.NONE);
    open("again");
    assertThat(verify(true).problems()).isEmpty();
    assertThat(verify(false).tables()).isEqualTo(before);
  }

  @Test
  void anOccupiedPlaceIsRefused() throws IOException {
    open();
    load("id,name\n1,a\n");
    backup();
    assertThatThrownBy(() -> restore("lake", null, null, Progress.NONE))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS));
    Path occupied =
        write("occupied.yaml", HERE + "home: " + place.resolve("lake/.datalake") + "\n");
    lake.close();
    lake = new MemoryOperations();
    load(open(), "id,name\n2,b\n");
    lake.close();
    lake = new MemoryOperations();
    assertThatThrownBy(() -> restore("new", null, occupied, Progress.NONE))
        .hasMessageContaining("has a lake already");
    Path renamed = write("renamed.yaml", "name: other\n");
    assertThatThrownBy(() -> restore("other", null, renamed, Progress.NONE))
        .hasMessageContaining("name their buckets");
  }

  @Test
  void whatIsBrokenIsNamed() throws IOException {
    open();
    load("id,name\n1,a\n");
    backup();
    Path copy = file(repository().resolve("objects/raw"), ".csv");
    byte[] good = Files.readAllBytes(copy);
    byte[] bad = good.clone();
    bad[3] ^= 1;
    Files.write(copy, bad);
    assertThat(Backups.verify(repository(), false, Progress.NONE).problems()).isEmpty();
    assertThat(Backups.verify(repository(), true, Progress.NONE).problems())
        .singleElement()
        .asString()
        .contains(copy.toString());
    assertThatThrownBy(() -> restore("again", null, null, Progress.NONE))
        .hasMessageContaining(copy.toString());
    Files.delete(copy);
    assertThat(Backups.verify(repository(), false, Progress.NONE).problems())
        .containsExactly(copy + " is missing");

    Path raw = file(place.resolve("lake/.datalake/zones"), ".csv");
    Files.write(raw, bad);
    assertThat(verify(true).problems()).singleElement().asString().contains("SHA-256");
    assertThatThrownBy(() -> backup())
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_DAMAGED));
    Files.delete(raw);
    assertThat(verify(false).problems()).singleElement().asString().endsWith("is missing");
    Files.write(raw, good);
    assertThat(backup().copied()).isEqualTo(1);

    Path manifest = newest().resolve("manifest.json");
    Files.writeString(manifest, Files.readString(manifest).replace("saved", "taken"));
    assertThat(Backups.verify(repository(), false, Progress.NONE).problems()).hasSize(1);
  }

  @Test
  void theContentHashIsWhatTheDocsSay() throws Exception {
    open();
    load("id,name\n1,a\n2,\n");
    long first = 0;
    long last = 0;
    for (String row : List.of("[1,\"a\"]", "[2,null]")) {
      byte[] md5 = MessageDigest.getInstance("MD5").digest(row.getBytes(UTF_8));
      ByteBuffer numbers = ByteBuffer.wrap(md5).order(ByteOrder.LITTLE_ENDIAN);
      first += numbers.getLong(0);
      last += numbers.getLong(8);
    }
    assertThat(verify(false).tables())
        .filteredOn(t -> t.table().equals("clean.things"))
        .extracting(VerifiedTable::contentHash)
        .containsExactly(String.format("%016x%016x", first, last));
  }

  // ---- steps ----

  private Operations open() {
    return open("lake");
  }

  private Operations open(String folder) {
    lake.close();
    lake = Wiring.open(Wiring.read(place.resolve(folder), null));
    return lake;
  }

  private Path write(String file, String text) throws IOException {
    Path path = place.resolve("lake").resolve(file).normalize();
    Files.createDirectories(path.getParent());
    return Files.writeString(path, text);
  }

  private void load(String text) {
    load(lake, text);
  }

  private static void load(Operations lake, String text) {
    lake.land(
        new Upload(
            new SourceName("things"), "", "t.csv", new ByteArrayInputStream(text.getBytes(UTF_8))));
    lake.run(new RunRequest(List.of()), ExampleLake.work());
  }

  private Path repository() {
    return place.resolve("backups");
  }

  private Path newest() throws IOException {
    try (Stream<Path> backups = Files.list(repository().resolve("backups"))) {
      return backups.sorted(java.util.Comparator.reverseOrder()).findFirst().orElseThrow();
    }
  }

  private static Path file(Path below, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(below)) {
      return files.filter(f -> f.toString().endsWith(ending)).findFirst().orElseThrow();
    }
  }

  /** All that was read goes to the archive zone; what it left in raw stays for now. */
  private void archive(long files) {
    MaintainRequest all = new MaintainRequest(List.of(), false);
    assertThat(lake.maintain(all, ExampleLake.work()).lifecycle().get(0).archived())
        .isEqualTo(files);
  }

  private long unarchive() {
    UnarchiveRequest all = new UnarchiveRequest("raw.things", "", "", false);
    return lake.unarchive(all, ExampleLake.work()).restored();
  }

  /** Makes the table of its raw files; why that failed, or null. */
  private @Nullable String rebuild() {
    return lake.run(new RunRequest(List.of("things"), true), ExampleLake.work())
        .tables()
        .get(0)
        .message();
  }

  private BackupAnswer backup() {
    return backup(false);
  }

  private BackupAnswer backup(boolean byReference) {
    return lake.backup(new BackupRequest(repository().toString(), byReference), ExampleLake.work());
  }

  private BackupAnswer backup(Work.Progress progress) {
    return lake.backup(
        new BackupRequest(repository().toString(), false), new Work(progress, new Cancellation()));
  }

  private VerifyAnswer verify(boolean deep) {
    return lake.verify(new VerifyRequest(deep), ExampleLake.work());
  }

  private void restore(String folder, @Nullable String id, @Nullable Path yaml, Progress progress) {
    new Restoration(place.resolve(folder), repository(), id, yaml).run(progress);
  }

  /** The end of a process. */
  private static final class Death extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Dies when it hears the n-th time how far something is. */
  private static final class Dying implements Progress, Work.Progress {
    private final AtomicLong left;

    Dying(int at) {
      left = new AtomicLong(at);
    }

    @Override
    public void report(String stage, String name, long done, long total, String unit) {
      if (left.decrementAndGet() <= 0) {
        throw new Death();
      }
    }
  }

  /**
   * Before the first copy so much is committed that tables remove the metadata of the state that is
   * copied, were it not held.
   */
  private final class Meanwhile implements Work.Progress {
    private CompletableFuture<?> maintenance = new CompletableFuture<>();
    private boolean begun;

    @Override
    public synchronized void report(String stage, String name, long done, long total, String unit) {
      if (begun) {
        return;
      }
      begun = true;
      load("id,name\n1,b\n");
      for (int i = 0; i < 12; i++) {
        describe("number " + i);
        lake.run(new RunRequest(List.of("things")), ExampleLake.work());
      }
      maintenance =
          CompletableFuture.runAsync(
              () -> lake.maintain(new MaintainRequest(List.of(), false), ExampleLake.work()));
    }

    private void describe(String text) {
      try {
        write("tables/things.yaml", THINGS + "description: " + text + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
