package tarn.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The row filter that a publication has for a table. PostgreSQL evaluates it for changes, the load
 * has the same condition, and so a row that leaves it is deleted and one that enters it inserted.
 *
 * @param oid of the entry in the catalog: another one, although the condition may be the same, if
 *     there was another condition between
 * @param condition as PostgreSQL prints it
 */
record RowFilter(long oid, String condition) {
  /** The first version that has them. */
  static final int OLDEST = 15;

  private static final String OF_PUBLICATIONS =
      "SELECT t.schemaname || '.' || t.tablename, r.oid::int8, t.rowfilter"
          + " FROM pg_catalog.pg_publication_tables t"
          + " JOIN pg_catalog.pg_publication p ON p.pubname = t.pubname"
          + " JOIN pg_catalog.pg_namespace n ON n.nspname = t.schemaname"
          + " JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename"
          + " JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid"
          + " WHERE t.pubname = ANY (?) AND t.rowfilter IS NOT NULL";

  /**
   * Columns of filters that are not in the replica identity, of the table or of a partition: then
   * PostgreSQL refuses the updates and deletes of whoever writes there.
   */
  private static final String OUTSIDE =
      "SELECT n.nspname || '.' || c.relname, a.attname FROM pg_catalog.pg_publication p"
          + " JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid"
          + " JOIN pg_catalog.pg_class c ON c.oid = r.prrelid"
          + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          + " JOIN pg_catalog.pg_depend d"
          + "  ON d.classid = 'pg_catalog.pg_publication_rel'::pg_catalog.regclass"
          + "  AND d.objid = r.oid AND d.refobjid = r.prrelid AND d.refobjsubid > 0"
          + "  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
          + " JOIN pg_catalog.pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = d.refobjsubid"
          + " WHERE p.pubname = ? AND r.prqual IS NOT NULL AND p.pubupdate AND EXISTS (SELECT"
          + "  FROM (SELECT c.oid UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) t) t (oid)"
          + "  JOIN pg_catalog.pg_class l ON l.oid = t.oid"
          + "  WHERE l.relkind = 'r' AND l.relreplident <> 'f' AND NOT EXISTS ("
          + "   SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute k"
          + "   ON k.attrelid = i.indrelid"
          + "   AND k.attnum = ANY ("
          + Catalog.KEY_OF_INDEX
          + ")"
          + "   WHERE i.indrelid = l.oid AND i.indisvalid AND k.attname = a.attname"
          + "   AND CASE l.relreplident WHEN 'd' THEN i.indisprimary AND i.indimmediate"
          + "    WHEN 'i' THEN i.indisreplident ELSE false END))"
          + " ORDER BY 1, a.attnum";

  /** What tells it from others. */
  String part() {
    return "rows " + condition + " as of " + oid;
  }

  static boolean isKnownTo(Connection connection) throws SQLException {
    return connection.getMetaData().getDatabaseMajorVersion() >= OLDEST;
  }

  /** Those of publications, by the full names of tables. */
  static Map<String, RowFilter> of(Connection connection, List<String> publications)
      throws SQLException {
    Map<String, RowFilter> filters = new HashMap<>();
    if (isKnownTo(connection)) {
      try (PreparedStatement statement = connection.prepareStatement(OF_PUBLICATIONS)) {
        statement.setArray(1, connection.createArrayOf("text", publications.toArray()));
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            filters.put(rows.getString(1), new RowFilter(rows.getLong(2), rows.getString(3)));
          }
        }
      }
    }
    return filters;
  }

  /**
   * The columns of a publication's filters for which PostgreSQL refuses updates and deletes, by the
   * full names of tables.
   */
  static Map<String, List<String>> outside(Connection connection, String publication)
      throws SQLException {
    Map<String, List<String>> outside = new TreeMap<>();
    if (isKnownTo(connection)) {
      try (PreparedStatement statement = connection.prepareStatement(OUTSIDE)) {
        statement.setString(1, publication);
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            outside
                .computeIfAbsent(rows.getString(1), t -> new ArrayList<>())
                .add(rows.getString(2));
          }
        }
      }
    }
    return outside;
  }

  /** Why a table is not published with a filter, and what to do about it. */
  static String obstacle(Catalog.Entry entry, List<String> outside) {
    return "its filter under `rows` uses "
        + String.join(", ", outside)
        + ", which its replica identity has not, and PostgreSQL would refuse every UPDATE and DELETE"
        + " there; an owner can mend it with: ALTER TABLE "
        + Sql.name(entry.table())
        + " REPLICA IDENTITY FULL"
        + (entry.partitioned() ? ", and so for each partition" : "");
  }
}
