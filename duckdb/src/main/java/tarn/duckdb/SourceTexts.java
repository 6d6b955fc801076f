package tarn.duckdb;

import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * A source's own texts of values, as PostgreSQL writes them, as values of a type. DuckDB's casts
 * take more than is right (the eve of our era for our era, {@code infinity}, decimals too many), so
 * texts are looked at before they are cast.
 */
final class SourceTexts {
  private SourceTexts() {}

  /**
   * Whether a CSV reader that knows the type reads what a column of that type can have, and fails
   * at everything else that is written: it would round a number with too many decimals, which such
   * a column has not.
   */
  static boolean isReadAsItIs(Type type) {
    return switch (type.typeId()) {
      case INTEGER, LONG, DECIMAL -> true;
      default -> false;
    };
  }

  /** The value; the statement fails if the text does not fit. */
  static String strict(String text, Type type) {
    return type.typeId() == Type.TypeID.STRING
        ? text
        : "CASE WHEN "
            + text
            + " IS NULL OR "
            + fits(text, type)
            + " THEN "
            + cast(text, type, false)
            + " ELSE error('a value does not fit') END";
  }

  /** The value; null if the text does not fit. */
  static String lenient(String text, Type type) {
    return type.typeId() == Type.TypeID.STRING
        ? text
        : "CASE WHEN " + fits(text, type) + " THEN " + cast(text, type, true) + " END";
  }

  /** What can be seen without a cast; years have four digits and are of our era. */
  private static String fits(String text, Type type) {
    return switch (type.typeId()) {
      case INTEGER, LONG -> "NOT contains(" + text + ", '.')";
      case DECIMAL -> decimals(text, ((Types.DecimalType) type).scale());
      case DATE -> "strlen(" + text + ") = 10";
      case TIME ->
          "regexp_full_match(" + text + ", '([01]\\d|2[0-3]):\\d\\d:\\d\\d(\\.\\d{1,6})?')";
      case TIMESTAMP -> "substr(" + text + ", 5, 1) = '-' AND NOT suffix(" + text + ", 'C')";
      case BINARY, FIXED -> "starts_with(" + text + ", '\\x') AND strlen(" + text + ") % 2 = 0";
      default -> "true";
    };
  }

  /** No more decimals than the type has, but for zeros; first what nearly all texts are. */
  private static String decimals(String text, int scale) {
    String point = "strpos(" + text + ", '.')";
    return "(strlen("
        + text
        + ") - "
        + point
        + " = "
        + scale
        + " OR "
        + point
        + " = 0 OR strlen("
        + text
        + ") - "
        + point
        + " <= "
        + scale
        + " OR ltrim(substr("
        + text
        + ", "
        + point
        + " + "
        + (scale + 1)
        + "), '0') = '')";
  }

  private static String cast(String text, Type type, boolean trying) {
    if (type.typeId() == Type.TypeID.BINARY || type.typeId() == Type.TypeID.FIXED) {
      String bytes = "unhex(substr(" + text + ", 3))";
      return trying ? "TRY(" + bytes + ")" : bytes;
    }
    return (trying ? "TRY_CAST(" : "CAST(") + text + " AS " + SqlTypes.sql(type) + ")";
  }
}
