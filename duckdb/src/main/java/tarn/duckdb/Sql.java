package tarn.duckdb;

import java.util.Collection;
import java.util.stream.Collectors;

/** DuckDB's lexical rules. */
final class Sql {
  private Sql() {}

  /** {@code "name"}. */
  static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** {@code 'text'}. */
  static String text(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** {@code ['a', 'b']}. */
  static String texts(Collection<String> texts) {
    return texts.stream().map(Sql::text).collect(Collectors.joining(", ", "[", "]"));
  }

  /** {@code "a", "b"}. */
  static String names(Collection<String> names) {
    return names.stream().map(Sql::name).collect(Collectors.joining(", "));
  }
}
