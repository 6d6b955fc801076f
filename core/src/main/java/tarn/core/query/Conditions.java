package tarn.core.query;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Turns a SQL condition into an expression that is true at least wherever the condition is, for the
 * columns of one table. What is not surely understood becomes {@code alwaysTrue}.
 */
final class Conditions {
  /** Iceberg walks expressions with recursion. */
  private static final int MAX_TERMS = 200;

  private static final Set<String> PREFIX_FUNCTIONS = Set.of("^@", "starts_with", "prefix");

  private final Function<JsonNode, Types.@Nullable NestedField> columns;

  /**
   * @param columns the table's field that a column reference means, or null for all other nodes
   */
  Conditions(Function<JsonNode, Types.@Nullable NestedField> columns) {
    this.columns = columns;
  }

  Expression expression(JsonNode node) {
    return switch (TreeWalk.text(node, "class")) {
      case "CONJUNCTION" -> conjunction(node);
      case "COMPARISON" -> comparison(node);
      case "BETWEEN" -> between(node);
      case "OPERATOR" -> operator(node);
      case "FUNCTION" -> function(node);
      case "COLUMN_REF" -> truth(node, true);
      default -> Expressions.alwaysTrue();
    };
  }

  private Expression conjunction(JsonNode node) {
    boolean and = TreeWalk.text(node, "type").equals("CONJUNCTION_AND");
    JsonNode children = node.path("children");
    if (!and && children.size() > MAX_TERMS) {
      return Expressions.alwaysTrue();
    }
    Expression result = and ? Expressions.alwaysTrue() : Expressions.alwaysFalse();
    int terms = 0;
    for (JsonNode child : children) {
      if (++terms > MAX_TERMS) {
        break;
      }
      Expression term = expression(child);
      result = and ? Expressions.and(result, term) : Expressions.or(result, term);
    }
    return result;
  }

  private Expression comparison(JsonNode node) {
    Order order = Order.of(TreeWalk.text(node, "type"));
    JsonNode left = node.path("left");
    JsonNode right = node.path("right");
    if (order == null) {
      return Expressions.alwaysTrue();
    }
    return columns.apply(left) != null
        ? compare(order, left, right)
        : compare(order.flipped(), right, left);
  }

  private Expression between(JsonNode node) {
    if (!TreeWalk.text(node, "type").equals("COMPARE_BETWEEN")) {
      return Expressions.alwaysTrue();
    }
    JsonNode input = node.path("input");
    return Expressions.and(
        compare(Order.AT_LEAST, input, node.path("lower")),
        compare(Order.AT_MOST, input, node.path("upper")));
  }

  private Expression compare(Order order, JsonNode column, JsonNode constant) {
    Types.NestedField field = columns.apply(column);
    Constant value = Constant.of(constant);
    if (field == null || value == null) {
      return Expressions.alwaysTrue();
    }
    return Bounds.of(field, value).expression(field, order);
  }

  private Expression operator(JsonNode node) {
    JsonNode children = node.path("children");
    JsonNode first = children.path(0);
    return switch (TreeWalk.text(node, "type")) {
      case "OPERATOR_IS_NULL" -> nulls(first, true);
      case "OPERATOR_IS_NOT_NULL" -> nulls(first, false);
      case "COMPARE_IN" -> in(children, true);
      case "COMPARE_NOT_IN" -> in(children, false);
      case "OPERATOR_NOT" -> not(first);
      default -> Expressions.alwaysTrue();
    };
  }

  private Expression not(JsonNode node) {
    return switch (TreeWalk.text(node, "type")) {
      case "COMPARE_IN" -> in(node.path("children"), false);
      case "OPERATOR_IS_NULL" -> nulls(node.path("children").path(0), false);
      case "COLUMN_REF" -> truth(node, false);
      default -> Expressions.alwaysTrue();
    };
  }

  private Expression nulls(JsonNode column, boolean isNull) {
    Types.NestedField field = columns.apply(column);
    if (field == null || !field.type().isPrimitiveType()) {
      return Expressions.alwaysTrue();
    }
    return isNull ? Expressions.isNull(field.name()) : Expressions.notNull(field.name());
  }

  private Expression truth(JsonNode column, boolean value) {
    Types.NestedField field = columns.apply(column);
    if (field == null || field.type().typeId() != Type.TypeID.BOOLEAN) {
      return Expressions.alwaysTrue();
    }
    return Expressions.equal(field.name(), value);
  }

  private Expression in(JsonNode children, boolean positive) {
    Types.NestedField field = columns.apply(children.path(0));
    if (field == null) {
      return Expressions.alwaysTrue();
    }
    List<Object> values = new ArrayList<>();
    Constant first = null;
    for (int i = 1; i < children.size(); i++) {
      Constant constant = Constant.of(children.get(i));
      if (constant == null || (first != null && !first.sameKind(constant))) {
        return Expressions.alwaysTrue();
      }
      first = constant;
      Object value = Bounds.of(field, constant).exact();
      if (value == null) {
        return Expressions.alwaysTrue();
      }
      values.add(value);
    }
    return positive
        ? Expressions.in(field.name(), values)
        : Expressions.notIn(field.name(), values);
  }

  private Expression function(JsonNode node) {
    String name = TreeWalk.lower(TreeWalk.text(node, "function_name"));
    JsonNode arguments = node.path("arguments");
    boolean prefix = PREFIX_FUNCTIONS.contains(name);
    if (arguments.size() != 2 || !(prefix || name.equals("~~"))) {
      return Expressions.alwaysTrue();
    }
    Types.NestedField field = columns.apply(arguments.get(0).path("expression"));
    Constant pattern = Constant.of(arguments.get(1).path("expression"));
    if (field == null
        || field.type().typeId() != Type.TypeID.STRING
        || pattern == null
        || !pattern.isText()) {
      return Expressions.alwaysTrue();
    }
    return prefix ? startsWith(field, pattern.text()) : like(field, pattern.text());
  }

  private static Expression like(Types.NestedField field, String pattern) {
    int end = 0;
    while (end < pattern.length() && "%_\\".indexOf(pattern.charAt(end)) < 0) {
      end++;
    }
    if (end == pattern.length()) {
      return Expressions.equal(field.name(), pattern);
    }
    return startsWith(field, pattern.substring(0, end));
  }

  private static Expression startsWith(Types.NestedField field, String prefix) {
    return prefix.isEmpty()
        ? Expressions.alwaysTrue()
        : Expressions.startsWith(field.name(), prefix);
  }
}
