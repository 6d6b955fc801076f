package tarn.cdc;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.Moment;
import tarn.core.change.SourceTable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * A transaction that holds a snapshot, and up to four others that read by it.
 *
 * <p>Before its snapshot it takes the weakest lock on each published table and keeps it: statements
 * that change rows are not hindered, but what would rewrite a table or empty it at once (TRUNCATE,
 * VACUUM FULL, most of ALTER TABLE) waits until the view is closed. Without that, such a statement
 * leaves an older snapshot with an empty table, or moves rows from one part to another.
 */
final class PostgresView implements LoadView {
  private static final int MAX_SESSIONS = 4;
  private static final int MAX_PARTS = 10_000;

  /** Key columns whose order is not PostgreSQL's own: of an extension's type, or an enum. */
  private static final String FOREIGN_KEYS =
      "SELECT count(*) FROM pg_catalog.pg_attribute a"
          + " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
          + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          + " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
          + " WHERE n.nspname = ? AND c.relname = ? AND a.attname = ANY (?) AND NOT a.attisdropped"
          + " AND t.typnamespace <> 'pg_catalog'::regnamespace";

  private final Sessions sessions;
  private final Connection holder;
  private final String snapshot;
  private final Moment moment;
  private final Map<String, String> tables;
  private final Map<String, RowFilter> filters;
  private final Set<Part> made = ConcurrentHashMap.newKeySet();
  private final Semaphore room = new Semaphore(MAX_SESSIONS);
  private final Deque<Connection> idle = new ArrayDeque<>();
  private boolean closed;

  private PostgresView(
      Sessions sessions,
      Connection holder,
      String snapshot,
      Moment moment,
      Map<String, String> tables,
      Map<String, RowFilter> filters) {
    made.add(new Part(""));
    this.tables = tables;
    this.filters = filters;
    this.sessions = sessions;
    this.holder = holder;
    this.snapshot = snapshot;
    this.moment = moment;
  }

  static PostgresView open(Sessions sessions, Publications publications) {
    try {
      Connection holder = sessions.open(Sessions.UNBOUNDED);
      try {
        return open(sessions, publications, holder);
      } catch (SQLException | RuntimeException e) {
        holder.close();
        throw e;
      }
    } catch (SQLException e) {
      throw sessions.errors().of("cannot open a view of the tables", e);
    }
  }

  private static PostgresView open(Sessions sessions, Publications publications, Connection holder)
      throws SQLException {
    Set<String> published = publications.names(holder);
    Map<String, String> locked = new LinkedHashMap<>();
    Catalog.tables(holder, sessions.settings()).stream()
        .filter(entry -> published.contains(entry.table().fullName()))
        .forEach(entry -> locked.put(entry.table().fullName(), entry.sql()));
    Map<String, RowFilter> filters = publications.filters(holder);
    holder.setAutoCommit(false);
    try (Statement statement = holder.createStatement()) {
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      if (!locked.isEmpty()) {
        statement.execute(
            "LOCK TABLE " + String.join(", ", locked.values()) + " IN ACCESS SHARE MODE");
      }
      String snapshot = value(statement, "SELECT pg_catalog.pg_export_snapshot()");
      String seen = value(statement, "SELECT pg_catalog.pg_current_snapshot()::text");
      return new PostgresView(
          sessions,
          holder,
          snapshot,
          new Moment(seen, Lsn.parse(value(statement, ReplicationSlot.LOG_END))),
          locked,
          filters);
    }
  }

  /**
   * The place in the log is asked for in a statement of its own, after the snapshot is there. A
   * transaction writes its commit to the log before others can see it, so each that the snapshot
   * sees was written before this place; asked for before the snapshot, one could commit between the
   * two, be seen, and be counted as later.
   */
  @Override
  public Moment moment() {
    return moment;
  }

  @Override
  public synchronized long estimatedRows(SourceTable table) {
    return leaves(
            table,
            "GREATEST(c.reltuples, 0)::int8",
            "cannot estimate the rows of " + table.fullName())
        .stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  @Override
  public synchronized long estimatedBytes(SourceTable table) {
    return leaves(
            table,
            "pg_catalog.pg_table_size(c.oid)",
            "cannot estimate the size of " + table.fullName())
        .stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  @Override
  public synchronized boolean hasRanges(SourceTable table) {
    if (table.key().isEmpty()) {
      return false;
    }
    try (PreparedStatement statement = holder.prepareStatement(FOREIGN_KEYS)) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      statement.setArray(3, holder.createArrayOf("text", table.key().toArray()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1) == 0;
      }
    } catch (SQLException e) {
      throw sessions.errors().of("cannot tell the key of " + table.fullName(), e);
    }
  }

  /** The last key comes from the index; texts without a type are read as the columns' types. */
  @Override
  public synchronized Range range(SourceTable table, List<String> after, long rows) {
    String key = table.key().stream().map(Sql::name).collect(Collectors.joining(", "));
    String begins = after.isEmpty() ? "" : "(" + key + ") > (" + texts(after) + ")";
    String texts =
        table.key().stream().map(k -> Sql.name(k) + "::text").collect(Collectors.joining(", "));
    String select =
        "SELECT "
            + texts
            + " FROM "
            + from(table, begins)
            + " ORDER BY "
            + key
            + " OFFSET "
            + (rows - 1)
            + " LIMIT 1";
    List<String> last = new ArrayList<>();
    try (Statement statement = holder.createStatement();
        ResultSet row = statement.executeQuery(select)) {
      if (row.next()) {
        for (int i = 1; i <= table.key().size(); i++) {
          last.add(row.getString(i));
        }
      }
    } catch (SQLException e) {
      throw sessions.errors().of("cannot divide " + table.fullName(), e);
    }
    String ends = last.isEmpty() ? "" : "(" + key + ") <= (" + texts(last) + ")";
    String and = begins.isEmpty() || ends.isEmpty() ? "" : " AND ";
    Part part = new Part(begins + and + ends);
    made.add(part);
    return new Range(part, last);
  }

  private static String texts(List<String> values) {
    return values.stream().map(Sql::text).collect(Collectors.joining(", "));
  }

  /**
   * Ranges of places in the table's files. For a partitioned table a range is read of each
   * partition.
   */
  @Override
  public synchronized List<Part> parts(SourceTable table, long bytes) {
    List<Part> parts = places(table, bytes);
    made.addAll(parts);
    return parts;
  }

  private List<Part> places(SourceTable table, long bytes) {
    String what = "cannot divide " + table.fullName();
    try {
      if (holder.getMetaData().getDatabaseMajorVersion() < ReplicationSlot.TID_RANGES) {
        return List.of(new Part(""));
      }
    } catch (SQLException e) {
      throw sessions.errors().of(what, e);
    }
    List<Long> blocks =
        leaves(
            table,
            "CASE WHEN c.relkind = 'r' AND m.amname = 'heap' THEN pg_catalog.pg_relation_size(c.oid)"
                + " / pg_catalog.current_setting('block_size')::int8 ELSE -1 END",
            what);
    int blockBytes = 8192;
    return blocks.contains(-1L)
        ? List.of(new Part(""))
        : ranges(blocks, Math.max(1, bytes / blockBytes));
  }

  /**
   * The last has no end: what a snapshot sees is in blocks that are there, but it costs nothing.
   */
  private static List<Part> ranges(List<Long> blocks, long partBlocks) {
    long longest = blocks.stream().mapToLong(Long::longValue).max().orElse(0);
    long least = longest / MAX_PARTS + 1;
    List<Part> parts = new ArrayList<>();
    long from = 0;
    while (true) {
      long start = from;
      long wide = Math.max(1, blocks.stream().filter(size -> size > start).count());
      long to = from + Math.max(least, partBlocks / wide);
      if (to >= longest) {
        parts.add(new Part(from == 0 ? "" : "ctid >= '(" + from + ",0)'"));
        return parts;
      }
      parts.add(
          new Part(String.format(Locale.ROOT, "ctid >= '(%d,0)' AND ctid < '(%d,0)'", from, to)));
      from = to;
    }
  }

  @Override
  public long copy(SourceTable table, Part part, OutputStream out) throws IOException {
    if (!made.contains(part)) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST, "'" + part.condition() + "' is no part of this source");
    }
    String what = "cannot copy table " + table.fullName();
    String select = select(table, part);
    boolean whole = false;
    Connection session = borrow(what);
    try {
      long rows = Sessions.own(session).getCopyAPI().copyOut(select, out);
      whole = true;
      return rows;
    } catch (SQLException e) {
      throw sessions.errors().of(what, e);
    } finally {
      giveBack(session, whole);
    }
  }

  private String select(SourceTable table, Part part) {
    return "COPY (SELECT "
        + Sql.columns(table)
        + " FROM "
        + from(table, part.condition())
        + ") TO STDOUT (FORMAT csv)";
  }

  /** With the publication's own filter, so that a load and its changes are of the same rows. */
  private String from(SourceTable table, String condition) {
    String from = tables.get(table.fullName());
    if (from == null) {
      throw sessions
          .errors()
          .unavailable(
              table.fullName()
                  + " was not published when the view was opened: prepare it, and open another");
    }
    RowFilter filter = filters.get(table.fullName());
    String both =
        Stream.of(filter == null ? "" : "(" + filter.condition() + ")", condition)
            .filter(c -> !c.isEmpty())
            .collect(Collectors.joining(" AND "));
    return both.isEmpty() ? from : from + " WHERE " + both;
  }

  private Connection borrow(String what) {
    try {
      room.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "interrupted while copying", e);
    }
    try {
      Connection waiting = poll();
      return waiting == null ? session() : waiting;
    } catch (SQLException e) {
      room.release();
      throw sessions.errors().of(what, e);
    } catch (RuntimeException e) {
      room.release();
      throw e;
    }
  }

  private @Nullable Connection poll() {
    synchronized (idle) {
      if (closed) {
        throw sessions.errors().unavailable("the view was closed");
      }
      return idle.poll();
    }
  }

  private Connection session() throws SQLException {
    Connection session = sessions.open(Sessions.UNBOUNDED);
    try (Statement statement = session.createStatement()) {
      session.setAutoCommit(false);
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      statement.execute("SET TRANSACTION SNAPSHOT " + Sql.text(snapshot));
      return session;
    } catch (SQLException e) {
      session.close();
      throw e;
    }
  }

  /** After a failure its transaction is of no use any more. */
  private void giveBack(Connection session, boolean usable) {
    boolean keep = false;
    synchronized (idle) {
      if (usable && !closed) {
        idle.push(session);
        keep = true;
      }
    }
    if (!keep) {
      end(session);
    }
    room.release();
  }

  @Override
  public void close() {
    List<Connection> all = new ArrayList<>();
    synchronized (idle) {
      if (closed) {
        return;
      }
      closed = true;
      all.addAll(idle);
      idle.clear();
    }
    all.add(holder);
    all.forEach(this::end);
  }

  /** The server ends what it was doing when the connection is gone. */
  private void end(Connection session) {
    try {
      session.close();
    } catch (SQLException e) {
      throw sessions.errors().of("cannot close the view", e);
    }
  }

  private List<Long> leaves(SourceTable table, String number, String what) {
    try (PreparedStatement statement =
        holder.prepareStatement(
            "SELECT "
                + number
                + " FROM pg_catalog.pg_class root"
                + " JOIN pg_catalog.pg_namespace n ON n.oid = root.relnamespace"
                + " CROSS JOIN LATERAL (SELECT p.relid FROM"
                + "  pg_catalog.pg_partition_tree(root.oid) p WHERE p.isleaf"
                + "  UNION SELECT root.oid WHERE root.relkind <> 'p') leaf (oid)"
                + " JOIN pg_catalog.pg_class c ON c.oid = leaf.oid"
                + " LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam"
                + " WHERE n.nspname = ? AND root.relname = ?")) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      try (ResultSet rows = statement.executeQuery()) {
        List<Long> numbers = new ArrayList<>();
        while (rows.next()) {
          numbers.add(rows.getLong(1));
        }
        return numbers;
      }
    } catch (SQLException e) {
      throw sessions.errors().of(what, e);
    }
  }

  private static String value(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
