package tarn.cdc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tarn.core.change.SourceTable;
import tarn.core.change.SourceTable.SourceColumn;

/** What the system catalog says about tables. */
final class Catalog {
  /** The columns that a query below gives for each table or type. */
  private static final String DOMAINS =
      "WITH RECURSIVE base (oid, typid, typmod) AS ("
          + " SELECT oid, typbasetype, typtypmod FROM pg_catalog.pg_type WHERE typtype = 'd'"
          + " UNION ALL SELECT b.oid, t.typbasetype, t.typtypmod FROM base b"
          + " JOIN pg_catalog.pg_type t ON t.oid = b.typid WHERE t.typtype = 'd'),"
          + " domains AS (SELECT b.oid, b.typid, b.typmod FROM base b"
          + " JOIN pg_catalog.pg_type t ON t.oid = b.typid WHERE t.typtype <> 'd') ";

  private static final String TABLES =
      "SELECT c.oid, n.nspname, c.relname, c.relkind,"
          + " ARRAY(SELECT p.relid::pg_catalog.oid::int8"
          + "  FROM pg_catalog.pg_partition_ancestors(c.oid) p(relid) WHERE p.relid <> c.oid),"
          + " pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
          + "  AND pg_catalog.has_table_privilege(c.oid, 'SELECT'),"
          + " pg_catalog.row_security_active(c.oid), NOT EXISTS (SELECT"
          + "  FROM (SELECT c.oid UNION SELECT p.relid FROM pg_catalog.pg_partition_tree(c.oid) p) t (relid)"
          + "  JOIN pg_catalog.pg_class l ON l.oid = t.relid"
          + "  WHERE l.relkind = 'r' AND l.relreplident <> 'f' AND NOT EXISTS ("
          + "   SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = l.oid AND i.indisvalid"
          + "   AND CASE l.relreplident WHEN 'd' THEN i.indisprimary AND i.indimmediate"
          + "    WHEN 'i' THEN i.indisreplident ELSE false END)),"
          + " pg_catalog.current_setting('server_version_num')::int4 >= 180000 AND EXISTS (SELECT"
          + "  FROM (SELECT c.oid UNION SELECT p.relid FROM pg_catalog.pg_partition_tree(c.oid) p) t (relid)"
          + "  JOIN pg_catalog.pg_class l ON l.oid = t.relid"
          + "  JOIN pg_catalog.pg_attribute a ON a.attrelid = l.oid"
          + "  WHERE l.relkind = 'r' AND l.relreplident = 'f' AND a.attgenerated <> '')"
          + " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'"
          + " AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
          + " ORDER BY n.nspname, c.relname";

  /** The columns of an index i, without those that it only includes. */
  static final String KEY_OF_INDEX = "(i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1]";

  /** Whether a column has a value in rows that were written before it was added. */
  private static final String FILLED = "a.atthasdef OR a.atthasmissing OR a.attidentity <> ''";

  private static final String COLUMNS =
      DOMAINS
          + "SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),"
          + " COALESCE(d.typid, a.atttypid),"
          + " CASE WHEN d.oid IS NULL THEN a.atttypmod ELSE d.typmod END,"
          + " EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid"
          + "  AND a.attnum = ANY ("
          + KEY_OF_INDEX
          + ") AND i.indisvalid"
          + "  AND CASE c.relreplident WHEN 'd' THEN i.indisprimary AND i.indimmediate"
          + "   WHEN 'i' THEN i.indisreplident WHEN 'f' THEN i.indisprimary ELSE false END), "
          + FILLED
          + " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
          + " LEFT JOIN domains d ON d.oid = a.atttypid"
          + " WHERE a.attrelid = ANY (?) AND a.attnum > 0 AND NOT a.attisdropped"
          + " AND a.attgenerated = '' ORDER BY a.attrelid, a.attnum";

  private static final String TYPES =
      DOMAINS
          + "SELECT pg_catalog.format_type(a.typid, a.typmod), COALESCE(d.typid, a.typid),"
          + " CASE WHEN d.oid IS NULL THEN a.typmod ELSE d.typmod END"
          + " FROM unnest(?::oid[], ?::int4[]) WITH ORDINALITY a(typid, typmod, n)"
          + " LEFT JOIN domains d ON d.oid = a.typid ORDER BY a.n";

  private static final String PRIMARY_KEY =
      "SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a"
          + " ON a.attrelid = i.indrelid AND a.attnum = ANY ("
          + KEY_OF_INDEX
          + ") WHERE i.indrelid = ? AND i.indisprimary AND i.indisvalid";

  private static final String FILLED_NAMES =
      "SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = ? AND a.attnum > 0"
          + " AND NOT a.attisdropped AND ("
          + FILLED
          + ")";

  private Catalog() {}

  /**
   * A table as the catalog has it.
   *
   * @param partitioned whether its rows are in other tables
   * @param identified whether the log tells which row an update or a delete was of
   */
  record Entry(boolean partitioned, boolean identified, SourceTable table) {
    Entry with(SourceTable other) {
      return new Entry(partitioned, identified, other);
    }

    long oid() {
      return table.id();
    }

    /** As a statement names it: it, and not tables that inherit from it, but all its partitions. */
    String sql() {
      return (partitioned ? "" : "ONLY ") + Sql.name(table);
    }
  }

  /**
   * Those that are asked for, in order of full name, without partitions of one of them; all of
   * their columns.
   */
  static List<Entry> tables(Connection connection, PostgresSettings settings) throws SQLException {
    List<Named> wanted = wanted(connection, settings);
    Map<Long, List<SourceColumn>> columns =
        columns(connection, wanted.stream().map(Named::oid).toList());
    return wanted.stream()
        .map(
            named ->
                new Entry(
                    named.partitioned,
                    named.identified,
                    new SourceTable(
                            named.oid,
                            named.schema,
                            named.name,
                            columns.getOrDefault(named.oid, List.of()))
                        .withObstacle(named.obstacle(settings))))
        .sorted((a, b) -> a.table().fullName().compareTo(b.table().fullName()))
        .toList();
  }

  /** A table as a message of the log says it. */
  static SourceTable table(Connection connection, Relation relation) throws SQLException {
    Set<String> key =
        relation.identity() == Relation.FULL
            ? names(connection, PRIMARY_KEY, relation.oid())
            : Set.of();
    Set<String> filled = names(connection, FILLED_NAMES, relation.oid());
    List<SourceColumn> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(TYPES)) {
      statement.setArray(1, array(connection, "oid", relation.columns(), Relation.Column::type));
      statement.setArray(
          2, array(connection, "int4", relation.columns(), column -> (long) column.modifier()));
      try (ResultSet rows = statement.executeQuery()) {
        for (Relation.Column column : relation.columns()) {
          rows.next();
          columns.add(
              new SourceColumn(
                  column.name(),
                  rows.getString(1),
                  PostgresTypes.of(rows.getLong(2), rows.getInt(3)),
                  relation.identity() == Relation.FULL
                      ? key.contains(column.name())
                      : column.identity(),
                  filled.contains(column.name())));
        }
      }
    }
    return new SourceTable(relation.oid(), relation.schema(), relation.name(), columns);
  }

  private record Named(
      long oid,
      String schema,
      String name,
      boolean partitioned,
      List<Long> ancestors,
      boolean readable,
      boolean restricted,
      boolean identified,
      boolean generated) {

    /**
     * In a publication of updates a table without identity would refuse its own updates; so would,
     * from PostgreSQL 18 on, one whose identity has generated columns, as they are not published.
     */
    String obstacle(PostgresSettings settings) {
      String user = Sql.name(settings.user());
      String quoted = Sql.name(schema) + "." + Sql.name(name);
      if (!readable) {
        return "it may not be read; an owner can allow it with: GRANT USAGE ON SCHEMA "
            + Sql.name(schema)
            + " TO "
            + user
            + "; GRANT SELECT ON "
            + quoted
            + " TO "
            + user;
      } else if (restricted) {
        return "row security hides rows of it; a superuser can lift it with: ALTER ROLE "
            + user
            + " BYPASSRLS";
      } else if (!identified && !settings.isAppendOnly(schema + "." + name)) {
        return "its rows cannot be told apart; give it a primary key, or: ALTER TABLE "
            + quoted
            + " REPLICA IDENTITY FULL, or name it under append_only if rows are only added";
      } else if (generated) {
        return "all of its columns are its replica identity and some are generated, so that PostgreSQL"
            + " would refuse every UPDATE and DELETE there; give it a primary key, and: ALTER TABLE "
            + quoted
            + " REPLICA IDENTITY DEFAULT";
      }
      return "";
    }
  }

  private static List<Named> wanted(Connection connection, PostgresSettings settings)
      throws SQLException {
    List<Named> wanted = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(TABLES)) {
      while (rows.next()) {
        Named named =
            new Named(
                rows.getLong(1),
                rows.getString(2),
                rows.getString(3),
                rows.getString(4).equals("p"),
                List.of((Long[]) rows.getArray(5).getArray()),
                rows.getBoolean(6),
                rows.getBoolean(7),
                rows.getBoolean(8),
                rows.getBoolean(9));
        if (settings.wants(named.schema, named.name)) {
          wanted.add(named);
        }
      }
    }
    Set<Long> selected = new HashSet<>(wanted.stream().map(Named::oid).toList());
    return wanted.stream()
        .filter(named -> named.ancestors.stream().noneMatch(selected::contains))
        .toList();
  }

  private static Map<Long, List<SourceColumn>> columns(Connection connection, List<Long> tables)
      throws SQLException {
    Map<Long, List<SourceColumn>> columns = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setArray(1, array(connection, "oid", tables, oid -> oid));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          columns
              .computeIfAbsent(rows.getLong(1), oid -> new ArrayList<>())
              .add(
                  new SourceColumn(
                      rows.getString(2),
                      rows.getString(3),
                      PostgresTypes.of(rows.getLong(4), rows.getInt(5)),
                      rows.getBoolean(6),
                      rows.getBoolean(7)));
        }
      }
    }
    return columns;
  }

  private static Set<String> names(Connection connection, String sql, long table)
      throws SQLException {
    Set<String> names = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, table);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
    }
    return names;
  }

  static <T> Array array(
      Connection connection,
      String type,
      List<T> values,
      java.util.function.Function<T, Long> number)
      throws SQLException {
    return connection.createArrayOf(type, values.stream().map(number).toArray(Long[]::new));
  }
}
