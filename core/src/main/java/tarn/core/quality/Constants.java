package tarn.core.quality;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Type;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;

/**
 * Finds comparisons of a column with a constant that is never a value of its type: an engine would
 * fail on every row, and a mistake in a rule would put all of them into quarantine.
 */
final class Constants {
  private static final Set<Fn> COMPARISONS =
      Set.of(Fn.EQ, Fn.NE, Fn.LT, Fn.LE, Fn.GT, Fn.GE, Fn.IN);

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");

  private Constants() {}

  /** What is wrong with an expression; empty if nothing is, or the types are not known. */
  static Optional<String> problem(Expr expr, Map<String, Type> types) {
    if (!(expr instanceof Expr.Call call)) {
      return Optional.empty();
    }
    if (COMPARISONS.contains(call.function())) {
      Optional<String> found = comparison(call.arguments(), types);
      if (found.isPresent()) {
        return found;
      }
    }
    return call.arguments().stream()
        .flatMap(argument -> problem(argument, types).stream())
        .findFirst();
  }

  private static Optional<String> comparison(List<Expr> arguments, Map<String, Type> types) {
    for (Expr argument : arguments) {
      if (argument instanceof Expr.Column column && types.containsKey(column.name())) {
        Type type = types.get(column.name());
        for (Expr other : arguments) {
          if (other instanceof Expr.Literal literal
              && literal.value() != null
              && !fits(literal.value(), type)) {
            return Optional.of(
                "the column '"
                    + column.name()
                    + "' is of type "
                    + type
                    + ", and "
                    + shown(literal.value())
                    + " is no such value");
          }
        }
      }
    }
    return Optional.empty();
  }

  private static String shown(Object value) {
    return value instanceof String || value instanceof LocalDate
        ? "\"" + value + "\""
        : value.toString();
  }

  private static boolean fits(Object value, Type type) {
    return switch (type.typeId()) {
      case STRING -> value instanceof String || value instanceof LocalDate;
      case INTEGER, LONG, FLOAT, DOUBLE, DECIMAL ->
          value instanceof Number || value instanceof String text && isNumber(text);
      case DATE -> value instanceof LocalDate || value instanceof String text && isDate(text);
      case TIMESTAMP ->
          value instanceof LocalDate
              || value instanceof String text
                  && text.length() >= 10
                  && isDate(text.substring(0, 10));
      case BOOLEAN ->
          value instanceof Boolean
              || value instanceof String text && Set.of("true", "false").contains(text);
      default -> true;
    };
  }

  private static boolean isNumber(String text) {
    return NUMBER.matcher(text.strip()).matches();
  }

  private static boolean isDate(String text) {
    return Condition.date(text).isPresent();
  }
}
