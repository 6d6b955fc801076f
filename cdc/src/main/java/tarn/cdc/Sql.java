package tarn.cdc;

import java.util.stream.Collectors;
import tarn.core.change.SourceTable;

/** Names and texts as PostgreSQL reads them. */
final class Sql {
  private Sql() {}

  /** {@code "a name"}. */
  static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** {@code "schema"."table"}. */
  static String name(SourceTable table) {
    return name(table.schema()) + "." + name(table.name());
  }

  /** {@code 'a text'}, with standard_conforming_strings. */
  static String text(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  static String columns(SourceTable table) {
    return table.columns().stream()
        .map(column -> name(column.name()))
        .collect(Collectors.joining(", "));
  }
}
