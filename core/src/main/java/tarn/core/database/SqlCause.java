package tarn.core.database;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Finds what a driver said inside what a library made of it. */
final class SqlCause {
  private SqlCause() {}

  static @Nullable SQLException of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return sql;
      }
    }
    return null;
  }

  static boolean interrupted(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InterruptedException) {
        return true;
      }
    }
    return false;
  }
}
