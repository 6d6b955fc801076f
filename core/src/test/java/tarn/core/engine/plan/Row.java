package tarn.core.engine.plan;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates plans over single rows, slowly and plainly: what the tests of compilers compare with.
 */
public final class Row {
  private final Map<String, @Nullable Object> values;

  private Row(Map<String, @Nullable Object> values) {
    this.values = values;
  }

  /** A row from names and values, alternating. Numbers are Long or BigDecimal. */
  public static Row of(@Nullable Object... namesAndValues) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      values.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return new Row(values);
  }

  /** The row's columns, in order. */
  public List<String> names() {
    return List.copyOf(values.keySet());
  }

  /** A value. */
  public @Nullable Object get(String name) {
    return values.get(name);
  }

  /** What the steps make of it; empty if a filter drops it. */
  public Optional<Row> through(List<Step> steps) {
    Row row = this;
    for (Step step : steps) {
      if (step instanceof Step.Filter filter) {
        if (!Boolean.TRUE.equals(row.eval(filter.keep()))) {
          return Optional.empty();
        }
      } else if (step instanceof Step.Project project) {
        Map<String, @Nullable Object> next = new LinkedHashMap<>();
        for (Step.Named named : project.columns()) {
          next.put(named.name(), row.eval(named.value()));
        }
        row = new Row(next);
      }
    }
    return Optional.of(row);
  }

  /** The value of an expression. */
  public @Nullable Object eval(Expr expr) {
    if (expr instanceof Expr.Column column) {
      if (!values.containsKey(column.name())) {
        throw new IllegalArgumentException("no column " + column.name());
      }
      return values.get(column.name());
    }
    if (expr instanceof Expr.Literal literal) {
      return literal.value();
    }
    if (expr instanceof Expr.Cast cast) {
      Object value = eval(cast.value());
      return value == null || !cast.type().toString().equals("string") ? value : value.toString();
    }
    if (expr instanceof Expr.Fits fits) {
      Object value = eval(fits.value());
      return value == null ? null : value.toString().matches("[0-9]{1,9}");
    }
    return call((Expr.Call) expr);
  }

  private @Nullable Object call(Expr.Call call) {
    List<Expr> arguments = call.arguments();
    switch (call.function()) {
      case IS_NULL:
        return eval(arguments.get(0)) == null;
      case COALESCE:
        return arguments.stream().map(this::eval).filter(Objects::nonNull).findFirst().orElse(null);
      case IF:
        return eval(arguments.get(Boolean.TRUE.equals(eval(arguments.get(0))) ? 1 : 2));
      case AND, OR:
        return logic(call.function() == Fn.OR, arguments);
      default:
        Object[] values = arguments.stream().map(this::eval).toArray();
        for (Object value : values) {
          if (value == null) {
            return null;
          }
        }
        return strict(call.function(), values);
    }
  }

  private @Nullable Object logic(boolean decisive, List<Expr> arguments) {
    List<Object> values =
        arguments.stream().map(this::eval).map(v -> v == null ? "null" : v).toList();
    return values.contains(decisive)
        ? (Object) decisive
        : values.contains("null") ? null : !decisive;
  }

  private static Object strict(Fn function, Object[] v) {
    return switch (function) {
      case EQ -> compare(v[0], v[1]) == 0;
      case NE -> compare(v[0], v[1]) != 0;
      case LT -> compare(v[0], v[1]) < 0;
      case LE -> compare(v[0], v[1]) <= 0;
      case GT -> compare(v[0], v[1]) > 0;
      case GE -> compare(v[0], v[1]) >= 0;
      case NOT -> !(Boolean) v[0];
      case IN -> {
        boolean found = false;
        for (int i = 1; i < v.length; i++) {
          found |= compare(v[0], v[i]) == 0;
        }
        yield found;
      }
      case ADD -> number(v[0]).add(number(v[1]));
      case MULTIPLY -> number(v[0]).multiply(number(v[1]));
      case SUBTRACT -> number(v[0]).subtract(number(v[1]));
      case DIVIDE -> number(v[0]).doubleValue() / number(v[1]).doubleValue();
      case ROUND -> number(v[0]).setScale(number(v[1]).intValue(), RoundingMode.HALF_UP);
      case UPPER -> v[0].toString().toUpperCase(java.util.Locale.ROOT);
      case LOWER -> v[0].toString().toLowerCase(java.util.Locale.ROOT);
      case TRIM -> v[0].toString().strip();
      case LENGTH -> (long) v[0].toString().codePointCount(0, v[0].toString().length());
      case CONCAT -> {
        StringBuilder all = new StringBuilder();
        for (Object part : v) {
          all.append(part);
        }
        yield all.toString();
      }
      case REPLACE -> v[0].toString().replace(v[1].toString(), v[2].toString());
      case REGEXP_REPLACE ->
          v[0].toString()
              .replaceAll(v[1].toString(), v[2].toString().replaceAll("\\\\([1-9])", "\\$$1"));
      case REGEXP_MATCHES -> v[0].toString().matches(v[1].toString());
      case STARTS_WITH -> v[0].toString().startsWith(v[1].toString());
      case ENDS_WITH -> v[0].toString().endsWith(v[1].toString());
      case CONTAINS -> v[0].toString().contains(v[1].toString());
      default -> throw new IllegalArgumentException("not evaluated here: " + function);
    };
  }

  private static int compare(Object left, Object right) {
    if (left instanceof Number) {
      return number(left).compareTo(number(right));
    }
    if (left instanceof LocalDate date) {
      return date.compareTo((LocalDate) right);
    }
    return left.toString().compareTo(right.toString());
  }

  private static BigDecimal number(Object value) {
    return value instanceof BigDecimal decimal ? decimal : new BigDecimal(value.toString());
  }
}
