package tarn.core.recipe;

import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Step;
import tarn.core.lake.ColumnTypes;
import tarn.core.lake.Nearest;
import tarn.core.recipe.Parameter.Kind;

/** Operations that change types. */
final class TypeSteps {
  private static final String FAMILY = "Types";
  private static final int DATABREW_PRECISION = 38;
  private static final int DATABREW_SCALE = 18;

  /** DataBrew's names; Iceberg has no integers below 32 bits. */
  private static final Map<String, Type.PrimitiveType> DATABREW = databrew();

  static final List<Operation> ALL =
      List.of(
          new Operation(
              "CHANGE_DATA_TYPE",
              FAMILY,
              List.of(
                  SOURCE,
                  required("columnDataType", Kind.TEXT, "The new type: " + label() + "."),
                  optional(
                      "dateTimeFormat",
                      Kind.TEXT,
                      "How a text is read as a date or timestamp, "
                          + DateLetters.MEANING
                          + "; ISO 8601 without it (Tarn's).")),
              "Changes a column's type. A value that does not fit sends its row to quarantine; DataBrew would make it null.",
              new Example(
                  "{sourceColumn: ordered_on, columnDataType: date, dateTimeFormat: dd/MM/yyyy}",
                  "{\"ordered_on\":\"24/12/2025\"}",
                  "{\"ordered_on\":\"2025-12-24\"}"),
              TypeSteps::change),
          to(
              "TO_STRING_COLUMN",
              Types.StringType.get(),
              "Makes texts of a column's values.",
              new Example("{sourceColumn: zip}", "{\"zip\":10115}", "{\"zip\":\"10115\"}")),
          to(
              "TO_DOUBLE_COLUMN",
              Types.DoubleType.get(),
              "Makes floating point numbers of a column's values; what is no number is quarantined.",
              new Example("{sourceColumn: weight}", "{\"weight\":\"1.50\"}", "{\"weight\":1.5}")),
          to(
              "TO_BOOLEAN_COLUMN",
              Types.BooleanType.get(),
              "Makes true and false of a column's values (texts true, false, t, f, 1, 0); others are quarantined.",
              new Example("{sourceColumn: paid}", "{\"paid\":\"true\"}", "{\"paid\":true}")));

  private TypeSteps() {}

  private static Operation to(
      String name, Type.PrimitiveType type, String meaning, Example example) {
    return new Operation(
        name,
        FAMILY,
        List.of(SOURCE),
        meaning,
        example,
        a -> {
          String column = a.text("sourceColumn");
          return a.replace(column, new Expr.Cast(Expr.column(column), type, column, null));
        });
  }

  private static Map<String, Type.PrimitiveType> databrew() {
    Map<String, Type.PrimitiveType> types = new LinkedHashMap<>();
    types.put("byte", Types.IntegerType.get());
    types.put("short", Types.IntegerType.get());
    types.put("int", Types.IntegerType.get());
    types.put("long", Types.LongType.get());
    types.put("float", Types.FloatType.get());
    types.put("double", Types.DoubleType.get());
    types.put("decimal", Types.DecimalType.of(DATABREW_PRECISION, DATABREW_SCALE));
    types.put("string", Types.StringType.get());
    types.put("boolean", Types.BooleanType.get());
    types.put("timestamp", Types.TimestampType.withoutZone());
    types.put("date", Types.DateType.get());
    return types;
  }

  static String label() {
    return String.join(", ", DATABREW.keySet())
        + "; or an Iceberg type like decimal(12, 2), timestamptz (byte and short become int; decimal is decimal(38, 18))";
  }

  static List<Step> change(Arguments a) {
    String written = a.text("columnDataType");
    Optional<Type.PrimitiveType> type =
        Optional.ofNullable(DATABREW.get(written)).or(() -> ColumnTypes.parse(written));
    if (type.isEmpty()) {
      a.problem(
          "columnDataType",
          "unknown columnDataType '" + written + "'",
          Nearest.suggestion(written, DATABREW.keySet()));
      return List.of();
    }
    String format = a.optional("dateTimeFormat").map(DateLetters::java).orElse(null);
    if (format != null && !isFormat(a, type.get())) {
      return List.of();
    }
    String column = a.text("sourceColumn");
    return a.replace(column, new Expr.Cast(Expr.column(column), type.get(), column, format));
  }

  private static boolean isFormat(Arguments a, Type type) {
    boolean isTime =
        type.typeId() == Type.TypeID.DATE
            || type.typeId() == Type.TypeID.TIME
            || type.typeId() == Type.TypeID.TIMESTAMP;
    if (!isTime) {
      a.problem("dateTimeFormat", "'dateTimeFormat' is for dates and timestamps", "");
      return false;
    }
    return DateLetters.of(a, "dateTimeFormat").isPresent();
  }
}
