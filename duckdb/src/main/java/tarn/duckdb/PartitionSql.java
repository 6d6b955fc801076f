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
      case "hour" -> "CAST(floor(epoch_us(" + column + ") / 3600000000.0) AS INTEGER)";
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

  private static String truncate(String column, Type type, int width) {
    return switch (type.typeId()) {
      case INTEGER, LONG ->
          "CAST("
              + column
              + " - ((("
              + column
              + " % "
              + width
              + ") + "
              + width
              + ") % "
              + width
              + ") AS "
              + SqlTypes.sql(type)
              + ")";
      case STRING -> "substring(" + column + ", 1, " + width + ")";
      case DECIMAL -> {
        String unit =
            java.math.BigDecimal.valueOf(width, ((Types.DecimalType) type).scale()).toPlainString();
        yield "CAST("
            + column
            + " - ((("
            + column
            + " % "
            + unit
            + ") + "
            + unit
            + ") % "
            + unit
            + ") AS "
            + SqlTypes.sql(type)
            + ")";
      }
      default ->
          throw new IllegalArgumentException("a column of type " + type + " cannot be truncated");
    };
  }
}
