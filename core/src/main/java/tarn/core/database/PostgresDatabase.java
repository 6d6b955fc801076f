package tarn.core.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The lake's database in one schema of a PostgreSQL database, shared by the lake's servers. Writes
 * take turns (an advisory lock that ends with the transaction), so that they are as serial as in
 * SQLite; reads wait for nobody.
 */
public final class PostgresDatabase implements Database {
  /** The schema that a lake uses unless it names another. */
  public static final String DEFAULT_SCHEMA = "tarn";

  private static final Pattern SCHEMA = Pattern.compile("[a-z_][a-z0-9_]{0,39}");
  private static final int CONNECTIONS = 8;
  private static final int CONNECT_SECONDS = 10;
  private static final int ANSWER_SECONDS = 120;
  private static final String SESSION =
      "SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '5min';"
          + " SET client_min_messages = warning";

  private final HikariDataSource pool;
  private final PostgresFailures failures;
  private final String schema;
  private final ThreadLocal<Boolean> writing = ThreadLocal.withInitial(() -> false);
  private final Jdbi jdbi;

  private PostgresDatabase(HikariDataSource pool, PostgresFailures failures, String schema) {
    this.pool = pool;
    this.failures = failures;
    this.schema = schema;
    this.jdbi = Jdbi.create(pool);
  }

  /**
   * Opens the database of a lake, makes its schema if it is not there, and brings it to this
   * build's version after copying its tables to {@code <schema>_backup_v<N>}. {@code
   * VERSION_MISMATCH} if a newer build wrote it, {@code DATABASE_UNAVAILABLE} if it does not answer
   * within 10 seconds or refuses; both leave it as it was.
   *
   * @param url {@code jdbc:postgresql://host:port/database}
   */
  public static PostgresDatabase open(String url, String user, String password, String schema) {
    return open(url, user, password, schema, Migrations.TARN);
  }

  /**
   * Opens a database to fill it from a copy of this schema version, which may be an older one; the
   * next {@link #open(String, String, String, String)} brings it to this build's. {@code
   * VERSION_MISMATCH} if it is of a newer version than that.
   */
  public static PostgresDatabase openAt(
      String url, String user, String password, String schema, int version) {
    return open(url, user, password, schema, Migrations.upTo(version));
  }

  static PostgresDatabase open(
      String url, String user, String password, String schema, Migrations migrations) {
    if (!SCHEMA.matcher(schema).matches()) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "'" + schema + "' is not a schema's name: a-z, 0-9 and '_', at most 40");
    }
    PostgresFailures failures = new PostgresFailures(url);
    HikariDataSource pool = pool(url, user, password, schema, failures);
    PostgresDatabase database = new PostgresDatabase(pool, failures, schema);
    try {
      database.migrate(migrations);
      return database;
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  @Override
  public <T> T write(Function<Handle, T> work) {
    if (writing.get()) {
      throw new TarnException(
          ErrorCode.INTERNAL, "a write inside a write: pass the handle on instead");
    }
    writing.set(true);
    try {
      return Attempts.run(() -> transaction("READ COMMITTED", true, work));
    } finally {
      writing.remove();
    }
  }

  @Override
  public <T> T read(Function<Handle, T> work) {
    return Attempts.run(() -> transaction("REPEATABLE READ, READ ONLY", false, work));
  }

  @Override
  public String kind() {
    return "postgresql";
  }

  @Override
  public void close() {
    pool.close();
  }

  private <T> T transaction(String mode, boolean writes, Function<Handle, T> work) {
    if (Thread.currentThread().isInterrupted()) {
      throw Attempts.interrupted(new InterruptedException());
    }
    try (Handle handle = jdbi.open()) {
      Connection connection = handle.getConnection();
      T result;
      try {
        connection.setAutoCommit(false);
        begin(connection, mode, writes);
        result = work.apply(handle);
      } catch (RuntimeException | SQLException | Error e) {
        rollback(connection);
        throw e;
      }
      commit(connection);
      return result;
    } catch (SQLException e) {
      throw failures.retryOrReport(e);
    } catch (RuntimeException e) {
      throw failures.retryOrReport(e);
    }
  }

  private void begin(Connection connection, String mode, boolean writes) throws SQLException {
    try {
      run(connection, "SET TRANSACTION ISOLATION LEVEL " + mode);
    } catch (SQLException e) {
      throw failures.ofFirstStatement(e);
    }
    if (writes) {
      takeTurn(connection);
    }
  }

  /** Each statement of READ COMMITTED that follows sees all that earlier writers committed. */
  private void takeTurn(Connection connection) throws SQLException {
    String sql = "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, "tarn:" + schema);
      statement.execute();
    }
  }

  private void commit(Connection connection) throws SQLException {
    try {
      connection.commit();
    } catch (SQLException e) {
      throw failures.ofCommit(e);
    }
    connection.setAutoCommit(true);
  }

  private static void rollback(Connection connection) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      // The server rolls back what has no connection; the pool finds out that this one is gone.
      return;
    }
  }

  private void migrate(Migrations migrations) {
    int version = read(handle -> version(handle.getConnection()));
    if (!migrations.due(version, name(), backups(version))) {
      return;
    }
    write(
        handle -> {
          Connection connection = handle.getConnection();
          int before = version(connection);
          if (migrations.due(before, name(), backups(before))) {
            prepare(connection, before);
            migrations.apply(connection, schema, name());
          }
          return before;
        });
  }

  /** In the transaction of the migration: both take place, or neither. */
  private void prepare(Connection connection, int version) {
    try {
      if (version == 0) {
        run(connection, "CREATE SCHEMA IF NOT EXISTS " + schema);
      } else {
        backUp(connection, version);
      }
    } catch (SQLException e) {
      throw failures.report(e);
    }
  }

  private void backUp(Connection connection, int version) throws SQLException {
    String backup = backup(version);
    run(connection, "DROP SCHEMA IF EXISTS " + backup + " CASCADE");
    run(connection, "CREATE SCHEMA " + backup);
    for (String table : tables(connection)) {
      String quoted = '"' + table.replace("\"", "\"\"") + '"';
      run(
          connection,
          "CREATE TABLE " + backup + "." + quoted + " AS TABLE " + schema + "." + quoted);
    }
  }

  private List<String> tables(Connection connection) throws SQLException {
    String sql = "SELECT tablename FROM pg_tables WHERE schemaname = ? ORDER BY tablename";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, schema);
      List<String> tables = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          tables.add(rows.getString(1));
        }
      }
      return tables;
    }
  }

  private int version(Connection connection) {
    try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?)")) {
      String history = schema + "." + Migrations.HISTORY;
      statement.setString(1, history);
      try (ResultSet rows = statement.executeQuery()) {
        boolean there = rows.next() && rows.getString(1) != null;
        return there ? Migrations.version(connection, history) : 0;
      }
    } catch (SQLException e) {
      throw failures.report(e);
    }
  }

  private String name() {
    return "the catalog " + failures.where() + " schema " + schema;
  }

  private String backup(int version) {
    return schema + "_backup_v" + version;
  }

  private String backups(int version) {
    return "schemas named " + schema + "_backup_v<N>, N below " + version;
  }

  private static HikariDataSource pool(
      String url, String user, String password, String schema, PostgresFailures failures) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(user);
    config.setPassword(password);
    config.setPoolName("postgresql-" + schema);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(CONNECT_SECONDS * 1_000L);
    config.setInitializationFailTimeout(1);
    config.setConnectionInitSql(SESSION + "; SET search_path = " + schema); // whatever the URL says
    config.addDataSourceProperty("ApplicationName", "tarn");
    config.addDataSourceProperty("connectTimeout", CONNECT_SECONDS);
    config.addDataSourceProperty("loginTimeout", CONNECT_SECONDS);
    config.addDataSourceProperty("socketTimeout", ANSWER_SECONDS);
    config.addDataSourceProperty("tcpKeepAlive", true);
    config.addDataSourceProperty("reWriteBatchedInserts", true);
    try {
      return new HikariDataSource(config);
    } catch (RuntimeException e) {
      throw failures.unreachable(e);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
