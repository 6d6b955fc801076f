package tarn.core.query;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * A constant in the type of a column: the greatest value of that type that is surely not above it,
 * and the least that is surely not below. Where both are the same it is exact; both null means
 * nothing is known.
 */
record Bounds(@Nullable Object low, @Nullable Object high) {
  private static final Bounds UNKNOWN = new Bounds(null, null);
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
  private static final Pattern MOMENT =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?");
  private static final Pattern ZONED =
      Pattern.compile(
          "\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?(Z|[+-]\\d{2}:\\d{2})");
  private static final Set<String> MOMENT_CASTS = Set.of("", "timestamp", "datetime");
  private static final Set<String> ZONED_CASTS =
      Set.of("", "timestamptz", "timestamp with time zone");
  private static final int MAX_DECIMAL_DIGITS = 18;

  static Bounds of(Types.NestedField field, Constant constant) {
    Type type = field.type();
    return switch (type.typeId()) {
      case BOOLEAN -> bool(constant);
      case INTEGER -> whole(constant, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case LONG -> whole(constant, Long.MIN_VALUE, Long.MAX_VALUE);
      case FLOAT -> single(constant);
      case DOUBLE -> twice(constant);
      case DECIMAL -> decimal(constant, (Types.DecimalType) type);
      case STRING -> constant.isText() ? exactly(constant.text()) : UNKNOWN;
      case DATE -> date(constant);
      case TIMESTAMP -> timestamp(constant, ((Types.TimestampType) type).shouldAdjustToUTC());
      default -> UNKNOWN;
    };
  }

  /** The value if it is exact. */
  @Nullable Object exact() {
    return low != null && low.equals(high) ? low : null;
  }

  Expression expression(Types.NestedField field, Order order) {
    Object from = low;
    Object to = high;
    if (from == null || to == null) {
      return Expressions.alwaysTrue();
    }
    String name = field.name();
    boolean exact = from.equals(to);
    return switch (order) {
      case EQUAL ->
          exact
              ? Expressions.equal(name, from)
              : Expressions.and(
                  Expressions.greaterThanOrEqual(name, from),
                  Expressions.lessThanOrEqual(name, to));
      case NOT_EQUAL -> exact ? Expressions.notEqual(name, from) : Expressions.alwaysTrue();
      case LESS -> exact ? Expressions.lessThan(name, to) : Expressions.lessThanOrEqual(name, to);
      case AT_MOST -> Expressions.lessThanOrEqual(name, to);
      case MORE ->
          orNan(
              field,
              exact
                  ? Expressions.greaterThan(name, from)
                  : Expressions.greaterThanOrEqual(name, from));
      case AT_LEAST -> orNan(field, Expressions.greaterThanOrEqual(name, from));
    };
  }

  /** DuckDB holds NaN to be greater than every number; bounds of files leave it out. */
  private static Expression orNan(Types.NestedField field, Expression expression) {
    boolean floating =
        field.type().typeId() == Type.TypeID.FLOAT || field.type().typeId() == Type.TypeID.DOUBLE;
    return floating ? Expressions.or(expression, Expressions.isNaN(field.name())) : expression;
  }

  private static Bounds exactly(Object value) {
    return new Bounds(value, value);
  }

  private static Bounds bool(Constant constant) {
    return constant.kind().equals("BOOLEAN")
        ? exactly(Boolean.parseBoolean(constant.text()))
        : UNKNOWN;
  }

  private static Bounds whole(Constant constant, long min, long max) {
    BigDecimal value = constant.decimal();
    if (value == null) {
      return UNKNOWN;
    }
    BigDecimal floor = value.setScale(0, RoundingMode.FLOOR);
    BigDecimal ceiling = value.setScale(0, RoundingMode.CEILING);
    boolean fits =
        floor.compareTo(BigDecimal.valueOf(min)) >= 0
            && ceiling.compareTo(BigDecimal.valueOf(max)) <= 0;
    if (!fits) {
      return UNKNOWN;
    }
    return min == Integer.MIN_VALUE
        ? new Bounds(floor.intValueExact(), ceiling.intValueExact())
        : new Bounds(floor.longValueExact(), ceiling.longValueExact());
  }

  /** Two steps wide: DuckDB may round the constant another way. Around zero, -0.0 equals 0.0. */
  private static Bounds single(Constant constant) {
    BigDecimal value = constant.decimal();
    if (value == null) {
      return UNKNOWN;
    }
    float number = value.floatValue();
    float low = Math.nextDown(Math.nextDown(number));
    float high = Math.nextUp(Math.nextUp(number));
    return low * high > 0 && Float.isFinite(low) && Float.isFinite(high)
        ? new Bounds(low, high)
        : UNKNOWN;
  }

  private static Bounds twice(Constant constant) {
    BigDecimal value = constant.decimal();
    if (value == null) {
      return UNKNOWN;
    }
    double number = value.doubleValue();
    double low = Math.nextDown(Math.nextDown(number));
    double high = Math.nextUp(Math.nextUp(number));
    return low * high > 0 && Double.isFinite(low) && Double.isFinite(high)
        ? new Bounds(low, high)
        : UNKNOWN;
  }

  private static Bounds decimal(Constant constant, Types.DecimalType type) {
    BigDecimal value = constant.decimal();
    if (value == null || value.precision() > MAX_DECIMAL_DIGITS) {
      return UNKNOWN;
    }
    BigDecimal floor = value.setScale(type.scale(), RoundingMode.FLOOR);
    BigDecimal ceiling = value.setScale(type.scale(), RoundingMode.CEILING);
    boolean fits = floor.precision() <= type.precision() && ceiling.precision() <= type.precision();
    return fits ? new Bounds(floor, ceiling) : UNKNOWN;
  }

  private static Bounds date(Constant constant) {
    boolean date = constant.isText() || constant.cast().equals("date");
    if (!constant.kind().equals("STRING") || !date || !DATE.matcher(constant.text()).matches()) {
      return UNKNOWN;
    }
    try {
      return exactly((int) LocalDate.parse(constant.text()).toEpochDay());
    } catch (DateTimeException e) {
      return UNKNOWN; // DuckDB will say so
    }
  }

  private static Bounds timestamp(Constant constant, boolean zoned) {
    if (!constant.kind().equals("STRING")) {
      return UNKNOWN;
    }
    try {
      return zoned ? zoned(constant) : local(constant);
    } catch (DateTimeException e) {
      return UNKNOWN; // DuckDB will say so
    }
  }

  private static Bounds zoned(Constant constant) {
    if (!ZONED_CASTS.contains(constant.cast()) || !ZONED.matcher(constant.text()).matches()) {
      return UNKNOWN; // without a zone it depends on the session's
    }
    return exactly(micros(OffsetDateTime.parse(constant.text().replace(' ', 'T'))));
  }

  private static Bounds local(Constant constant) {
    String text = constant.text();
    boolean date = DATE.matcher(text).matches();
    if (date && (constant.cast().equals("date") || MOMENT_CASTS.contains(constant.cast()))) {
      return exactly(micros(LocalDate.parse(text).atStartOfDay().atOffset(ZoneOffset.UTC)));
    }
    if (!MOMENT_CASTS.contains(constant.cast()) || !MOMENT.matcher(text).matches()) {
      return UNKNOWN;
    }
    return exactly(micros(LocalDateTime.parse(text.replace(' ', 'T')).atOffset(ZoneOffset.UTC)));
  }

  private static long micros(OffsetDateTime moment) {
    return ChronoUnit.MICROS.between(
        OffsetDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC), moment);
  }
}
