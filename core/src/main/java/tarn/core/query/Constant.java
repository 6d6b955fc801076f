package tarn.core.query;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A constant of a query, as written.
 *
 * @param kind INTEGER, NUMERIC, STRING or BOOLEAN
 * @param text its digits, characters or truth value
 * @param cast the type that a string is cast to, in lower case, or empty
 */
record Constant(String kind, String text, String cast) {
  private static final Set<String> KINDS = Set.of("INTEGER", "NUMERIC", "STRING", "BOOLEAN");
  private static final Pattern DECIMAL = Pattern.compile("-?\\d+(\\.\\d*)?|-?\\.\\d+");
  private static final int MAX_DIGITS = 19;

  static @Nullable Constant of(JsonNode node) {
    if (TreeWalk.text(node, "class").equals("CAST")) {
      Constant child = of(node.path("child"));
      String type = TreeWalk.lower(TreeWalk.text(node.path("type_expr"), "type_name"));
      return child != null && child.isText() ? new Constant("STRING", child.text, type) : null;
    }
    JsonNode literal = node.path("literal");
    String kind = TreeWalk.text(literal, "kind");
    boolean constant = TreeWalk.text(node, "class").equals("CONSTANT") && KINDS.contains(kind);
    return constant ? new Constant(kind, TreeWalk.text(literal, "text"), "") : null;
  }

  boolean isText() {
    return kind.equals("STRING") && cast.isEmpty();
  }

  boolean isNumber() {
    return kind.equals("INTEGER") || kind.equals("NUMERIC");
  }

  boolean sameKind(Constant other) {
    return (isNumber() && other.isNumber()) || (kind.equals(other.kind) && cast.equals(other.cast));
  }

  /** An exact number that DuckDB also compares exactly; null for exponents and too many digits. */
  @Nullable BigDecimal decimal() {
    if (!isNumber() || text.length() > MAX_DIGITS + 2 || !DECIMAL.matcher(text).matches()) {
      return null;
    }
    BigDecimal value = new BigDecimal(text);
    return Math.max(value.precision(), value.scale()) > MAX_DIGITS ? null : value;
  }
}
