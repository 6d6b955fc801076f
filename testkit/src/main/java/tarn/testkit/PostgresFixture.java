package tarn.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tarn.core.database.PostgresDatabase;

/** A real PostgreSQL from Maven, one server for all tests of a JVM, a fresh schema for each use. */
public final class PostgresFixture {
  private static final AtomicInteger SCHEMAS = new AtomicInteger();
  private static @Nullable EmbeddedPostgres server;

  private PostgresFixture() {}

  /** A place with nothing in it. */
  public static DatabasePlace freshPlace() {
    String schema = freshSchema();
    return () -> PostgresDatabase.open(url(), user(), password(), schema);
  }

  /** The name of a schema that is not there yet. */
  public static String freshSchema() {
    return "lake_" + SCHEMAS.incrementAndGet();
  }

  /** {@code jdbc:postgresql://localhost:<port>/postgres}; the first call starts the server. */
  public static String url() {
    return "jdbc:postgresql://localhost:" + server().getPort() + "/postgres";
  }

  public static String user() {
    return "postgres";
  }

  public static String password() {
    return "postgres";
  }

  /** Ends every connection to the server but one's own, as a failover would. */
  public static void cutConnections() {
    try (var connection = server().getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static synchronized EmbeddedPostgres server() {
    EmbeddedPostgres running = server;
    if (running == null) {
      running = start();
      server = running;
    }
    return running;
  }

  private static EmbeddedPostgres start() {
    try {
      EmbeddedPostgres started =
          EmbeddedPostgres.builder()
              .setPGStartupWait(Duration.ofMinutes(2))
              .setServerConfig("max_connections", "200")
              .setServerConfig("fsync", "off")
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> close(started)));
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL did not start", e);
    }
  }

  private static void close(EmbeddedPostgres server) {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
