package tarn.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import tarn.core.change.ChangeSource;
import tarn.core.change.Lsn;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** The replication slot: from where on the source keeps its log for this lake. */
record ReplicationSlot(PostgresSettings settings, SourceErrors errors) {
  /** The first version in which ranges of places in a table are read without the rest of it. */
  static final int TID_RANGES = 14;

  /** The first version whose standbys can have the slots of their primary. */
  private static final int FAILOVER = 17;

  /** Of a server whose texts may be in any. */
  static final String NO_ENCODING = "SQL_ASCII";

  static final String LOG_END =
      "SELECT (CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()"
          + " ELSE pg_catalog.pg_current_wal_insert_lsn() END)::text";

  private static final String FOUND =
      "SELECT s.confirmed_flush_lsn::text, s.active,"
          + " COALESCE(s.wal_status, '') <> 'lost'"
          + "  AND pg_catalog.to_jsonb(s) ->> 'invalidation_reason' IS NULL"
          + "  AND COALESCE(pg_catalog.to_jsonb(s) ->> 'conflicting', 'false') = 'false',"
          + " COALESCE(pg_catalog.pg_wal_lsn_diff(pg_lsn(?), s.restart_lsn), 0)::int8,"
          + " COALESCE(s.plugin, 'none'), COALESCE(s.database, 'none')"
          + " FROM pg_catalog.pg_replication_slots s WHERE s.slot_name = ?";

  private static final Duration SETTLE = Duration.ofSeconds(2);
  private static final Duration IN_USE = Duration.ofSeconds(2);
  private static final Duration CREATE = Duration.ofMinutes(5);
  private static final long PAUSE_MILLIS = 50;

  /** Of the log ({@code XLOG_BLCKSZ}); headers of pages, the longer one where a file begins. */
  private static final long PAGE = 8192;

  private static final long HEADER = 24;
  private static final long LONG_HEADER = 40;

  /** How it is; it may be somebody else's if the name is the same. */
  record Found(ChangeSource.Slot slot, String plugin, String database) {}

  Optional<Found> find(Connection connection, Lsn log) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FOUND)) {
      statement.setString(1, log.toString());
      statement.setString(2, settings.slot());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(found(row)) : Optional.empty();
      }
    }
  }

  private Found found(ResultSet row) throws SQLException {
    String confirmed = row.getString(1);
    return new Found(
        new ChangeSource.Slot(
            settings.slot(),
            confirmed == null ? Lsn.ZERO : Lsn.parse(confirmed),
            row.getBoolean(2),
            row.getBoolean(3),
            Math.max(0, row.getLong(4))),
        row.getString(5),
        row.getString(6));
  }

  /**
   * Where the last record of the log ends. If it ends where a page does, PostgreSQL tells the place
   * behind the next page's header, which nobody comes to before there is another record.
   */
  static Lsn logEnd(Connection connection) throws SQLException {
    Lsn end = Lsn.parse(value(connection, LOG_END));
    long inPage = end.value() % PAGE;
    return inPage == HEADER || inPage == LONG_HEADER ? new Lsn(end.value() - inPage) : end;
  }

  /** Makes it unless it is there. */
  boolean prepare(Connection connection) throws SQLException {
    Optional<Found> found = find(connection, Lsn.ZERO);
    found.ifPresent(this::checkOurs);
    if (found.isPresent()) {
      return false;
    }
    value(
        connection,
        "SET lock_timeout = 0; SET statement_timeout = " + CREATE.toMillis() + "; SELECT ''");
    try (PreparedStatement statement =
        connection.prepareStatement(
            connection.getMetaData().getDatabaseMajorVersion() < FAILOVER
                ? "SELECT pg_catalog.pg_create_logical_replication_slot(?, 'pgoutput')"
                : "SELECT pg_catalog.pg_create_logical_replication_slot(?, 'pgoutput', failover => true)")) {
      statement.setString(1, settings.slot());
      statement.execute();
    } catch (SQLException e) {
      throw cannotMake(e);
    }
    settle(connection);
    return true;
  }

  private TarnException cannotMake(SQLException e) {
    String state = SourceErrors.state(e);
    if (state.equals("57014")) {
      return errors.unavailable(
          "a slot begins when the transactions that are open have ended, and they have not for "
              + CREATE.toMinutes()
              + " minutes; end them, or try again");
    }
    if (state.equals("42501")) {
      return errors.refused(
          "user "
              + settings.user()
              + " may not make a replication slot; a superuser can allow it with: ALTER ROLE "
              + Sql.name(settings.user())
              + " REPLICATION");
    }
    return errors.of("cannot make slot " + settings.slot(), e);
  }

  /** {@code wal_level} decides whether there can be one at all. */
  void checkServer(Connection connection) throws SQLException {
    checkPrimary(connection);
    if (!value(connection, "SHOW wal_level").equals("logical")) {
      throw errors.refused(
          "its log does not have what changes are told by; a superuser can let it with: ALTER SYSTEM"
              + " SET wal_level = 'logical'; then restart the server");
    }
    if (value(connection, "SHOW server_encoding").equals(NO_ENCODING)) {
      throw errors.refused(
          "the database has no encoding (SQL_ASCII), so its bytes cannot be told as texts; move it to"
              + " one of UTF8");
    }
    if (connection.getMetaData().getDatabaseMajorVersion() < 13) {
      throw errors.refused("it is older than version 13, the oldest that can be followed");
    }
  }

  /** A standby can have slots, but neither a publication made nor a view that nobody cancels. */
  void checkPrimary(Connection connection) throws SQLException {
    if (value(connection, "SELECT pg_catalog.pg_is_in_recovery()").equals("t")) {
      throw errors.refused("it is a standby, which cannot be followed; connect to its primary");
    }
  }

  /**
   * A transaction whose commit is in the log before the slot's beginning may be invisible for a
   * moment longer, while its server waits for a standby: a view that opened in this moment would
   * miss it, and so would the slot. So what was open when the slot was made may end first; a
   * transaction that stays open for longer has not come to its commit, and is in the slot.
   */
  private static void settle(Connection connection) throws SQLException {
    haveEnded(connection, SETTLE);
  }

  /**
   * Waits until the transactions that are open have ended. The changes of one that is older than
   * the publication of its table are not sent, however late it commits: a view of that table must
   * be opened after its end.
   */
  void awaitOpen(Connection connection) throws SQLException {
    if (!haveEnded(connection, CREATE)) {
      throw errors.unavailable(
          "tables can be loaded or compared when the transactions that were open when that began"
              + " have ended, and they have not for "
              + CREATE.toMinutes()
              + " minutes; end them, or try again");
    }
  }

  /** Takes a number of its own: a snapshot may end before the newest of those that are open. */
  private static boolean haveEnded(Connection connection, Duration patience) throws SQLException {
    String limit = value(connection, "SELECT pg_catalog.pg_current_xact_id()");
    return await(
        patience,
        () ->
            value(
                    connection,
                    "SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()) > '"
                        + limit
                        + "'::xid8")
                .equals("t"));
  }

  /** Removes it if it is there. */
  void forget(Connection connection) throws SQLException {
    Optional<Found> found = find(connection, Lsn.ZERO);
    if (found.isEmpty()) {
      return;
    }
    checkOurs(found.get());
    await(IN_USE, () -> drop(connection));
    if (find(connection, Lsn.ZERO).isPresent()) {
      throw errors.busy("slot " + settings.slot() + " is in use; stop who follows it first");
    }
  }

  private boolean drop(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_catalog.pg_drop_replication_slot(?)")) {
      statement.setString(1, settings.slot());
      statement.execute();
      return true;
    } catch (SQLException e) {
      if (SourceErrors.state(e).equals(SourceErrors.IN_USE)) {
        return false;
      }
      throw e;
    }
  }

  private void checkOurs(Found found) {
    if (!found.plugin.equals("pgoutput") || !found.database.equals(settings.database())) {
      throw errors.refused(
          "slot "
              + settings.slot()
              + " is there already, of plugin "
              + found.plugin
              + " and database "
              + found.database
              + "; name another in this source");
    }
  }

  /** Something that becomes true by and by. */
  interface Step {
    boolean done() throws SQLException;
  }

  /** Whether it is done in time. */
  static boolean await(Duration patience, Step step) throws SQLException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!step.done()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      pause();
    }
    return true;
  }

  static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "interrupted while waiting for a source", e);
    }
  }

  static String value(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean rows = statement.execute(sql);
      while (!rows) {
        rows = statement.getMoreResults();
      }
      try (ResultSet row = statement.getResultSet()) {
        row.next();
        return row.getString(1);
      }
    }
  }
}
