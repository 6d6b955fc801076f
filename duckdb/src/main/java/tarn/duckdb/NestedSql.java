package tarn.duckdb;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * Nested values out of JSON on the slow path, as the strict path's reader takes them: a struct may
 * lack fields and have others. DuckDB's cast from JSON refuses both, and its lenient transform
 * makes null of what does not fit; so the value is transformed with texts of JSON as leaves, which
 * are cast then, and the shapes are compared on their own.
 */
final class NestedSql {
  private NestedSql() {}

  /** The value; null if a leaf does not fit. */
  static String value(String json, Type type) {
    return isPlain(type)
        ? "TRY(CAST(json_transform("
            + json
            + ", "
            + Sql.text("\"" + loose(type).replace("\"", "\\\"") + "\"")
            + ") AS "
            + SqlTypes.sql(type)
            + "))"
        : "TRY(CAST(" + json + " AS " + SqlTypes.sql(type) + "))";
  }

  /** A value in another type; what {@link #isCut} is told apart before. */
  static String reshaped(String value, Type from, Type to) {
    if (to.isPrimitiveType()) {
      return "CAST(to_json(" + value + ") AS VARCHAR)";
    }
    return from.isPrimitiveType()
        ? value(json(value), to)
        : "TRY_CAST(" + value + " AS " + SqlTypes.sql(to) + ")";
  }

  /** Whether the other type cannot hold all of a value: what is made of it is not what it was. */
  static String isCut(String value, Type from, Type to) {
    if (to.isPrimitiveType()) {
      return "false";
    }
    String made = reshaped(value, from, to);
    return from.isPrimitiveType()
        ? "("
            + value
            + " IS NOT NULL AND NOT coalesce(json_contains(to_json("
            + made
            + "), "
            + json(value)
            + "), false))"
        : "(TRY_CAST(" + made + " AS " + SqlTypes.sql(from) + ") IS DISTINCT FROM " + value + ")";
  }

  private static String json(String text) {
    return "CAST(CASE WHEN json_valid(" + text + ") THEN " + text + " END AS JSON)";
  }

  /** Whether there is a value and it does not fit. */
  static String failed(String json, Type type) {
    List<String> wrong = new ArrayList<>();
    if (isPlain(type)) {
      shapes(json, type, "$", wrong);
    }
    wrong.add(value(json, type) + " IS NULL");
    return "("
        + json
        + " IS NOT NULL AND json_type("
        + json
        + ") <> 'NULL' AND ("
        + String.join(" OR ", wrong)
        + "))";
  }

  /** Names that no path could quote keep to the cast. */
  private static boolean isPlain(Type type) {
    return switch (type.typeId()) {
      case STRUCT ->
          type.asStructType().fields().stream()
              .allMatch(f -> f.name().matches("[^\"\\\\*]+") && isPlain(f.type()));
      case LIST -> isPlain(type.asListType().elementType());
      case MAP -> isPlain(type.asMapType().valueType());
      default -> true;
    };
  }

  private static String loose(Type type) {
    return switch (type.typeId()) {
      case STRUCT -> {
        List<String> fields = new ArrayList<>();
        for (Types.NestedField field : type.asStructType().fields()) {
          fields.add(Sql.name(field.name()) + " " + loose(field.type()));
        }
        yield "STRUCT(" + String.join(", ", fields) + ")";
      }
      case LIST -> loose(type.asListType().elementType()) + "[]";
      case MAP -> "MAP(VARCHAR, " + loose(type.asMapType().valueType()) + ")";
      case STRING -> "VARCHAR";
      default -> "JSON";
    };
  }

  private static void shapes(String json, Type type, String path, List<String> wrong) {
    switch (type.typeId()) {
      case STRUCT -> {
        wrong.add(isNot("OBJECT", json, path));
        for (Types.NestedField field : type.asStructType().fields()) {
          shapes(json, field.type(), path + ".\"" + field.name() + "\"", wrong);
        }
      }
      case LIST -> {
        wrong.add(isNot("ARRAY", json, path));
        shapes(json, type.asListType().elementType(), path + "[*]", wrong);
      }
      case MAP -> {
        wrong.add(isNot("OBJECT", json, path));
        shapes(json, type.asMapType().valueType(), path + ".*", wrong);
      }
      default -> {}
    }
  }

  private static String isNot(String shape, String json, String path) {
    String found = "json_extract(" + json + ", " + Sql.text(path) + ")";
    String other = " NOT IN ('" + shape + "', 'NULL')";
    return path.indexOf('*') < 0
        ? "coalesce(json_type(" + found + ")" + other + ", false)"
        : "coalesce(len(list_filter("
            + found
            + ", lambda e: json_type(e)"
            + other
            + ")) > 0, false)";
  }
}
