package tarn.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import tarn.core.database.Database;
import tarn.core.database.PostgresDatabase;
import tarn.testkit.PostgresFixture;
import tarn.testkit.S3Fixture;

/** PostgreSQL and an S3 API, while engine processes are killed at random. */
class EndToEndWithDyingWorkersTest extends EndToEndTest {
  private final String schema = PostgresFixture.freshSchema();
  private @Nullable S3Fixture storage;
  private @Nullable WorkerKiller killer;

  @Override
  String lakeYaml(Path folder) throws IOException {
    S3Fixture started = S3Fixture.start(folder.resolve("buckets"));
    storage = started;
    killer = WorkerKiller.every(6_000, 7, Integer.MAX_VALUE);
    Files.writeString(folder.resolve("database.secret"), PostgresFixture.password() + "\n");
    Files.writeString(
        folder.resolve("storage.secret"),
        "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
            .formatted(S3Fixture.ACCESS_KEY_ID, S3Fixture.SECRET_ACCESS_KEY));
    return """
        name: ecommerce
        database:
          kind: postgresql
          url: "%s"
          user: %s
          password_file: database.secret
          schema: %s
        storage:
          kind: s3
          endpoint: "%s"
          region: %s
          credentials_file: storage.secret
        engine:
          memory: 512MB
          threads: 2
        """
        .formatted(
            PostgresFixture.url(),
            PostgresFixture.user(),
            schema,
            started.endpoint(),
            S3Fixture.REGION);
  }

  @Override
  Database database(Path folder) {
    return PostgresDatabase.open(
        PostgresFixture.url(), PostgresFixture.user(), PostgresFixture.password(), schema);
  }

  @Override
  Optional<WorkerKiller> killer() {
    return Optional.ofNullable(killer);
  }

  @AfterAll
  void stopStorage() {
    if (storage != null) {
      storage.close();
    }
  }
}
