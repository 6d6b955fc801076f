package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;

import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;
import tarn.core.lake.ColumnTypes;
import tarn.core.lake.Nearest;

/** Operations that have to know about types. */
final class DataTypes {
  private static final int DATABREW_PRECISION = 38;
  private static final int DATABREW_SCALE = 18;

  /** DataBrew's names; Iceberg has no integers below 32 bits. */
  private static final Map<String, Type.PrimitiveType> DATABREW = databrew();

  private DataTypes() {}

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
    String format = a.optional("dateTimeFormat").orElse(null);
    if (format != null && !isFormat(a, format, type.get())) {
      return List.of();
    }
    String column = a.text("sourceColumn");
    return a.replace(column, new Expr.Cast(Expr.column(column), type.get(), column, format));
  }

  private static boolean isFormat(Arguments a, String format, Type type) {
    boolean isTime =
        type.typeId() == Type.TypeID.DATE
            || type.typeId() == Type.TypeID.TIME
            || type.typeId() == Type.TypeID.TIMESTAMP;
    if (!isTime) {
      a.problem("dateTimeFormat", "'dateTimeFormat' is for dates and timestamps", "");
      return false;
    }
    return formatter(a, format).isPresent();
  }

  private static Optional<DateTimeFormatter> formatter(Arguments a, String format) {
    try {
      return Optional.of(DateTimeFormatter.ofPattern(format, Locale.ROOT));
    } catch (IllegalArgumentException e) {
      a.problem(
          "dateTimeFormat",
          "'" + format + "' is not a date format: " + e.getMessage(),
          "like yyyy-MM-dd HH:mm:ss");
      return Optional.empty();
    }
  }

  static List<Step> fill(Arguments a) {
    String column = a.text("sourceColumn");
    return constant(a, column)
        .map(value -> a.replace(column, call(Fn.COALESCE, Expr.column(column), value)))
        .orElse(List.of());
  }

  private static Optional<Expr> constant(Arguments a, String column) {
    String type = a.optional("columnDataType").orElse("");
    if (type.isEmpty()) {
      return Optional.of(a.literal("value"));
    }
    String text = a.text("value");
    Optional<Expr> value =
        switch (type) {
          case "number" -> Arguments.number(text);
          case "boolean" -> Arguments.bool(text);
          case "date" -> Arguments.date(text);
          case "timestamp" -> timestamp(text, column);
          default -> Optional.of(Expr.literal(text));
        };
    if (value.isEmpty()) {
      a.problem("value", "'" + text + "' is not a " + type, "");
    }
    return value;
  }

  private static Optional<Expr> timestamp(String text, String column) {
    boolean isIso = text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9.]+)?");
    return isIso
        ? Optional.of(
            new Expr.Cast(Expr.literal(text), Types.TimestampType.withoutZone(), column, null))
        : Optional.empty();
  }

  static List<Step> merge(Arguments a) {
    List<Expr> parts = new ArrayList<>();
    for (String column : a.texts("sourceColumns")) {
      if (!parts.isEmpty() && a.has("delimiter")) {
        parts.add(Expr.literal(a.text("delimiter")));
      }
      parts.add(call(Fn.COALESCE, text(column), Expr.literal("")));
    }
    return a.append("targetColumn", new Expr.Call(Fn.CONCAT, parts));
  }

  static List<Step> hash(Arguments a) {
    List<String> hashed = a.texts("sourceColumns");
    return List.of(
        new Step.Project(
            a.columns().names().stream()
                .map(
                    name ->
                        new Step.Named(
                            name,
                            hashed.contains(name)
                                ? call(Fn.SHA256, text(name))
                                : Expr.column(name)))
                .toList()));
  }

  private static Expr text(String column) {
    return new Expr.Cast(Expr.column(column), Types.StringType.get(), column, null);
  }
}
