package tarn.cdc;

import java.sql.Connection;
import java.sql.SQLException;
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
