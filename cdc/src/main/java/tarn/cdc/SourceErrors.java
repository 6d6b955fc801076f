package tarn.cdc;

import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * What PostgreSQL's failures mean here. Of an error of the server only the message is told: its
 * detail and context can have a row's values, and so can messages of some classes, of which only
 * the state is told. The driver's exception is not kept as a cause, for the same reason.
 */
record SourceErrors(PostgresSettings settings) {
  static final String IN_USE = "55006";
  static final String WRONG_PASSWORD = "28P01";
  private static final String NOT_THERE = "42704";
  private static final String NOT_READY = "55000";
  private static final String LOCKED = "55P03";
  private static final String WAL_GONE = "58P01";

  /** A failure of what was to be done: {@code "cannot open a view"}. */
  TarnException of(String what, SQLException e) {
    String distrust = distrust(e);
    if (!distrust.isEmpty()) {
      return refused(what + ": " + line(e) + distrust);
    }
    String state = state(e);
    ErrorCode code =
        switch (state) {
          case IN_USE -> ErrorCode.BUSY;
          case LOCKED, "40001", "40P01", "25006", "22023" -> ErrorCode.SOURCE_UNAVAILABLE;
          case WRONG_PASSWORD, "28000", "3D000", "53400", NOT_READY, "0A000" ->
              ErrorCode.SOURCE_REFUSED;
          default ->
              state.startsWith("42") ? ErrorCode.SOURCE_REFUSED : ErrorCode.SOURCE_UNAVAILABLE;
        };
    return failure(code, what + ": " + line(e) + advice(state));
  }

  /** A failure while changes are followed. */
  TarnException ofStream(String what, SQLException e) {
    String state = state(e);
    boolean lost = state.equals(NOT_THERE) || state.equals(WAL_GONE) || state.equals(NOT_READY);
    return lost ? lost(line(e)) : of(what, e);
  }

  /** Changes are gone. */
  TarnException lost(String why) {
    return failure(
        ErrorCode.SOURCE_LOST,
        why + "; changes that were not read are gone: load the tables of this source again");
  }

  TarnException refused(String why) {
    return failure(ErrorCode.SOURCE_REFUSED, why);
  }

  TarnException unavailable(String why) {
    return failure(ErrorCode.SOURCE_UNAVAILABLE, why);
  }

  TarnException busy(String why) {
    return failure(ErrorCode.BUSY, why);
  }

  static String state(SQLException e) {
    String state = e.getSQLState();
    return state == null ? "" : state;
  }

  private TarnException failure(ErrorCode code, String why) {
    return new TarnException(code, "PostgreSQL at " + settings.place() + ": " + why);
  }

  /**
   * What to do if the server could not be verified; empty if that is not it. The driver's words for
   * it are in the language of this machine, but not the names in them.
   */
  private String distrust(SQLException e) {
    if (settings.tls() != PostgresSettings.Tls.VERIFY_FULL) {
      return "";
    }
    String message = String.valueOf(e.getMessage());
    if (message.contains("HostnameVerifier")) {
      return "; write the name that its certificate is for as connection.host";
    }
    if (settings.ca().filter(ca -> message.contains(ca.toString())).isPresent()) {
      return "; let connection.ca_file name a file of certificates (PEM)";
    }
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof GeneralSecurityException) {
        return "; let connection.ca_file name the certificate (PEM) of who issued the server's";
      }
    }
    return "";
  }

  private String advice(String state) {
    return switch (state) {
      case "42501" ->
          String.format(
              Locale.ROOT,
              "; a superuser can allow it with: ALTER ROLE %1$s REPLICATION; GRANT SELECT ON the"
                  + " tables TO %1$s",
              Sql.name(settings.user()));
      case WRONG_PASSWORD, "28000" -> "; check user " + settings.user() + " and its password";
      case "3D000" -> "; check the name of the database";
      case "53400" -> "; raise max_replication_slots or drop a slot that nobody needs";
      case IN_USE -> "; wait until it has ended, or end it";
      case LOCKED -> "; somebody holds a lock on a table: try again";
      case "53300" -> "; raise max_connections, or try again";
      case "22021", "22P05" ->
          "; a text in it cannot be written in UTF-8: find and correct it, or leave its table out";
      case "08004" -> "; let it have ssl = on, or set connection.tls: disable";
      case "08001" -> "; check that it runs and can be reached from here";
      default -> "";
    };
  }

  private static String line(SQLException e) {
    String state = state(e);
    if (state.startsWith("22") && !state.equals("22023") || state.startsWith("23")) {
      return "an error of state " + state;
    }
    String message = message(e);
    return (message == null ? "an error of state " + state : message)
        .replaceAll("\\s*[\\r\\n]+\\s*", " ");
  }

  /**
   * What the server says about a statement that has read no rows, its detail too: both are about
   * the statement's own text.
   */
  static String ofStatement(SQLException e) {
    String message = String.valueOf(message(e));
    String detail = "";
    if (e instanceof PSQLException known && known.getServerErrorMessage() != null) {
      ServerErrorMessage server = known.getServerErrorMessage();
      detail = server == null || server.getDetail() == null ? "" : ": " + server.getDetail();
    }
    return (message + detail).replaceAll("\\s*[\\r\\n]+\\s*", " ");
  }

  private static @Nullable String message(SQLException e) {
    if (e instanceof PSQLException known) {
      ServerErrorMessage server = known.getServerErrorMessage();
      if (server != null) {
        return server.getMessage();
      }
    }
    return e.getMessage();
  }
}
