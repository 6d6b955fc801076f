package tarn.core.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.testkit.KilledProcess;

class SqliteCatalogFileTest {
  static final Migrations ONE = new Migrations("tarn/testkit/migrations", 1);
  static final Migrations TWO = new Migrations("tarn/testkit/migrations", 2);
  static final Migrations BROKEN = new Migrations("tarn/testkit/broken", 2);
  static final Migrations SLOW = new Migrations("tarn/testkit/slow", 2);

  @TempDir private Path temp;

  @Test
  void thisBuildKnowsItsLatestMigration() throws Exception {
    java.net.URI migration =
        java.util.Objects.requireNonNull(Migrations.class.getResource("migrations/V1__lake.sql"))
            .toURI();
    boolean inJar = migration.getScheme().equals("jar");
    try (java.nio.file.FileSystem jar =
            inJar ? java.nio.file.FileSystems.newFileSystem(migration, java.util.Map.of()) : null;
        var files = Files.list(java.util.Objects.requireNonNull(Path.of(migration).getParent()))) {
      assertThat(files.map(f -> f.getFileName().toString().replaceAll("V(\\d+)__.*", "$1")))
          .contains("" + Migrations.TARN.latest())
          .hasSize(Migrations.TARN.latest());
    }
  }

  @Test
  void onlyTheOwnerCanReadTheFileItsLogAndItsBackups() throws IOException {
    SqliteDatabase.open(file(), ONE).close();
    try (Database database = SqliteDatabase.open(file(), TWO)) {
      database.write(handle -> handle.execute("INSERT INTO second VALUES (1)"));
      try (var files = Files.list(temp)) {
        assertThat(files)
            .hasSizeGreaterThanOrEqualTo(4)
            .allSatisfy(
                f ->
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(f)))
                        .isEqualTo("rw-------"));
      }
    }
  }

  @Test
  void aMigrationMakesABackupFirst() throws IOException {
    SqliteDatabase.open(file(), ONE).close();
    assertThat(backups()).isEmpty();
    try (Database migrated = SqliteDatabase.open(file(), TWO)) {
      assertThat(rows(migrated, "second")).isZero();
    }
    assertThat(backups()).hasSize(1);
    assertThat(backups().get(0).getFileName().toString()).matches("catalog-v1-.*[.]backup[.]db");

    Files.move(backups().get(0), file(), StandardCopyOption.REPLACE_EXISTING);
    try (Database restored = SqliteDatabase.open(file(), ONE)) {
      assertThat(rows(restored, "first")).isEqualTo(1);
    }
  }

  @Test
  void aDatabaseOfANewerBuildIsRefusedAndLeftAlone() throws IOException {
    SqliteDatabase.open(file(), ONE).close();
    SqliteDatabase.open(file(), TWO).close();
    byte[] before = Files.readAllBytes(file());
    assertFails(ErrorCode.VERSION_MISMATCH, ONE, "version 2", "knows 1", "catalog-v1-");
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @Test
  void aFailedMigrationLeavesTheVersionBefore() throws IOException {
    SqliteDatabase.open(file(), new Migrations(BROKEN.location(), 1)).close();
    assertFails(ErrorCode.INTERNAL, BROKEN, "nowhere");
    try (Database before = SqliteDatabase.open(file(), new Migrations(BROKEN.location(), 1))) {
      assertThat(rows(before, "first")).isEqualTo(1);
      assertThat(rows(before, "sqlite_master WHERE name = 'second'")).isZero();
    }
  }

  @Test
  void aProcessKilledDuringAMigrationLeavesItBeforeOrAfter() throws Exception {
    Random random = new Random(42);
    SqliteDatabase.open(file(), new Migrations(SLOW.location(), 1)).close();
    int before = 0;
    for (int kill = 0; kill < 4; kill++) {
      Path copy = temp.resolve(kill + "/catalog.db");
      Files.createDirectories(copy.getParent());
      Files.copy(file(), copy);
      KilledProcess.run(MigratingProcess.class, random.nextInt(1_000), copy.toString());
      try (var connection = DriverManager.getConnection("jdbc:sqlite:" + copy);
          var statement = connection.createStatement();
          var tables =
              statement.executeQuery(
                  "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name GLOB 't?'")) {
        int version = Migrations.version(connection, Migrations.HISTORY);
        assertThat(tables.getInt(1)).isEqualTo(version == 1 ? 0 : 6);
        before += version == 1 ? 1 : 0;
      }
      SqliteDatabase.open(copy, SLOW).close();
    }
    System.out.println("migrations killed before their commit: " + before + " of 4");
  }

  /** Opens a database and migrates it for a while. */
  static final class MigratingProcess {
    public static void main(String[] arguments) {
      Path catalog = Path.of(arguments[0]);
      // Classes are loaded and compiled first, so that the kill falls into the migration.
      SqliteDatabase.open(catalog.resolveSibling("warm.db"), SLOW).close();
      KilledProcess.ready();
      SqliteDatabase.open(catalog, SLOW).close();
    }
  }

  @Test
  void garbageIsACorruptCatalogWithTheNameAndTheBackups() throws IOException {
    Files.write(file(), new byte[8192]);
    Files.writeString(file(), "this is not a database, whatever its name says".repeat(200));
    Files.writeString(temp.resolve("catalog-v1-20260101.backup.db"), "");
    assertFails(ErrorCode.CATALOG_CORRUPT, ONE, file().toString(), "catalog-v1-20260101.backup.db");
  }

  @Test
  void aTruncatedFileIsACorruptCatalog() throws IOException {
    try (Database database = SqliteDatabase.open(file(), ONE)) {
      for (int i = 2; i < 400; i++) {
        int id = i;
        database.write(
            handle -> handle.execute("INSERT INTO first VALUES (?, ?)", id, "x".repeat(500)));
      }
    }
    byte[] whole = Files.readAllBytes(file());
    Files.write(file(), java.util.Arrays.copyOf(whole, whole.length / 2));
    assertFails(ErrorCode.CATALOG_CORRUPT, ONE, file().toString());
  }

  @Test
  void aDatabaseOfSomethingElseIsLeftAlone() throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE recipes (cake TEXT)");
    }
    assertFails(ErrorCode.CATALOG_CORRUPT, ONE, "something else");
  }

  @Test
  void aFileThatIsReplacedInUseIsNotWrittenOn() throws IOException {
    try (Database database = SqliteDatabase.open(file(), ONE)) {
      Files.move(file(), temp.resolve("moved.db"));
      Files.writeString(file(), "");
      assertThatThrownBy(
              () -> database.write(handle -> handle.execute("INSERT INTO first VALUES (9, '')")))
          .isInstanceOf(TarnException.class)
          .hasMessageContaining("restart Tarn");
    }
  }

  @Test
  void openingACurrentDatabaseIsQuick() {
    SqliteDatabase.open(file()).close();
    long millis = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) { // the disk may be busy once
      long start = System.nanoTime();
      SqliteDatabase.open(file()).close();
      millis = Math.min(millis, (System.nanoTime() - start) / 1_000_000);
    }
    System.out.println("opening a current catalog: " + millis + " ms");
    assertThat(millis).isLessThan(3_000);
  }

  private Path file() {
    return temp.resolve("catalog.db");
  }

  private List<Path> backups() throws IOException {
    try (var files = Files.list(temp)) {
      return files.filter(f -> f.toString().endsWith(".backup.db")).toList();
    }
  }

  private static long rows(Database database, String from) {
    return database.read(
        handle -> handle.createQuery("SELECT COUNT(*) FROM " + from).mapTo(Long.class).one());
  }

  private void assertFails(ErrorCode code, Migrations migrations, String... words) {
    assertThatThrownBy(() -> SqliteDatabase.open(file(), migrations))
        .isInstanceOfSatisfying(TarnException.class, e -> assertThat(e.code()).isEqualTo(code))
        .satisfies(
            e -> assertThat(List.of(words)).allSatisfy(w -> assertThat(e).hasMessageContaining(w)));
  }
}
