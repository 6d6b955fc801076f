package tarn.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import tarn.testkit.PostgresFixture;
import tarn.testkit.S3Fixture;

/** What the file of a lake says that stands on PostgreSQL and an S3 API. */
final class ServersLake {
  private ServersLake() {}

  /**
   * Lines of {@code lake.yaml}; the secrets that they name are written beside it.
   *
   * @param schema of the catalog; its name becomes the prefix of the buckets
   */
  static String lines(Path lake, String schema, S3Fixture storage) throws IOException {
    secret(lake.resolve("database.secret"), PostgresFixture.password());
    secret(
        lake.resolve("storage.secret"),
        "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
            .formatted(S3Fixture.ACCESS_KEY_ID, S3Fixture.SECRET_ACCESS_KEY));
    return """
        prefix: %s
        database: {kind: postgresql, url: "%s", user: %s, password_file: database.secret, schema: %s}
        storage: {kind: s3, endpoint: "%s", region: %s, credentials_file: storage.secret}
        """
        .formatted(
            schema.replace('_', '-'),
            PostgresFixture.url(),
            PostgresFixture.user(),
            schema,
            storage.endpoint(),
            S3Fixture.REGION);
  }

  /** A file that nobody else may read. */
  static void secret(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }
}
