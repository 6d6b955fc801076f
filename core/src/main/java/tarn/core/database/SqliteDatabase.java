package tarn.core.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The lake's database in one file. One connection writes ({@code BEGIN IMMEDIATE}, so that writers
 * of other processes wait for each other too), a few read beside it; WAL, synchronous=FULL: what
 * was committed survives power loss. The file is readable by its owner only.
 */
public final class SqliteDatabase implements Database {
  private static final int BUSY_TIMEOUT_MILLIS = 10_000;
  private static final int READERS = 4;
  private static final long CHECKED_AT_OPEN_BYTES = 64L << 20;
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Path file;
  private final SqliteFailures failures;
  private final ReentrantLock writing = new ReentrantLock(true);
  private final HikariDataSource readers;
  private final Jdbi reads;
  private final Jdbi writes = Jdbi.create(() -> new OneConnection(writer()).getConnection());
  private final Object identity;
  private @Nullable Connection writer;
  private boolean closed;

  private SqliteDatabase(Path file, SqliteFailures failures, Connection writer) throws IOException {
    this.file = file;
    this.failures = failures;
    this.writer = writer;
    this.identity = identity(file);
    this.readers = readers(file);
    this.reads = Jdbi.create(readers);
  }

  /**
   * Opens the database of a lake, makes it if the file is not there, and brings it to this build's
   * schema after a backup beside it. {@code VERSION_MISMATCH} if a newer build wrote it, {@code
   * CATALOG_CORRUPT} if it is damaged or no catalog; both leave it as it was.
   */
  public static SqliteDatabase open(Path file) {
    return open(file, Migrations.TARN);
  }

  /**
   * Opens a database to fill it from a copy of this schema version, which may be an older one; the
   * next {@link #open(Path)} brings it to this build's. {@code VERSION_MISMATCH} if the file is of
   * a newer version than that.
   */
  public static SqliteDatabase openAt(Path file, int version) {
    return open(file, Migrations.upTo(version));
  }

  static SqliteDatabase open(Path file, Migrations migrations) {
    Path absolute = file.toAbsolutePath().normalize();
    SqliteFailures failures = new SqliteFailures(absolute);
    try {
      createForOwner(absolute);
      Connection writer = connect(absolute);
      try {
        check(absolute, writer, failures);
        migrate(absolute, writer, migrations, failures);
        return new SqliteDatabase(absolute, failures, writer);
      } catch (RuntimeException e) {
        writer.close();
        throw failures.translate(e);
      } catch (SQLException | IOException e) {
        writer.close();
        throw e;
      }
    } catch (SQLException e) {
      throw failures.report(e);
    } catch (IOException e) {
      throw failures.report(e);
    }
  }

  @Override
  public <T> T write(Function<Handle, T> work) {
    if (writing.isHeldByCurrentThread()) {
      throw new TarnException(
          ErrorCode.INTERNAL, "a write inside a write: pass the handle on instead");
    }
    try {
      writing.lockInterruptibly();
    } catch (InterruptedException e) {
      throw Attempts.interrupted(e);
    }
    try {
      return Attempts.run(() -> transaction(work));
    } finally {
      writing.unlock();
    }
  }

  @Override
  public <T> T read(Function<Handle, T> work) {
    try (Handle handle = reads.open()) {
      Connection connection = handle.getConnection();
      run(connection, "BEGIN");
      try {
        return work.apply(handle);
      } finally {
        run(connection, "ROLLBACK");
      }
    } catch (SQLException e) {
      throw failures.report(e);
    } catch (RuntimeException e) {
      throw failures.translate(e);
    }
  }

  @Override
  public String kind() {
    return "sqlite";
  }

  /** Waits for the write under way; writes after it are refused. */
  @Override
  public void close() {
    writing.lock();
    try {
      closed = true;
      readers.close();
      drop();
    } finally {
      writing.unlock();
    }
  }

  private <T> T transaction(Function<Handle, T> work) {
    Connection connection = writer();
    begin(connection);
    T result;
    try (Handle handle = writes.open()) {
      result = work.apply(handle);
    } catch (RuntimeException | Error e) {
      rollback(connection);
      if (e instanceof RuntimeException failure) {
        throw failures.retryOrReport(failure);
      }
      throw e;
    }
    commit(connection);
    return result;
  }

  private void begin(Connection connection) {
    try {
      run(connection, "BEGIN IMMEDIATE");
    } catch (SQLException e) {
      drop();
      throw failures.report(e);
    }
  }

  private void commit(Connection connection) {
    try {
      run(connection, "COMMIT");
    } catch (SQLException e) {
      rollback(connection);
      throw failures.ofCommit(e);
    }
  }

  private void rollback(Connection connection) {
    try {
      run(connection, "ROLLBACK");
    } catch (SQLException e) {
      drop();
    }
  }

  private Connection writer() {
    if (closed) {
      throw new TarnException(
          ErrorCode.DATABASE_UNAVAILABLE, "the catalog " + file + " is closed already");
    }
    try {
      if (!identity.equals(identity(file))) {
        throw failures.replaced();
      }
      Connection open = writer == null ? connect(file) : writer;
      writer = open;
      return open;
    } catch (SQLException e) {
      throw failures.report(e);
    } catch (IOException e) {
      throw failures.report(e);
    }
  }

  private void drop() {
    Connection connection = writer;
    writer = null;
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // The connection is gone either way; what failed before is reported by the caller.
        return;
      }
    }
  }

  private static void createForOwner(Path file) throws IOException {
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    createEmpty(file);
  }

  private static void createEmpty(Path file) throws IOException {
    try {
      if (posix()) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } else {
        Files.createFile(file);
      }
    } catch (FileAlreadyExistsException e) {
      if (posix()) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
    }
  }

  private static boolean posix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  private static Object identity(Path file) throws IOException {
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    return key == null ? file : key;
  }

  private static SQLiteDataSource source(Path file) {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setJournalSizeLimit((int) CHECKED_AT_OPEN_BYTES);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    return source;
  }

  private static Connection connect(Path file) throws SQLException {
    return source(file).getConnection();
  }

  private static HikariDataSource readers(Path file) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(source(file));
    config.setConnectionInitSql("PRAGMA query_only = true");
    config.setPoolName("sqlite-readers");
    config.setMaximumPoolSize(READERS);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(30_000);
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  private static void check(Path file, Connection connection, SqliteFailures failures)
      throws SQLException, IOException {
    String check = Files.size(file) > CHECKED_AT_OPEN_BYTES ? "schema_version" : "quick_check(1)";
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA " + check)) {
      String answer = rows.next() ? rows.getString(1) : "no answer";
      if (check.startsWith("quick") && !answer.equals("ok")) {
        throw failures.corrupt(answer, null);
      }
    }
  }

  private static void migrate(
      Path file, Connection writer, Migrations migrations, SqliteFailures failures)
      throws SQLException, IOException {
    String name = "the catalog " + file;
    int version = version(writer, failures);
    if (!migrations.due(version, name, failures.backups())) {
      return;
    }
    if (version > 0) {
      backUp(file, writer, version);
    }
    // After a failure the caller closes the connection, which rolls back.
    run(writer, "BEGIN IMMEDIATE");
    if (migrations.due(version(writer, failures), name, failures.backups())) {
      migrations.apply(writer, null, name);
    }
    run(writer, "COMMIT");
  }

  private static int version(Connection connection, SqliteFailures failures) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT COUNT(*), SUM(name = '" + Migrations.HISTORY + "') FROM sqlite_master")) {
      boolean empty = !rows.next() || rows.getInt(1) == 0;
      if (empty) {
        return 0;
      }
      if (rows.getInt(2) == 0) {
        throw failures.corrupt("it is an SQLite database of something else", null);
      }
    }
    return Migrations.version(connection, Migrations.HISTORY);
  }

  private static void backUp(Path file, Connection connection, int version)
      throws SQLException, IOException {
    String name = SqliteFailures.stem(file) + "-v" + version + "-" + STAMP.format(Instant.now());
    Path half = file.resolveSibling(name + ".backup.part");
    createEmpty(half);
    try (var statement = connection.prepareStatement("VACUUM INTO ?")) {
      statement.setString(1, half.toString());
      statement.execute();
    }
    sync(half, StandardOpenOption.WRITE);
    Path whole = file.resolveSibling(name + SqliteFailures.BACKUP_ENDING);
    Files.move(half, whole, StandardCopyOption.ATOMIC_MOVE);
    if (posix()) {
      sync(whole.getParent(), StandardOpenOption.READ);
    }
  }

  private static void sync(@Nullable Path path, StandardOpenOption how) throws IOException {
    if (path != null) {
      try (FileChannel channel = FileChannel.open(path, how)) {
        channel.force(true);
      }
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
