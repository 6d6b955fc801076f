package tarn.core.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The versions of the schema, oldest first, as SQL files on the classpath.
 *
 * @param location the folder of {@code V<n>__<what>.sql} on the classpath
 * @param latest the version that this build knows and needs
 */
record Migrations(String location, int latest) {
  static final Migrations TARN = new Migrations("tarn/core/database/migrations", 6);
  static final String HISTORY = "flyway_schema_history";

  /** Those up to a version, for a copy that an older build made. */
  static Migrations upTo(int version) {
    if (version > TARN.latest) {
      throw new TarnException(
          ErrorCode.VERSION_MISMATCH,
          "the copy has schema version "
              + version
              + ", this build of Tarn knows "
              + TARN.latest
              + ": use the build that made it or a newer one");
    }
    return new Migrations(TARN.location, version);
  }

  /** The version of a schema that has a history table; 0 if that is empty. */
  static int version(Connection connection, String historyTable) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT MAX(CAST(version AS INTEGER)) FROM " + historyTable + " WHERE success")) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }

  /**
   * Whether there is something to do; {@code VERSION_MISMATCH} if a newer build wrote the database.
   */
  boolean due(int version, String database, String backups) {
    if (version > latest) {
      throw new TarnException(
          ErrorCode.VERSION_MISMATCH,
          database
              + " has schema version "
              + version
              + ", this build of Tarn knows "
              + latest
              + ": run the build that wrote it or a newer one, or restore a backup ("
              + backups
              + "); nothing was changed");
    }
    return version < latest;
  }

  /**
   * Brings the schema to the latest version inside the transaction that the caller has begun and
   * will commit, so that a process killed on the way leaves the version before. A failed statement
   * comes out as Flyway's exception around the driver's.
   */
  void apply(Connection connection, @Nullable String schema, String database) {
    var flyway =
        Flyway.configure()
            .dataSource(new OneConnection(connection))
            .locations("classpath:" + location)
            .table(HISTORY)
            .target(Integer.toString(latest))
            .connectRetries(0)
            .failOnMissingLocations(true);
    if (schema != null) {
      flyway.defaultSchema(schema).createSchemas(false);
    }
    try {
      flyway.load().migrate();
    } catch (FlywayException e) {
      if (SqlCause.of(e) != null) {
        throw e;
      }
      throw new TarnException(
          ErrorCode.VERSION_MISMATCH,
          database
              + " could not be brought to schema version "
              + latest
              + " and stays as it was: "
              + firstLine(e),
          e);
    }
  }

  private static String firstLine(FlywayException e) {
    String message = e.getMessage();
    return message == null ? "no reason given" : message.strip().lines().limit(1).toList().get(0);
  }
}
