package tarn.cdc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import tarn.core.change.Lsn;

/**
 * The timelines of a server's log: a standby that takes the place of its primary begins a new one
 * where it had come to, and places further on are of both (PostgreSQL's documentation, "Timelines";
 * history files are lines of a timeline, where it ended, and a remark, separated by tabs).
 */
final class Timelines {
  /** The first eight digits of a log file's name. */
  private static final String CURRENT =
      "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 0 ELSE ('x' || pg_catalog.left("
          + "pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8))::bit(32)::int4 END";

  private Timelines() {}

  /** 0 of a standby. */
  static int current(Connection connection) throws SQLException {
    return Integer.parseInt(ReplicationSlot.value(connection, CURRENT));
  }

  /** Where one of the past ends; {@link Lsn#ZERO} if it is none. */
  static Lsn endOf(int timeline, Connection replication) throws SQLException {
    String current = column(replication, "IDENTIFY_SYSTEM", 2);
    if (current.equals("1")) {
      return Lsn.ZERO; // the first has no history
    }
    return column(replication, "TIMELINE_HISTORY " + current, 2)
        .lines()
        .map(line -> line.strip().split("\\s+", 3))
        .filter(line -> line[0].equals(Integer.toString(timeline)) && line.length > 1)
        .map(line -> Lsn.parse(line[1]))
        .findFirst()
        .orElse(Lsn.ZERO);
  }

  private static String column(Connection replication, String command, int column)
      throws SQLException {
    try (Statement statement = replication.createStatement();
        ResultSet row = statement.executeQuery(command)) {
      row.next();
      return row.getString(column);
    }
  }
}
