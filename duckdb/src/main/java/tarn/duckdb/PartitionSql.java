package tarn.duckdb;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** Iceberg's partition transforms as SQL (Iceberg specification, "Partition Transforms"). */
final class PartitionSql {
  private static final Pattern WITH_NUMBER = Pattern.compile("(bucket|truncate)\\[(\\d+)]");

  private PartitionSql() {}

  static String value(String transform, String column, Type type) {
    Matcher matcher = WITH_NUMBER.matcher(transform);
    if (matcher.matches()) {
      int number = Integer.parseInt(matcher.group(2));
      return matcher.group(1).equals("bucket")
          ? bucket(column, type, number)
          : truncate(column, type, number);
    }
    return switch (transform) {
      case "identity" -> column;
      case "year" -> "CAST(year(" + column + ") - 1970 AS INTEGER)";
      case "month" ->
          "CAST((year(" + column + ") - 1970) * 12 + month(" + column + ") - 1 AS INTEGER)";
      case "day" -> "CAST(" + column + " AS DATE)";
      case "hour" ->
          "CAST("
              + floored("epoch_us(" + column + ")", "3600000000")
              + " // 3600000000 AS INTEGER)";
      default ->
          throw new IllegalArgumentException("no SQL for the partition transform " + transform);
    };
  }

  private static String bucket(String column, Type type, int buckets) {
    return switch (type.typeId()) {
      case INTEGER, LONG -> "tarn_bucket_long(CAST(" + column + " AS BIGINT), " + buckets + ")";
      case DATE ->
          "tarn_bucket_long(CAST(" + column + " - DATE '1970-01-01' AS BIGINT), " + buckets + ")";
      case TIMESTAMP -> "tarn_bucket_long(epoch_us(" + column + "), " + buckets + ")";
      case STRING -> "tarn_bucket_text(" + column + ", " + buckets + ")";
      case DECIMAL -> "tarn_bucket_decimal(CAST(" + column + " AS VARCHAR), " + buckets + ")";
      default ->
          throw new IllegalArgumentException(
              "a column of type " + type + " cannot be partitioned into buckets");
    };
  }

  private static String truncate(String column, Type type, int number) {
    String width = Integer.toString(number);
    return switch (type.typeId()) {
      case INTEGER -> "CAST(" + floored(wide(column), width) + " AS INTEGER)";
      case LONG -> "CAST(" + floored(wide(column), width) + " AS BIGINT)";
      case STRING -> "substring(" + column + ", 1, " + width + ")";
      case DECIMAL -> {
        int scale = ((Types.DecimalType) type).scale();
        String wide = " AS DECIMAL(38, " + scale + "))";
        yield floored(
            "CAST(" + column + wide,
            "CAST(" + java.math.BigDecimal.valueOf(number, scale).toPlainString() + wide);
      }
      default ->
          throw new IllegalArgumentException("a column of type " + type + " cannot be truncated");
    };
  }

  /** The multiple of a width at or below a value, exactly. */
  private static String floored(String value, String width) {
    return "(" + value + " - ((" + value + " % " + width + ") + " + width + ") % " + width + ")";
  }

  private static String wide(String column) {
    return "CAST(" + column + " AS HUGEINT)";
  }
}
