package tarn.duckdb;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;

/**
 * Expressions as DuckDB's SQL, in one of two modes. <em>Strict</em>: a cast without an exact
 * meaning fails the statement, which then is tried on the slow path. <em>Tracked</em>: it gives
 * null, and {@link #checks} gives conditions that tell which casts failed. Strict may fail where
 * tracked finds an exact meaning ({@code 1e3} as a whole number), never the other way round.
 */
final class ExprSql {
  private static final String FAIL = "error('tarn: a value does not fit')";

  private final boolean tracked;

  ExprSql(boolean tracked) {
    this.tracked = tracked;
  }

  /**
   * What may be wrong with a row: when {@code failed} is true, {@code value} in {@code column} is,
   * for this reason.
   */
  record Check(String failed, String column, String reason, String value) {}

  String sql(Expr expr) {
    if (expr instanceof Expr.Column column) {
      return Sql.name(column.name());
    } else if (expr instanceof Expr.Literal literal) {
      return literal(literal.value());
    } else if (expr instanceof Expr.Cast cast) {
      return cast(text(sql(cast.value())), cast.type(), cast.format());
    } else if (expr instanceof Expr.Fits fits) {
      String value = sql(fits.value());
      String cast = new ExprSql(true).cast(text(value), fits.type(), null);
      return "(CASE WHEN " + value + " IS NULL THEN NULL ELSE (" + cast + ") IS NOT NULL END)";
    } else if (expr instanceof Expr.Reshape reshape) {
      String reshaped = NestedSql.reshaped(sql(reshape.value()), reshape.from(), reshape.type());
      return tracked
          ? reshaped
          : "CASE WHEN "
              + NestedSql.isCut(sql(reshape.value()), reshape.from(), reshape.type())
              + " THEN "
              + FAIL
              + " ELSE "
              + reshaped
              + " END";
    } else if (expr instanceof Expr.Call call) {
      return call(call);
    } else if (expr instanceof Expr.Secret) {
      throw new IllegalArgumentException("only a keyed hash takes a secret");
    }
    throw new IllegalArgumentException("unknown expression " + expr);
  }

  /** The casts of an expression, innermost first. */
  List<Check> checks(Expr expr) {
    List<Check> checks = new ArrayList<>();
    collect(expr, checks);
    return checks;
  }

  private void collect(Expr expr, List<Check> checks) {
    if (expr instanceof Expr.Call call) {
      call.arguments().forEach(a -> collect(a, checks));
    } else if (expr instanceof Expr.Fits fits) {
      collect(fits.value(), checks);
    } else if (expr instanceof Expr.Reshape reshape) {
      collect(reshape.value(), checks);
      String value = sql(reshape.value());
      checks.add(
          new Check(
              NestedSql.isCut(value, reshape.from(), reshape.type()),
              reshape.column(),
              "nested value of its type",
              text(value)));
    } else if (expr instanceof Expr.Cast cast) {
      collect(cast.value(), checks);
      String text = text(sql(cast.value()));
      checks.add(
          new Check(
              "("
                  + text
                  + " IS NOT NULL AND "
                  + cast(text, cast.type(), cast.format())
                  + " IS NULL)",
              cast.column(),
              "not a " + cast.type(),
              text));
    }
  }

  private static String text(String sql) {
    return "CAST(" + sql + " AS VARCHAR)";
  }

  // ---- casts from text ----

  String cast(String t, Type.PrimitiveType type, @Nullable String format) {
    return switch (type.typeId()) {
      case INTEGER, LONG -> whole(t, SqlTypes.sql(type));
      case DECIMAL -> decimal(t, (Types.DecimalType) type);
      case DOUBLE, FLOAT -> floating(t, SqlTypes.sql(type));
      case DATE -> date(t, format);
      case TIMESTAMP -> timestamp(t, (Types.TimestampType) type, format);
      case STRING -> t;
      case BINARY, FIXED -> "encode(" + t + ")";
      default -> plain(t, SqlTypes.sql(type));
    };
  }

  private String plain(String t, String type) {
    return (tracked ? "TRY_CAST(" : "CAST(") + t + " AS " + type + ")";
  }

  private String whole(String t, String type) {
    String odd =
        "(contains(" + t + ", '.') OR contains(" + t + ", 'e') OR contains(" + t + ", 'E'))";
    if (!tracked) {
      return "CASE WHEN " + odd + " THEN " + FAIL + " ELSE CAST(" + t + " AS " + type + ") END";
    }
    String wide = "TRY_CAST(" + t + " AS DECIMAL(38, 18))";
    return "CASE WHEN "
        + odd
        + " THEN CASE WHEN "
        + wide
        + " % 1 = 0 THEN TRY_CAST("
        + wide
        + " AS "
        + type
        + ") END ELSE TRY_CAST("
        + t
        + " AS "
        + type
        + ") END";
  }

  private String decimal(String t, Types.DecimalType type) {
    String sql = SqlTypes.sql(type);
    if (!tracked) {
      // Letters are an exponent; lower and upper are cheaper than looking for both of its letters.
      String point = "instr(" + t + ", '.')";
      return "CASE WHEN lower("
          + t
          + ") <> upper("
          + t
          + ") OR ("
          + point
          + " > 0 AND strlen("
          + t
          + ") - "
          + point
          + " > "
          + type.scale()
          + ") THEN "
          + FAIL
          + " ELSE CAST("
          + t
          + " AS "
          + sql
          + ") END";
    }
    String exponent = "(contains(" + t + ", 'e') OR contains(" + t + ", 'E'))";
    String digits = "length(rtrim(trim(split_part(" + t + ", '.', 2)), '0'))";
    int finer = Math.min(38 - (type.precision() - type.scale()), type.scale() + 10);
    String wide = "TRY_CAST(" + t + " AS DECIMAL(38, " + finer + "))";
    String value = "TRY_CAST(" + t + " AS " + sql + ")";
    return "CASE WHEN "
        + exponent
        + " THEN CASE WHEN "
        + wide
        + " = "
        + value
        + " THEN "
        + value
        + " END WHEN "
        + digits
        + " > "
        + type.scale()
        + " THEN NULL ELSE "
        + value
        + " END";
  }

  /** A number too large is not infinity; an infinity that is spelt out is. */
  private String floating(String t, String type) {
    String value = plain(t, type);
    return "CASE WHEN isinf("
        + value
        + ") AND NOT contains(lower("
        + t
        + "), 'inf') THEN "
        + (tracked ? "NULL" : FAIL)
        + " ELSE "
        + value
        + " END";
  }

  private String date(String t, @Nullable String format) {
    if (format != null) {
      return "CAST(" + parsed(t, format) + " AS DATE)";
    }
    if (!tracked) {
      return "CASE WHEN length(" + t + ") > 10 THEN " + FAIL + " ELSE CAST(" + t + " AS DATE) END";
    }
    String time = "TRY_CAST(" + t + " AS TIMESTAMP)";
    return "CASE WHEN length(trim("
        + t
        + ")) > 10 THEN CASE WHEN "
        + time
        + " = date_trunc('day', "
        + time
        + ") AND NOT "
        + zoned(t)
        + " THEN CAST("
        + time
        + " AS DATE) END ELSE TRY_CAST("
        + t
        + " AS DATE) END";
  }

  private String timestamp(String t, Types.TimestampType type, @Nullable String format) {
    String sql = SqlTypes.sql(type);
    if (format != null) {
      return "CAST(" + parsed(t, format) + " AS " + sql + ")";
    }
    if (type.shouldAdjustToUTC()) {
      return "CASE WHEN "
          + finer(t)
          + " THEN "
          + (tracked ? "NULL" : FAIL)
          + " ELSE "
          + plain(t, sql)
          + " END";
    }
    return tracked
        ? "CASE WHEN " + zoned(t) + " OR " + finer(t) + " THEN NULL ELSE " + plain(t, sql) + " END"
        : "CASE WHEN contains("
            + t
            + ", '+') OR "
            + t
            + " LIKE '%-%-%-%' OR "
            + finer(t)
            + " THEN "
            + FAIL
            + " ELSE "
            + plain(t, sql)
            + " END";
  }

  /** What is finer than a microsecond would be cut; most texts are too short to be asked. */
  private static String finer(String t) {
    return "(strlen(" + t + ") > 21 AND regexp_matches(" + t + ", '[.][0-9]{6}0*[1-9]'))";
  }

  /** A time with an offset other than Z has no exact meaning as a time without a zone. */
  private static String zoned(String t) {
    return "(contains(substr(" + t + ", 17), '+') OR contains(substr(" + t + ", 17), '-'))";
  }

  private String parsed(String t, String format) {
    return (tracked ? "try_strptime(" : "strptime(")
        + t
        + ", "
        + Sql.text(DateFormats.strptime(format))
        + ")";
  }

  // ---- the rest ----

  static String literal(@Nullable Object value) {
    if (value == null) {
      return "NULL";
    } else if (value instanceof String text) {
      return Sql.text(text);
    } else if (value instanceof LocalDate date) {
      return "DATE " + Sql.text(date.toString());
    } else if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    } else if (value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    throw new IllegalArgumentException(
        "no SQL for the constant " + value + " of " + value.getClass());
  }

  /** Functions of which some arguments have to be constants, and all the others. */
  private String call(Expr.Call call) {
    List<Expr> arguments = call.arguments();
    return switch (call.function()) {
      case HMAC_SHA256 ->
          SecretSql.hmac(((Expr.Secret) arguments.get(0)).reference(), sql(arguments.get(1)));
      case STRUCT -> struct(arguments);
      case MAP -> map(arguments);
      case TIME_PART, TIME_ADD, TIME_BETWEEN ->
          TimeSql.call(call.function(), constant(arguments.get(0)), sqls(arguments));
      case TIME_TEXT -> TimeSql.call(Fn.TIME_TEXT, constant(arguments.get(1)), sqls(arguments));
      case EPOCH, FROM_EPOCH -> TimeSql.call(call.function(), "", sqls(arguments));
      default -> call(call.function(), sqls(arguments));
    };
  }

  private List<String> sqls(List<Expr> exprs) {
    return exprs.stream().map(this::sql).toList();
  }

  private static String constant(Expr expr) {
    if (expr instanceof Expr.Literal literal && literal.value() instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("a constant text is needed, not " + expr);
  }

  private String struct(List<Expr> namesAndValues) {
    List<String> fields = new ArrayList<>();
    for (int i = 0; i + 1 < namesAndValues.size(); i += 2) {
      fields.add(
          Sql.name(constant(namesAndValues.get(i))) + " := " + sql(namesAndValues.get(i + 1)));
    }
    return "struct_pack(" + String.join(", ", fields) + ")";
  }

  private String map(List<Expr> keysAndValues) {
    List<String> keys = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i + 1 < keysAndValues.size(); i += 2) {
      keys.add(sql(keysAndValues.get(i)));
      values.add(sql(keysAndValues.get(i + 1)));
    }
    return "map([" + String.join(", ", keys) + "], [" + String.join(", ", values) + "])";
  }

  /** The number without its fraction, exactly and of its own type. */
  private static String whole(String x) {
    return x + " - " + x + " % 1";
  }

  private static String finite(String x) {
    return "CASE WHEN isfinite(" + x + ") THEN " + x + " END";
  }

  private static String ifPositive(String x, String then) {
    return "CASE WHEN " + x + " > 0 THEN " + then + " END";
  }

  private static String call(Fn function, List<String> a) {
    return switch (function) {
      case ABS -> named("abs", a);
      case CEIL ->
          "(" + whole(a.get(0)) + " + CASE WHEN " + a.get(0) + " % 1 > 0 THEN 1 ELSE 0 END)";
      case FLOOR ->
          "(" + whole(a.get(0)) + " - CASE WHEN " + a.get(0) + " % 1 < 0 THEN 1 ELSE 0 END)";
      case MODULO -> "(" + a.get(0) + " % nullif(" + a.get(1) + ", 0))";
      case POWER ->
          finite("pow(CAST(" + a.get(0) + " AS DOUBLE), CAST(" + a.get(1) + " AS DOUBLE))");
      case SQUARE_ROOT -> "CASE WHEN " + a.get(0) + " >= 0 THEN sqrt(" + a.get(0) + ") END";
      case LN -> ifPositive(a.get(0), "ln(" + a.get(0) + ")");
      case LOG -> ifPositive(a.get(0), "log(" + a.get(1) + ", " + a.get(0) + ")");
      case REGEXP_EXTRACT ->
          "CASE WHEN regexp_matches("
              + a.get(0)
              + ", "
              + a.get(1)
              + ") THEN "
              + named("regexp_extract", a)
              + " END";
      case SPLIT_PART -> "string_split(" + a.get(0) + ", " + a.get(1) + ")[" + a.get(2) + "]";
      case ARRAY -> "[" + String.join(", ", a) + "]";
      case FIELD -> "(" + a.get(0) + ")[" + a.get(1) + "]";
      case HMAC_SHA256,
          STRUCT,
          MAP,
          TIME_PART,
          TIME_ADD,
          TIME_BETWEEN,
          TIME_TEXT,
          EPOCH,
          FROM_EPOCH ->
          throw new IllegalArgumentException(function + " needs its constants");
      case EQ -> infix(a, "=");
      case NE -> infix(a, "<>");
      case LT -> infix(a, "<");
      case LE -> infix(a, "<=");
      case GT -> infix(a, ">");
      case GE -> infix(a, ">=");
      case AND -> infix(a, "AND");
      case OR -> infix(a, "OR");
      case NOT -> "(NOT " + a.get(0) + ")";
      case IS_NULL -> "(" + a.get(0) + " IS NULL)";
      case IN -> "(" + a.get(0) + " IN (" + String.join(", ", a.subList(1, a.size())) + "))";
      case ADD -> infix(a, "+");
      case SUBTRACT -> infix(a, "-");
      case MULTIPLY -> infix(a, "*");
      case DIVIDE ->
          "(CAST(" + a.get(0) + " AS DOUBLE) / nullif(CAST(" + a.get(1) + " AS DOUBLE), 0))";
      case ROUND -> named("round", a);
      case UPPER -> named("upper", a);
      case LOWER -> named("lower", a);
      case CAPITALIZE ->
          "array_to_string(list_transform(string_split(lower("
              + a.get(0)
              + "), ' '), lambda w: upper(w[1:1]) || w[2:]), ' ')";
      case TRIM -> "regexp_replace(" + a.get(0) + ", '^[\\s\\p{Z}]+|[\\s\\p{Z}]+$', '', 'g')";
      case LENGTH -> named("length", a);
      case CONCAT -> "(" + String.join(" || ", a) + ")";
      case REPLACE -> named("replace", a);
      case REGEXP_REPLACE -> "regexp_replace(" + String.join(", ", a) + ", 'g')";
      case REGEXP_MATCHES -> named("regexp_full_match", a);
      case STARTS_WITH -> named("starts_with", a);
      case ENDS_WITH -> named("suffix", a);
      case CONTAINS -> named("contains", a);
      case SUBSTRING -> named("substring", a);
      case COALESCE -> named("coalesce", a);
      case IF -> "CASE WHEN " + a.get(0) + " THEN " + a.get(1) + " ELSE " + a.get(2) + " END";
      case SHA256 -> "sha256(CAST(" + a.get(0) + " AS VARCHAR))";
    };
  }

  private static String named(String function, List<String> arguments) {
    return function + "(" + String.join(", ", arguments) + ")";
  }

  private static String infix(List<String> arguments, String operator) {
    return arguments.stream().collect(Collectors.joining(" " + operator + " ", "(", ")"));
  }
}
