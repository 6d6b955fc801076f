package tarn.core.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** What SQLite's failures mean for a person. */
final class SqliteFailures {
  static final String BACKUP_ENDING = ".backup.db";

  /** SQLite keeps the primary code in the low byte of an extended one. */
  private static final int PRIMARY = 0xff;

  private final Path file;

  SqliteFailures(Path file) {
    this.file = file;
  }

  static String stem(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  /** Where the backups of this file are, as a phrase. */
  String backups() {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return "none found";
    }
    try (var files = Files.list(folder)) {
      String names =
          files
              .map(path -> path.getFileName().toString())
              .filter(name -> name.startsWith(stem(file) + "-v") && name.endsWith(BACKUP_ENDING))
              .sorted()
              .collect(Collectors.joining(", "));
      return names.isEmpty() ? "none in " + folder : "in " + folder + ": " + names;
    } catch (IOException e) {
      return "not readable: " + folder;
    }
  }

  TarnException corrupt(String what, @Nullable Throwable cause) {
    return new TarnException(
        ErrorCode.CATALOG_CORRUPT,
        "the catalog "
            + file
            + " is damaged ("
            + what
            + "); stop Tarn, keep the file, and put a backup in its place. Backups: "
            + backups(),
        cause);
  }

  TarnException replaced() {
    return new TarnException(
        ErrorCode.DATABASE_UNAVAILABLE,
        "the catalog " + file + " was replaced while in use: restart Tarn to use the new file");
  }

  TarnException report(IOException e) {
    if (String.valueOf(e.getMessage()).contains("No space left")) {
      return new TarnException(ErrorCode.DISK_FULL, "the disk of " + file + " is full", e);
    }
    return new TarnException(
        ErrorCode.DATABASE_UNAVAILABLE, "the catalog " + file + " cannot be used: " + e, e);
  }

  TarnException report(SQLException e) {
    return SqlCause.interrupted(e) ? Attempts.interrupted(e) : report(code(e), e);
  }

  /** The failure of a COMMIT: rolled back for certain, or unknown. */
  RuntimeException ofCommit(SQLException e) {
    SQLiteErrorCode code = code(e);
    if (code == SQLiteErrorCode.SQLITE_IOERR) {
      return new TarnException(
          ErrorCode.COMMIT_UNKNOWN,
          "the disk of " + file + " failed during a commit: " + e.getMessage(),
          e);
    }
    return retryOrReport(e);
  }

  RuntimeException retryOrReport(SQLException e) {
    SQLiteErrorCode code = code(e);
    TarnException report = report(code, e);
    boolean again = code == SQLiteErrorCode.SQLITE_BUSY || code == SQLiteErrorCode.SQLITE_LOCKED;
    return again ? new Attempts.RolledBack(report) : report;
  }

  RuntimeException retryOrReport(RuntimeException e) {
    SQLException sql = SqlCause.of(e);
    return sql == null || e instanceof TarnException ? e : retryOrReport(sql);
  }

  RuntimeException translate(RuntimeException e) {
    SQLException sql = SqlCause.of(e);
    return sql == null || e instanceof TarnException ? e : report(sql);
  }

  private static SQLiteErrorCode code(SQLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLiteException sqlite) {
        return SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & PRIMARY);
      }
    }
    return SQLiteErrorCode.getErrorCode(e.getErrorCode() & PRIMARY);
  }

  private TarnException report(SQLiteErrorCode code, SQLException e) {
    return switch (code) {
      case SQLITE_CORRUPT, SQLITE_NOTADB ->
          corrupt(code.name().toLowerCase(Locale.ROOT).replace("sqlite_", ""), e);
      case SQLITE_FULL ->
          new TarnException(ErrorCode.DISK_FULL, "the disk of the catalog " + file + " is full", e);
      case SQLITE_BUSY, SQLITE_LOCKED ->
          new TarnException(
              ErrorCode.BUSY,
              "another process keeps the catalog " + file + " locked: end it or try again",
              e);
      case SQLITE_CONSTRAINT ->
          new TarnException(ErrorCode.CONFLICT, "the catalog refused a row: " + e.getMessage(), e);
      case SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_MISMATCH, SQLITE_TOOBIG ->
          new TarnException(
              ErrorCode.INTERNAL, "a statement failed on the catalog: " + e.getMessage(), e);
      default ->
          new TarnException(
              ErrorCode.DATABASE_UNAVAILABLE,
              "the catalog " + file + " cannot be used: " + e.getMessage(),
              e);
    };
  }
}
