package tarn.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The publications of a source: one of tables whose rows can be told apart, and, only if the
 * settings name tables to which rows are only added, one that has no updates and deletes.
 */
record Publications(PostgresSettings settings, SourceErrors errors) {
  /** The first version in which a publication may have the tables of a schema. */
  private static final int OF_SCHEMAS = 15;

  /**
   * What lets a table be published: its own entry, else that of its schema, else the publication
   * itself. Whoever takes a table out and puts it back makes another one.
   */
  private static final String ENTRIES =
      "SELECT t.schemaname || '.' || t.tablename, COALESCE(r.oid, %s, p.oid)::int8"
          + " FROM pg_catalog.pg_publication_tables t"
          + " JOIN pg_catalog.pg_publication p ON p.pubname = t.pubname"
          + " JOIN pg_catalog.pg_namespace n ON n.nspname = t.schemaname"
          + " JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename"
          + " LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid"
          + " WHERE t.pubname = ANY (?)";

  private static final String OF_SCHEMA =
      "(SELECT s.oid FROM pg_catalog.pg_publication_namespace s"
          + " WHERE s.pnpubid = p.oid AND s.pnnspid = n.oid)";

  Publication ofAll() {
    return new Publication(settings, errors, settings.publication(), false);
  }

  Publication ofInserts() {
    return new Publication(settings, errors, settings.insertsPublication(), true);
  }

  /** Those that are followed. */
  List<Publication> followed() {
    return settings.appendOnly().isEmpty() ? List.of(ofAll()) : List.of(ofAll(), ofInserts());
  }

  /** Lets them have exactly these tables. */
  void prepare(Connection connection, List<Catalog.Entry> tables) throws SQLException {
    ofAll().prepare(connection, tables.stream().filter(e -> !isAppendOnly(e)).toList());
    if (settings.appendOnly().isEmpty()) {
      ofInserts().forget(connection);
    } else {
      ofInserts().prepare(connection, tables.stream().filter(this::isAppendOnly).toList());
    }
  }

  /** Whether inserts alone of a table are followed. */
  boolean isAppendOnly(Catalog.Entry entry) {
    return !entry.identified() && settings.isAppendOnly(entry.table().fullName());
  }

  /** The first that is not there; empty if all are. */
  List<String> missing(Connection connection) throws SQLException {
    for (Publication publication : followed()) {
      if (!publication.isThere(connection)) {
        return List.of(publication.name());
      }
    }
    return List.of();
  }

  /** The full names of the tables in them. */
  Set<String> names(Connection connection) throws SQLException {
    Set<String> names = new TreeSet<>();
    for (Publication publication : followed()) {
      names.addAll(publication.names(connection));
    }
    return names;
  }

  /** What lets tables be published, by their full names; another number after it was not there. */
  Map<String, Long> entries(Connection connection) throws SQLException {
    boolean schemas = connection.getMetaData().getDatabaseMajorVersion() >= OF_SCHEMAS;
    Map<String, Long> entries = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(String.format(ENTRIES, schemas ? OF_SCHEMA : "NULL"))) {
      statement.setArray(
          1,
          connection.createArrayOf("text", followed().stream().map(Publication::name).toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          entries.put(rows.getString(1), rows.getLong(2));
        }
      }
    }
    return entries;
  }

  /** The filters that they have, by the full names of tables. */
  Map<String, RowFilter> filters(Connection connection) throws SQLException {
    return RowFilter.of(connection, followed().stream().map(Publication::name).toList());
  }

  /** The columns of filters for which updates and deletes are refused, by full names of tables. */
  Map<String, List<String>> outside(Connection connection) throws SQLException {
    return RowFilter.outside(connection, ofAll().name());
  }

  /** As an option of a stream. */
  String list() {
    return followed().stream().map(p -> Sql.name(p.name())).collect(Collectors.joining(","));
  }

  /** Removes those that are not somebody else's. */
  void forget(Connection connection) throws SQLException {
    for (Publication publication : List.of(ofAll(), ofInserts())) {
      publication.forget(connection);
    }
  }
}
