package tarn.core.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.testkit.PostgresFixture;
import tarn.testkit.Together;

class PostgresCatalogTest {
  private final String schema = PostgresFixture.freshSchema();

  @Test
  void aMigrationCopiesTheTablesFirst() {
    open(SqliteCatalogFileTest.ONE).close();
    try (Database migrated = open(SqliteCatalogFileTest.TWO)) {
      assertThat(rows(migrated, schema + "_backup_v1.first")).isEqualTo(1);
      assertThat(rows(migrated, schema + "_backup_v1.flyway_schema_history")).isEqualTo(1);
      assertThat(rows(migrated, "second")).isZero();
    }
  }

  @Test
  void aFailedMigrationLeavesTheVersionBeforeAndNoCopies() {
    Migrations before = new Migrations(SqliteCatalogFileTest.BROKEN.location(), 1);
    open(before).close();
    assertThatThrownBy(() -> open(SqliteCatalogFileTest.BROKEN)).hasMessageContaining("nowhere");
    try (Database database = open(before)) {
      assertThat(rows(database, "first")).isEqualTo(1);
      assertThat(rows(database, "pg_namespace WHERE nspname = '" + schema + "_backup_v1'"))
          .isZero();
    }
  }

  @Test
  void aDatabaseOfANewerBuildIsRefused() {
    open(SqliteCatalogFileTest.TWO).close();
    assertFails(
        ErrorCode.VERSION_MISMATCH,
        () -> open(SqliteCatalogFileTest.ONE),
        "version 2",
        "knows 1",
        schema);
  }

  @Test
  void serversThatStartTogetherMigrateOnce() {
    Together.run(
        4,
        number -> {
          open(SqliteCatalogFileTest.TWO).close();
          return number;
        });
    try (Database database = open(SqliteCatalogFileTest.TWO)) {
      assertThat(rows(database, "first")).isEqualTo(1);
    }
  }

  @Test
  void aLostConnectionIsUnavailableAndTheNextWriteWorks() {
    try (Database database = open(SqliteCatalogFileTest.ONE)) {
      assertFails(
          ErrorCode.DATABASE_UNAVAILABLE,
          () ->
              database.write(
                  handle -> {
                    handle.execute("INSERT INTO first VALUES (2, 'two')");
                    PostgresFixture.cutConnections();
                    return handle.execute("INSERT INTO first VALUES (3, 'three')");
                  }));
      assertThat(rows(database, "first")).isEqualTo(1);
      database.write(handle -> handle.execute("INSERT INTO first VALUES (4, 'four')"));
      assertThat(rows(database, "first")).isEqualTo(2);
    }
  }

  @Test
  void aConnectionLostDuringCommitLeavesTheOutcomeUnknown() {
    try (Database database = open(SqliteCatalogFileTest.ONE)) {
      database.write(
          handle ->
              handle.execute(
                  """
                  CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
                  CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON first
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()"""));
      assertFails(
          ErrorCode.COMMIT_UNKNOWN,
          () -> database.write(handle -> handle.execute("INSERT INTO first VALUES (2, 'two')")));
      assertThat(rows(database, "first")).isEqualTo(1);
    }
  }

  @Test
  void aServerThatIsNotThereIsNamedWithoutThePassword() {
    assertThatThrownBy(
            () ->
                PostgresDatabase.open(
                    "jdbc:postgresql://localhost:1/lake?password=s3cr3t", "me", "s3cr3t", "tarn"))
        .isInstanceOfSatisfying(
            TarnException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE))
        .hasMessageContaining("localhost:1/lake")
        .hasMessageNotContaining("s3cr3t");
  }

  @Test
  void aSchemaWithAnOddNameIsRefused() {
    assertFails(
        ErrorCode.BAD_REQUEST,
        () -> PostgresDatabase.open("jdbc:postgresql://localhost:1/x", "a", "b", "x; drop"),
        "x; drop");
  }

  private Database open(Migrations migrations) {
    return PostgresDatabase.open(
        PostgresFixture.url(),
        PostgresFixture.user(),
        PostgresFixture.password(),
        schema,
        migrations);
  }

  private static long rows(Database database, String from) {
    return database.read(
        handle -> handle.createQuery("SELECT COUNT(*) FROM " + from).mapTo(Long.class).one());
  }

  private static void assertFails(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(TarnException.class, e -> assertThat(e.code()).isEqualTo(code))
        .satisfies(
            e -> assertThat(List.of(words)).allSatisfy(w -> assertThat(e).hasMessageContaining(w)));
  }
}
