package tarn.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import tarn.core.errors.TarnException;

/**
 * A publication: which tables' changes are handed over.
 *
 * @param insertsOnly whether updates and deletes are not: then tables need no identity
 */
record Publication(
    PostgresSettings settings, SourceErrors errors, String name, boolean insertsOnly) {
  private static final String DENIED = "42501";

  private static final String FOUND =
      "SELECT p.pubinsert AND p.pubtruncate AND p.pubupdate = ? AND p.pubdelete = ?, p.pubviaroot,"
          + " pg_catalog.pg_has_role(p.pubowner, 'USAGE'), p.puballtables,"
          + " EXISTS (SELECT FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid"
          + "  AND pg_catalog.to_jsonb(r) ->> 'prattrs' IS NOT NULL),"
          + " COALESCE(pg_catalog.to_jsonb(p) ->> 'pubgencols', 'n') <> 'n'"
          + " FROM pg_catalog.pg_publication p WHERE p.pubname = ?";

  /** Begins the comment that tells our filters, by their entries, from those of others. */
  private static final String OURS = "row filters of the lake: ";

  private static final String COMMENT =
      "SELECT COALESCE(pg_catalog.obj_description(p.oid, 'pg_publication'), '')"
          + " FROM pg_catalog.pg_publication p WHERE p.pubname = ?";

  private static final String OF_ITS_TABLES =
      " FROM pg_catalog.pg_publication_tables WHERE pubname = ?";

  private static final String ITS_TABLES = "SELECT schemaname || '.' || tablename" + OF_ITS_TABLES;

  private static final String ITS_TABLES_QUOTED =
      "SELECT pg_catalog.quote_ident(schemaname) || '.' || pg_catalog.quote_ident(tablename)"
          + OF_ITS_TABLES;

  /** Tables whose rows cannot be told apart, themselves or in a partition. */
  private static final String WITHOUT_IDENTITY =
      "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
          + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE c.relkind = 'r' AND c.relreplident <> 'f'"
          + " AND (c.oid = ANY (?) OR EXISTS (SELECT FROM"
          + "  pg_catalog.pg_partition_ancestors(c.oid) p(relid) WHERE p.relid = ANY (?)))"
          + " AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid"
          + "  AND i.indisvalid AND CASE c.relreplident"
          + "   WHEN 'd' THEN i.indisprimary AND i.indimmediate"
          + "   WHEN 'i' THEN i.indisreplident ELSE false END)"
          + " ORDER BY 1, 2";

  private static final String UNREADABLE =
      "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
          + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE c.oid = ANY (?) AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
          + " AND pg_catalog.has_table_privilege(c.oid, 'SELECT')) ORDER BY 1, 2";

  /**
   * How it is.
   *
   * @param listed whether it leaves out columns
   * @param generated whether it has generated columns, which the load has not (PostgreSQL 18)
   */
  private record Found(
      boolean allChanges,
      boolean viaRoot,
      boolean own,
      boolean allTables,
      boolean listed,
      boolean generated) {}

  /** Lets it have exactly these tables, with their filters. */
  void prepare(Connection connection, List<Catalog.Entry> tables) throws SQLException {
    checkReadable(connection, tables);
    List<Found> found = found(connection);
    if (found.isEmpty()) {
      checkIdentity(connection, tables);
      change(
          connection,
          tables,
          () -> run(connection, create(tables), "there is no publication " + name));
      return;
    }
    Found publication = found.get(0);
    if (fits(connection, publication, tables)
        && (!publication.own || saysWhatIsDeclared(connection, tables))) {
      return;
    }
    if (publication.listed) {
      throw errors.refused(
          named()
              + " leaves out columns of tables; take its lists of columns away (`columns` in this"
              + " source's file does without), or name another publication in this source");
    }
    if (publication.allTables) {
      throw errors.refused(
          named()
              + " is of all tables of the database, which are not those that are asked for; drop it, or"
              + " name another in this source");
    }
    List<String> hidden = hidden(connection, tables);
    if (publication.own && !hidden.isEmpty()) {
      throw errors.refused(
          named()
              + " leaves out rows of "
              + String.join(", ", hidden)
              + " by a filter that is not declared; declare it under `rows` in this source's file, or"
              + " mend it with: "
              + setTables(connection, tables));
    }
    alter(connection, publication, tables);
  }

  /** Who hides rows from the lake does so on purpose, unless it was the lake itself. */
  private List<String> hidden(Connection connection, List<Catalog.Entry> tables)
      throws SQLException {
    List<String> ours = ours(connection);
    Set<String> declared = filtered(tables);
    Map<String, RowFilter> filters = filters(connection);
    Set<String> wanted = names(tables);
    return filters.entrySet().stream()
        .filter(f -> wanted.contains(f.getKey()) && !declared.contains(f.getKey()))
        .filter(f -> !ours.contains(Long.toString(f.getValue().oid())))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  private List<String> ours(Connection connection) throws SQLException {
    String comment = comment(connection);
    return comment.startsWith(OURS)
        ? List.of(comment.substring(OURS.length()).split(", "))
        : List.of();
  }

  private String comment(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(COMMENT)) {
      statement.setString(1, name);
      return String.join("", rows(statement, row -> row.get(0)));
    }
  }

  private void remark(Connection connection) throws SQLException {
    Map<String, RowFilter> filters = filters(connection);
    if (!filters.isEmpty() || comment(connection).startsWith(OURS)) {
      String oids =
          filters.values().stream()
              .map(f -> Long.toString(f.oid()))
              .collect(Collectors.joining(", "));
      execute(
          connection,
          "COMMENT ON PUBLICATION "
              + quoted()
              + " IS "
              + (oids.isEmpty() ? "NULL" : Sql.text(OURS + oids)));
    }
  }

  private String setTables(Connection connection, List<Catalog.Entry> tables) throws SQLException {
    return tables.isEmpty()
        ? "ALTER PUBLICATION " + quoted() + " DROP TABLE " + String.join(", ", quoted(connection))
        : "ALTER PUBLICATION " + quoted() + " SET TABLE " + sql(tables);
  }

  private void alter(Connection connection, Found publication, List<Catalog.Entry> tables)
      throws SQLException {
    Set<String> there = names(connection);
    checkIdentity(
        connection,
        tables.stream().filter(entry -> !there.contains(entry.table().fullName())).toList());
    String why =
        named()
            + " does not have exactly the tables that are asked for, with the filters under `rows`, and"
            + " all of their changes";
    String setTables = setTables(connection, tables);
    if (!publication.own) {
      throw errors.refused(
          why + "; its owner can mend it with: " + options(publication) + "; " + setTables);
    }
    change(
        connection,
        tables,
        () -> {
          run(connection, options(publication), why); // a filter may need them
          run(connection, setTables, why);
        });
  }

  private interface Step {
    void run() throws SQLException, TarnException;
  }

  /**
   * Changes it, unless it stays what it was: then it is left untouched, so that filters keep their
   * entries. With a filter that would let updates fail nothing is changed.
   */
  private void change(Connection connection, List<Catalog.Entry> tables, Step step)
      throws SQLException {
    connection.setAutoCommit(false);
    try {
      List<Object> before = contents(connection);
      step.run();
      checkFilters(connection, tables);
      if (!contents(connection).equals(before)) {
        remark(connection);
        connection.commit();
      }
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private List<Object> contents(Connection connection) throws SQLException {
    return List.of(found(connection), names(connection), filters(connection));
  }

  private void checkFilters(Connection connection, List<Catalog.Entry> tables) throws SQLException {
    Map<String, List<String>> outside = RowFilter.outside(connection, name);
    for (Catalog.Entry entry : tables) {
      List<String> columns = outside.get(entry.table().fullName());
      if (columns != null) {
        throw errors.refused(
            "table " + entry.table().fullName() + ": " + RowFilter.obstacle(entry, columns));
      }
    }
  }

  /** Removes it, unless it is somebody else's. */
  void forget(Connection connection) throws SQLException {
    if (found(connection).stream().anyMatch(Found::own)) {
      execute(connection, "DROP PUBLICATION IF EXISTS " + quoted());
    }
  }

  boolean isThere(Connection connection) throws SQLException {
    return !found(connection).isEmpty();
  }

  /**
   * Whether it is there and has these tables, filters exactly where they are declared, and all
   * changes.
   */
  boolean fits(Connection connection, List<Catalog.Entry> tables) throws SQLException {
    List<Found> found = found(connection);
    return !found.isEmpty() && fits(connection, found.get(0), tables);
  }

  /** Whether its filters are those that are declared; it must fit. */
  boolean saysWhatIsDeclared(Connection connection, List<Catalog.Entry> tables)
      throws SQLException {
    Map<String, RowFilter> filters = filters(connection);
    for (Catalog.Entry entry : tables) {
      RowFilter filter = filters.get(entry.table().fullName());
      if (filter != null
          && !FollowedTables.says(
              connection, entry, filter, settings.copied().condition(entry.table()).orElse(""))) {
        return false;
      }
    }
    return true;
  }

  private Map<String, RowFilter> filters(Connection connection) throws SQLException {
    return RowFilter.of(connection, List.of(name));
  }

  private boolean fits(Connection connection, Found publication, List<Catalog.Entry> tables)
      throws SQLException {
    boolean roots = tables.stream().anyMatch(Catalog.Entry::partitioned);
    return publication.allChanges
        && !publication.listed
        && !publication.generated
        && (publication.viaRoot || !roots)
        && names(connection).equals(names(tables))
        && filters(connection).keySet().equals(filtered(tables));
  }

  private Set<String> filtered(List<Catalog.Entry> tables) {
    return names(
        tables.stream().filter(e -> settings.copied().condition(e.table()).isPresent()).toList());
  }

  /** The statement that makes it. */
  String create(List<Catalog.Entry> tables) {
    return "CREATE PUBLICATION "
        + quoted()
        + (tables.isEmpty() ? "" : " FOR TABLE " + sql(tables))
        + " WITH ("
        + parameters()
        + ")";
  }

  private String options(Found publication) {
    return "ALTER PUBLICATION "
        + quoted()
        + " SET ("
        + parameters()
        + (publication.generated ? ", publish_generated_columns = none)" : ")");
  }

  private String parameters() {
    String changes = insertsOnly ? "insert, truncate" : "insert, update, delete, truncate";
    return "publish = '" + changes + "', publish_via_partition_root = true";
  }

  private void run(Connection connection, String sql, String why) throws SQLException {
    try {
      execute(connection, sql);
    } catch (SQLException e) {
      if (SourceErrors.state(e).equals(DENIED)) {
        throw errors.refused(
            why
                + ", and "
                + settings.user()
                + " may not change that; an owner of the tables can with: "
                + sql);
      }
      throw e;
    }
  }

  private void checkReadable(Connection connection, List<Catalog.Entry> tables)
      throws SQLException {
    List<String> unreadable = tables(connection, UNREADABLE, tables);
    if (!unreadable.isEmpty()) {
      Set<String> schemas =
          new TreeSet<>(tables.stream().map(entry -> Sql.name(entry.table().schema())).toList());
      throw errors.refused(
          String.format(
              "user %1$s may not read %2$s; an owner can allow it with: GRANT USAGE ON SCHEMA %3$s TO"
                  + " %4$s; GRANT SELECT ON %2$s TO %4$s",
              settings.user(),
              String.join(", ", unreadable),
              String.join(", ", schemas),
              Sql.name(settings.user())));
    }
  }

  /** In a publication of updates such a table would refuse the application's own updates. */
  private void checkIdentity(Connection connection, List<Catalog.Entry> tables)
      throws SQLException {
    List<String> without = insertsOnly ? List.of() : tables(connection, WITHOUT_IDENTITY, tables);
    if (!without.isEmpty()) {
      throw errors.refused(
          "rows of "
              + String.join(", ", without)
              + " cannot be told apart, and once published every UPDATE and DELETE there would fail;"
              + " give each a primary key, or: "
              + without.stream()
                  .map(table -> "ALTER TABLE " + table + " REPLICA IDENTITY FULL")
                  .collect(Collectors.joining("; "))
              + "; or leave it out");
    }
  }

  private static List<String> tables(Connection connection, String sql, List<Catalog.Entry> tables)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 1; i <= statement.getParameterMetaData().getParameterCount(); i++) {
        statement.setArray(i, Catalog.array(connection, "oid", tables, Catalog.Entry::oid));
      }
      return rows(statement, row -> Sql.name(row.get(0)) + "." + Sql.name(row.get(1)));
    }
  }

  private List<Found> found(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FOUND)) {
      statement.setBoolean(1, !insertsOnly);
      statement.setBoolean(2, !insertsOnly);
      statement.setString(3, name);
      return rows(
          statement,
          row ->
              new Found(
                  row.get(0).equals("t"),
                  row.get(1).equals("t"),
                  row.get(2).equals("t"),
                  row.get(3).equals("t"),
                  row.get(4).equals("t"),
                  row.get(5).equals("t")));
    }
  }

  /** The full names of its tables; empty if it is not there. */
  Set<String> names(Connection connection) throws SQLException {
    return itsTables(connection, ITS_TABLES);
  }

  private Set<String> quoted(Connection connection) throws SQLException {
    return itsTables(connection, ITS_TABLES_QUOTED);
  }

  private Set<String> itsTables(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      return new TreeSet<>(rows(statement, row -> row.get(0)));
    }
  }

  private static Set<String> names(List<Catalog.Entry> tables) {
    return tables.stream()
        .map(entry -> entry.table().fullName())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static <T> List<T> rows(PreparedStatement statement, Function<List<String>, T> read)
      throws SQLException {
    List<T> all = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(rows.getString(i));
        }
        all.add(read.apply(row));
      }
    }
    return all;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String sql(List<Catalog.Entry> tables) {
    return tables.stream()
        .map(
            e ->
                e.sql()
                    + settings
                        .copied()
                        .condition(e.table())
                        .map(condition -> " WHERE (" + condition + ")")
                        .orElse(""))
        .collect(Collectors.joining(", "));
  }

  private String quoted() {
    return Sql.name(name);
  }

  private String named() {
    return "publication " + name;
  }
}
