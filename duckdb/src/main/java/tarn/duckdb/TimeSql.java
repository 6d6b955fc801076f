package tarn.duckdb;

import java.util.List;
import java.util.Locale;
import tarn.core.engine.plan.Fn;

/** Functions of dates and times as DuckDB's SQL. */
final class TimeSql {
  private TimeSql() {}

  /**
   * A call.
   *
   * @param constant the first argument if it is a literal text; the second for TIME_TEXT
   */
  static String call(Fn function, String constant, List<String> a) {
    return switch (function) {
      case TIME_PART -> part(constant) + "(" + time(a.get(1)) + ")";
      case TIME_ADD -> "(" + time(a.get(2)) + " + " + interval(constant, a.get(1)) + ")";
      case TIME_BETWEEN ->
          "date_sub('" + unit(constant) + "', " + time(a.get(1)) + ", " + time(a.get(2)) + ")";
      case TIME_TEXT ->
          "strftime(" + time(a.get(0)) + ", " + Sql.text(DateFormats.strptime(constant)) + ")";
      case EPOCH -> "CAST(floor(epoch(" + time(a.get(0)) + ")) AS BIGINT)";
      case FROM_EPOCH -> "make_timestamp(CAST(" + a.get(0) + " AS BIGINT) * 1000000)";
      default -> throw new IllegalArgumentException("not about times: " + function);
    };
  }

  /** Sessions are in UTC. */
  private static String time(String value) {
    return "CAST(" + value + " AS TIMESTAMP)";
  }

  private static String part(String name) {
    return switch (name) {
      case "WEEKDAY" -> "isodow";
      case "YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND" ->
          name.toLowerCase(Locale.ROOT);
      default -> throw new IllegalArgumentException("no part of a time: " + name);
    };
  }

  private static String unit(String units) {
    return switch (units) {
      case "YEARS", "QUARTERS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINUTES", "SECONDS" ->
          units.substring(0, units.length() - 1).toLowerCase(Locale.ROOT);
      case "MILLISECONDS", "MICROSECONDS" -> units.toLowerCase(Locale.ROOT);
      default -> throw new IllegalArgumentException("no unit of time: " + units);
    };
  }

  private static String interval(String units, String count) {
    return switch (units) {
      case "QUARTERS" -> "to_months(CAST(" + count + " * 3 AS INTEGER))";
      case "YEARS", "MONTHS", "WEEKS", "DAYS" ->
          "to_" + unit(units) + "s(CAST(" + count + " AS INTEGER))";
      case "MILLISECONDS" -> "to_microseconds(CAST(" + count + " AS BIGINT) * 1000)";
      case "MICROSECONDS" -> "to_microseconds(CAST(" + count + " AS BIGINT))";
      default -> "to_microseconds(CAST(" + count + " AS BIGINT) * " + micros(units) + ")";
    };
  }

  private static long micros(String units) {
    return switch (units) {
      case "HOURS" -> 3_600_000_000L;
      case "MINUTES" -> 60_000_000L;
      case "SECONDS" -> 1_000_000L;
      default -> throw new IllegalArgumentException("no unit of time: " + units);
    };
  }
}
