package tarn.duckdb;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tarn.core.engine.Column;
import tarn.core.engine.RawFormat;

/**
 * JSON records whose keys differ by case, as SQL over whole objects: DuckDB's reader has no two
 * columns of such names. A value is the one that stands under any of a column's spellings; a record
 * with different values under two of them is none.
 */
final class SpeltSql {
  private static final String JSON = "__tarn_json";

  private SpeltSql() {}

  static boolean isNeeded(RawFormat format, List<Column> columns) {
    return (format instanceof RawFormat.JsonLines || format instanceof RawFormat.JsonDocuments)
        && columns.stream().anyMatch(c -> !c.spellings().isEmpty());
  }

  /**
   * Objects, as the column {@code __tarn_json}; fails for what is none or has two values for one
   * column.
   *
   * @param objects what gives them as the column {@code record}
   */
  static String records(String objects, List<Column> columns) {
    return "(SELECT *, CASE WHEN json_type(record) <> 'OBJECT' THEN error('tarn: a record is no object')"
        + " WHEN (CASE WHEN false THEN NULL"
        + conflicts(columns, "record")
        + " END) IS NOT NULL THEN error('tarn: a record has two values for a column') ELSE record END AS "
        + JSON
        + " FROM "
        + objects
        + ")";
  }

  /** SQL for each column's value, by its name in lower case. */
  static Map<String, String> strict(List<Column> columns) {
    Map<String, String> present = new LinkedHashMap<>();
    for (Column column : columns) {
      String value = value(column, JSON);
      present.put(
          column.name().toLowerCase(Locale.ROOT),
          column.type().isPrimitiveType()
              ? value
              : "CASE WHEN "
                  + NestedSql.failed(value, column.type())
                  + " THEN error('tarn: a nested value does not fit') ELSE "
                  + NestedSql.value(value, column.type())
                  + " END");
    }
    return present;
  }

  /** A column's value in a record: a text, or JSON if it is nested. */
  static String value(Column column, String json) {
    List<String> values = new ArrayList<>();
    for (String name : names(column)) {
      String path = ", " + Sql.text(RawSql.jsonPath(name)) + ")";
      values.add(
          column.type().isPrimitiveType()
              ? "json_extract_string(" + json + path
              : column.spellings().isEmpty()
                  ? "json_extract(" + json + path
                  : "nullif(json_extract(" + json + path + ", 'null'::JSON)");
    }
    return values.size() == 1 ? values.get(0) : "coalesce(" + String.join(", ", values) + ")";
  }

  /** WHENs that say which columns have two values. */
  static String conflicts(List<Column> columns, String json) {
    StringBuilder whens = new StringBuilder();
    for (Column column : columns) {
      if (!column.spellings().isEmpty()) {
        List<String> names = names(column);
        whens
            .append(" WHEN len(list_distinct(list_filter(json_extract(")
            .append(json)
            .append(", ")
            .append(Sql.texts(names.stream().map(RawSql::jsonPath).toList()))
            .append("), lambda e: json_type(e) <> 'NULL'))) > 1 THEN ")
            .append(Sql.text("it has different values for " + String.join(" and ", names)));
      }
    }
    return whens.toString();
  }

  private static List<String> names(Column column) {
    List<String> names = new ArrayList<>(List.of(column.name()));
    names.addAll(column.spellings());
    return names;
  }
}
