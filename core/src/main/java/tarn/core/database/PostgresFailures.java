package tarn.core.database;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** What PostgreSQL's failures mean for a person, told apart by SQLSTATE. */
final class PostgresFailures {
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String DISK_FULL = "53100";
  private static final String COMPLETION_UNKNOWN = "40003";

  /** Classes of states that say that the statement or its data, not the server, is at fault. */
  private static final Set<String> STATEMENT = Set.of("0A", "21", "22", "25", "26", "34", "42");

  private final String where;

  PostgresFailures(String url) {
    this.where = url.replaceFirst("//[^/@]*@", "//").replaceFirst("[?].*", "");
  }

  /** The database's address, without anything that could be a secret. */
  String where() {
    return where;
  }

  TarnException unreachable(RuntimeException e) {
    SQLException sql = SqlCause.of(e);
    return sql == null ? unavailable(String.valueOf(e.getMessage()), e) : report(sql);
  }

  /**
   * The failure of a transaction's first statement: a pooled connection that died meanwhile is
   * replaced by another attempt, for nothing had been done on it.
   */
  RuntimeException ofFirstStatement(SQLException e) {
    boolean lost = state(e).startsWith("08") || state(e).startsWith("57P");
    return lost ? new Attempts.RolledBack(report(e)) : report(e);
  }

  /** The failure of a COMMIT: rolled back for certain, or unknown. */
  RuntimeException ofCommit(SQLException e) {
    String state = state(e);
    boolean rolledBack =
        state.startsWith("23") || state.startsWith("40") && !state.equals(COMPLETION_UNKNOWN);
    return rolledBack
        ? retryOrReport(e)
        : new TarnException(
            ErrorCode.COMMIT_UNKNOWN,
            "the connection to " + where + " was lost during a commit: " + e.getMessage(),
            e);
  }

  RuntimeException retryOrReport(RuntimeException e) {
    SQLException sql = SqlCause.of(e);
    boolean ours = e instanceof TarnException || e instanceof Attempts.RolledBack;
    return sql == null || ours ? e : retryOrReport(sql);
  }

  RuntimeException retryOrReport(SQLException e) {
    boolean again = state(e).startsWith("40") && !state(e).equals(COMPLETION_UNKNOWN);
    return again ? new Attempts.RolledBack(report(e)) : report(e);
  }

  TarnException report(SQLException e) {
    if (SqlCause.interrupted(e)) {
      return Attempts.interrupted(e);
    }
    String state = state(e);
    String group = state.length() < 2 ? "" : state.substring(0, 2);
    if (state.equals(LOCK_NOT_AVAILABLE)) {
      return new TarnException(
          ErrorCode.BUSY, "another writer keeps " + where + " locked: try again", e);
    }
    if (state.equals(DISK_FULL)) {
      return new TarnException(ErrorCode.DISK_FULL, "the disk of " + where + " is full", e);
    }
    if (group.equals("23") || group.equals("40")) {
      return new TarnException(
          ErrorCode.CONFLICT, "the catalog refused a row: " + e.getMessage(), e);
    }
    if (group.equals("XX")) {
      return new TarnException(
          ErrorCode.CATALOG_CORRUPT, where + " reports damage: " + e.getMessage(), e);
    }
    if (STATEMENT.contains(group)) {
      return new TarnException(
          ErrorCode.INTERNAL, "a statement failed on the catalog: " + e.getMessage(), e);
    }
    return unavailable(String.valueOf(e.getMessage()), e);
  }

  private TarnException unavailable(String why, @Nullable Throwable cause) {
    return new TarnException(
        ErrorCode.DATABASE_UNAVAILABLE,
        "the catalog database " + where + " does not answer or refuses: " + why,
        cause);
  }

  private static String state(SQLException e) {
    SQLException cause = e;
    while (cause.getSQLState() == null && cause.getCause() instanceof SQLException deeper) {
      cause = deeper;
    }
    return cause.getSQLState() == null ? "" : cause.getSQLState();
  }
}
