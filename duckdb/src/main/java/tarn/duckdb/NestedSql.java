package tarn.duckdb;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * Objects and arrays of JSON as structs and lists, field by field: DuckDB's own cast refuses an
 * object that lacks a key or has one more, where its reader does not mind (2.0.0.1).
 */
final class NestedSql {
  private final ExprSql exprs;
  private int depth;

  /**
   * @param exprs that give null where a value does not fit
   */
  NestedSql(ExprSql exprs) {
    this.exprs = exprs;
  }

  /** The value; null where something does not fit. */
  String value(String json, Type type) {
    if (type.isStructType()) {
      List<String> fields = new ArrayList<>();
      for (Types.NestedField field : type.asStructType().fields()) {
        fields.add(Sql.name(field.name()) + " := " + value(get(json, field.name()), field.type()));
      }
      return "CASE WHEN json_type("
          + json
          + ") = 'OBJECT' THEN struct_pack("
          + String.join(", ", fields)
          + ") END";
    } else if (type.isListType()) {
      String element = "e" + depth++;
      String values = value(element, type.asListType().elementType());
      depth--;
      return "CASE WHEN json_type("
          + json
          + ") = 'ARRAY' THEN list_transform(CAST("
          + json
          + " AS JSON[]), lambda "
          + element
          + ": "
          + values
          + ") END";
    } else if (type.isMapType()) {
      return "TRY(CAST(" + json + " AS " + SqlTypes.sql(type) + "))";
    }
    return exprs.cast(text(json), type.asPrimitiveType(), null);
  }

  /** Whether there is a value that does not fit. */
  String failed(String json, Type type) {
    String there = "(" + json + " IS NOT NULL AND json_type(" + json + ") <> 'NULL'";
    if (type.isStructType()) {
      StringBuilder any = new StringBuilder("json_type(" + json + ") <> 'OBJECT'");
      for (Types.NestedField field : type.asStructType().fields()) {
        any.append(" OR ").append(failed(get(json, field.name()), field.type()));
      }
      return there + " AND (" + any + "))";
    } else if (type.isListType()) {
      String element = "e" + depth++;
      String fails = failed(element, type.asListType().elementType());
      depth--;
      return there
          + " AND (json_type("
          + json
          + ") <> 'ARRAY' OR coalesce(list_bool_or(list_transform(CAST("
          + json
          + " AS JSON[]), lambda "
          + element
          + ": "
          + fails
          + ")), false)))";
    }
    return there + " AND (" + value(json, type) + ") IS NULL)";
  }

  private static String get(String json, String key) {
    return "json_extract(" + json + ", " + Sql.text(RawSql.jsonPath(key)) + ")";
  }

  private static String text(String json) {
    return "json_extract_string(" + json + ", '$')";
  }
}
