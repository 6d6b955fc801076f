package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;
import static tarn.core.recipe.Parameter.NEW;
import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.iceberg.types.Types;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations on dates and times. */
final class DateSteps {
  private static final String FAMILY = "Dates and times";
  private static final List<String> UNITS =
      List.of(
          "YEARS",
          "QUARTERS",
          "MONTHS",
          "WEEKS",
          "DAYS",
          "HOURS",
          "MINUTES",
          "SECONDS",
          "MILLISECONDS",
          "MICROSECONDS");
  private static final Parameter UNIT =
      required("units", Kind.TEXT, "One of " + String.join(", ", UNITS) + ".").oneOf(UNITS);
  private static final Parameter AS_TEXT =
      optional(
          "dateTimeFormat",
          Kind.TEXT,
          "How it is written, "
              + DateLetters.MEANING
              + "; "
              + DateLetters.DEFAULT
              + " without it.");

  /** DataBrew's formats of FORMAT_DATE. */
  private static final Map<String, String> FORMATS =
      new TreeMap<>(
          Map.of(
              "mm/dd/yyyy", "MM/dd/yyyy",
              "mm-dd-yyyy", "MM-dd-yyyy",
              "dd month yyyy", "dd MMMM yyyy",
              "month yyyy", "MMMM yyyy",
              "dd month", "dd MMMM"));

  static final List<Operation> ALL =
      List.of(
          part("YEAR", "year", "2025"),
          part("QUARTER", "quarter, 1 to 4", "2"),
          part("MONTH", "month, 1 to 12", "5"),
          new Operation(
              "MONTH_NAME",
              FAMILY,
              List.of(SOURCE, NEW),
              "Writes the English name of a date's month into a new column.",
              new Example(
                  "{sourceColumn: at, targetColumn: month}",
                  "{\"at\":\"2025-05-31\"}",
                  "{\"at\":\"2025-05-31\",\"month\":\"May\"}"),
              a ->
                  a.append(
                      "targetColumn",
                      call(Fn.TIME_TEXT, time(a, "sourceColumn"), literal("MMMM")))),
          part("DAY", "day of the month", "31"),
          part("HOUR", "hour, 0 to 23", "23"),
          part("MINUTE", "minute", "59"),
          part("SECOND", "second, without its fraction", "58"),
          part(
              "WEEK_DAY",
              "WEEKDAY",
              "day of the week, ISO's: 1 is Monday, 7 is Sunday (Tarn's)",
              "6"),
          part(
              "WEEK_NUMBER",
              "WEEK",
              "week of the year, ISO's: 1 has the year's first Thursday (Tarn's)",
              "22"),
          new Operation(
              "DATE_ADD",
              FAMILY,
              List.of(
                  SOURCE,
                  NEW,
                  UNIT,
                  required("dateAddValue", Kind.WHOLE, "How many units; negative ones go back."),
                  optional(
                      "dateTimeFormat",
                      Kind.TEXT,
                      "Writes a text, "
                          + DateLetters.MEANING
                          + "; without it the result is a timestamp (Tarn's).")),
              "Adds a time to a date, into a new column. A day that a month does not have becomes its last.",
              new Example(
                  "{sourceColumn: on, units: MONTHS, dateAddValue: 1, dateTimeFormat: yyyy-MM-dd, targetColumn: due}",
                  "{\"on\":\"2025-01-31\"}",
                  "{\"on\":\"2025-01-31\",\"due\":\"2025-02-28\"}"),
              DateSteps::add),
          new Operation(
              "DATE_DIFF",
              FAMILY,
              List.of(
                  required("sourceColumn1", Kind.COLUMN, "From here."),
                  required("sourceColumn2", Kind.COLUMN, "To here."),
                  UNIT,
                  NEW),
              "Counts the whole units from the first date to the second, into a new column; negative if the second is earlier.",
              new Example(
                  "{sourceColumn1: ordered, sourceColumn2: shipped, units: DAYS, targetColumn: days}",
                  "{\"ordered\":\"2025-01-30T12:00:00\",\"shipped\":\"2025-02-02T11:00:00\"}",
                  "{\"ordered\":\"2025-01-30T12:00:00\",\"shipped\":\"2025-02-02T11:00:00\",\"days\":2}"),
              a ->
                  a.append(
                      "targetColumn",
                      call(
                          Fn.TIME_BETWEEN,
                          literal(a.text("units")),
                          time(a, "sourceColumn1"),
                          time(a, "sourceColumn2")))),
          new Operation(
              "DATE_FORMAT",
              FAMILY,
              List.of(SOURCE, NEW, AS_TEXT),
              "Writes a date as a text into a new column. Names are English.",
              new Example(
                  "{sourceColumn: at, dateTimeFormat: d MMM yyyy, targetColumn: printed}",
                  "{\"at\":\"2025-05-04\"}",
                  "{\"at\":\"2025-05-04\",\"printed\":\"4 May 2025\"}"),
              a -> formatted(a, time(a, "sourceColumn"))),
          new Operation(
              "FORMAT_DATE",
              FAMILY,
              List.of(
                  SOURCE,
                  required(
                          "targetDateFormat",
                          Kind.TEXT,
                          "One of " + String.join(", ", FORMATS.keySet()) + ".")
                      .oneOf(List.copyOf(FORMATS.keySet()))),
              "Makes of a column's dates texts in one of DataBrew's formats.",
              new Example(
                  "{sourceColumn: born, targetDateFormat: dd month yyyy}",
                  "{\"born\":\"2001-02-03\"}",
                  "{\"born\":\"03 February 2001\"}"),
              a ->
                  a.replace(
                      a.text("sourceColumn"),
                      call(
                          Fn.TIME_TEXT,
                          time(a, "sourceColumn"),
                          literal(FORMATS.get(a.text("targetDateFormat")))))),
          new Operation(
              "UNIX_TIME",
              FAMILY,
              List.of(SOURCE, NEW),
              "Writes the whole seconds from 1970-01-01 in UTC to a time, into a new column.",
              new Example(
                  "{sourceColumn: at, targetColumn: seconds}",
                  "{\"at\":\"1970-01-02T00:00:01.9\"}",
                  "{\"at\":\"1970-01-02T00:00:01.9\",\"seconds\":86401}"),
              a -> a.append("targetColumn", call(Fn.EPOCH, time(a, "sourceColumn")))),
          new Operation(
              "UNIX_TIME_FORMAT",
              FAMILY,
              List.of(SOURCE, NEW, AS_TEXT),
              "Writes seconds since 1970-01-01 as a date and time in UTC, into a new column.",
              new Example(
                  "{sourceColumn: seconds, targetColumn: at}",
                  "{\"seconds\":86401}",
                  "{\"seconds\":86401,\"at\":\"1970-01-02 00:00:01\"}"),
              a -> {
                String column = a.text("sourceColumn");
                return formatted(
                    a,
                    call(
                        Fn.FROM_EPOCH,
                        new Expr.Cast(Expr.column(column), Types.LongType.get(), column, null)));
              }));

  private DateSteps() {}

  private static Operation part(String name, String meaning, String value) {
    return part(name, name, meaning, value);
  }

  private static Operation part(String name, String part, String meaning, String value) {
    String column = name.toLowerCase(Locale.ROOT);
    String row = "\"at\":\"2025-05-31T23:59:58.7\"";
    return new Operation(
        name,
        FAMILY,
        List.of(SOURCE, NEW),
        "Writes the " + meaning + ", of a date or time into a new column.",
        new Example(
            "{sourceColumn: at, targetColumn: " + column + "}",
            "{" + row + "}",
            "{" + row + ",\"" + column + "\":" + value + "}"),
        a -> a.append("targetColumn", call(Fn.TIME_PART, literal(part), time(a, "sourceColumn"))));
  }

  /**
   * A column's date or time, also one that is written as a text; others are rejected. A time with
   * an offset is taken in UTC.
   */
  private static Expr time(Arguments a, String parameter) {
    String column = a.text(parameter);
    return new Expr.Cast(Expr.column(column), Types.TimestampType.withZone(), column, null);
  }

  private static List<Step> add(Arguments a) {
    Expr later =
        call(
            Fn.TIME_ADD,
            literal(a.text("units")),
            literal((long) a.whole("dateAddValue", 0)),
            time(a, "sourceColumn"));
    return a.has("dateTimeFormat") ? formatted(a, later) : a.append("targetColumn", later);
  }

  private static List<Step> formatted(Arguments a, Expr time) {
    Function<String, List<Step>> append =
        pattern -> a.append("targetColumn", call(Fn.TIME_TEXT, time, literal(pattern)));
    Optional<String> pattern = DateLetters.of(a, "dateTimeFormat");
    return pattern.map(append).orElse(List.of());
  }
}
