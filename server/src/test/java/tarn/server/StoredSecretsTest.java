package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.testkit.SecretsManagerFixture;
import tarn.testkit.SourcePostgres;

/** A database is followed with a password from AWS Secrets Manager, while it is rotated. */
class StoredSecretsTest {
  private static final long MOST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(4);

  @TempDir Path folder;
  private final SourcePostgres shop = SourcePostgres.fresh();
  private SecretsManagerFixture aws;
  private @Nullable KillableServer server;

  @BeforeEach
  void begin() throws IOException {
    aws = SecretsManagerFixture.start();
  }

  @AfterEach
  void end() {
    if (server != null) {
      server.close();
    }
    aws.close();
  }

  @Test
  void aPasswordIsRotatedWhileItsDatabaseIsFollowed() throws Exception {
    String user = "reader_of_" + shop.database();
    shop.execute(
        "CREATE ROLE " + user + " SUPERUSER LOGIN PASSWORD 'first-geheim'",
        "CREATE TABLE orders (id int PRIMARY KEY)",
        "INSERT INTO orders VALUES (1)");
    shop.askForPassword(user);
    define(user);
    secret(user, "first-geheim");
    server =
        KillableServer.start(
            folder,
            Map.of(
                "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                aws.endpoint().toString(),
                "AWS_REGION",
                "eu-north-1",
                "AWS_ACCESS_KEY_ID",
                SecretsManagerFixture.KEY_ID,
                "AWS_SECRET_ACCESS_KEY",
                "of-nobody"));
    await("\"condition\":\"running\"");
    awaitRows(1);
    int read = aws.regions().size();
    assertThat(aws.regions()).containsOnly("eu-north-1");

    shop.execute("ALTER ROLE " + user + " PASSWORD 'second-geheim'");
    shop.cutConnections();
    await("password authentication failed");
    assertThat(aws.regions()).as("it was read again").hasSizeGreaterThan(read);

    secret(user, "second-geheim");
    shop.execute("INSERT INTO orders VALUES (2)");
    awaitRows(2);
    await("\"condition\":\"running\"");
    assertThat(server().get("sources")).doesNotContain("geheim");
    assertThat(Files.readString(folder.resolve("server.out"))).doesNotContain("geheim");
  }

  private void secret(String user, String password) {
    aws.has("prod/shop", "{\"username\":\"" + user + "\",\"password\":\"" + password + "\"}");
  }

  private void define(String user) throws IOException {
    Files.writeString(
        folder.resolve("lake.yaml"), "name: lake\nengine:\n  memory: 512MB\n  threads: 2\n");
    Files.writeString(
        Files.createDirectories(folder.resolve("sources")).resolve("shop.yaml"),
        """
        connection:
          host: %s
          port: %d
          database: %s
          user: %s
          password: aws-secretsmanager:prod/shop#password
        freshness: 200ms
        slot: %3$s
        tables: [public.*]
        """
            .formatted(shop.host(), shop.port(), shop.database(), user));
  }

  private KillableServer server() {
    return Objects.requireNonNull(server);
  }

  private void awaitRows(int count) throws Exception {
    String asked =
        UntunedLake.JSON
            .createObjectNode()
            .put("sql", "SELECT count(*) FROM clean.orders")
            .toString();
    await("[[" + count + "]]", () -> server().ask("query", asked).body());
  }

  private void await(String text) throws Exception {
    await(text, () -> server().get("sources"));
  }

  private interface Told {
    String now() throws IOException, InterruptedException;
  }

  private static void await(String text, Told told) throws Exception {
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    while (!told.now().contains(text)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(text + " does not come: " + told.now());
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }
}
