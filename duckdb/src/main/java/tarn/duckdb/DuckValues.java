package tarn.duckdb;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * DuckDB's texts of values as Iceberg's Java values: days and microseconds since 1970 for dates and
 * times.
 */
final class DuckValues {
  private DuckValues() {}

  static Object parse(Type type, String text) {
    return switch (type.typeId()) {
      case BOOLEAN -> text.equals("1") || Boolean.parseBoolean(text); // a COPY's statistics say 1
      case INTEGER -> Integer.valueOf(text);
      case LONG -> Long.valueOf(text);
      case FLOAT -> Float.valueOf(number(text));
      case DOUBLE -> Double.valueOf(number(text));
      case DECIMAL -> new BigDecimal(text).setScale(((Types.DecimalType) type).scale());
      case DATE ->
          (int) LocalDate.parse(text.length() > 10 ? text.substring(0, 10) : text).toEpochDay();
      case TIME -> LocalTime.parse(text).toNanoOfDay() / 1_000;
      case TIMESTAMP -> micros(text);
      default -> text;
    };
  }

  private static String number(String text) {
    return switch (text) {
      case "inf" -> "Infinity";
      case "-inf" -> "-Infinity";
      case "nan" -> "NaN";
      default -> text;
    };
  }

  /** {@code 2025-10-06 00:00:00.123456}, with or without {@code +00}. */
  private static long micros(String text) {
    String plain = text.endsWith("+00") ? text.substring(0, text.length() - 3) : text;
    LocalDateTime time = LocalDateTime.parse(plain.replace(' ', 'T'));
    return ChronoUnit.MICROS.between(LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC), time);
  }
}
