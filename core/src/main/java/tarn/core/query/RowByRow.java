package tarn.core.query;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells queries that go row by row from others, by what is known to do so: whatever is not is an
 * obstacle.
 */
final class RowByRow {
  private static final Map<String, String> SOURCES =
      Map.of(
          "JOIN", "a join",
          "SUBQUERY", "a subquery",
          "EMPTY", "no table",
          "EXPRESSION_LIST", "VALUES",
          "TABLE_FUNCTION", "a table function",
          "PIVOT", "PIVOT or UNPIVOT");
  private static final Map<String, String> MODIFIERS =
      Map.of(
          "DISTINCT_MODIFIER", "DISTINCT",
          "ORDER_MODIFIER", "ORDER BY",
          "LIMIT_MODIFIER", "LIMIT or OFFSET");

  private RowByRow() {}

  /** Null if there is none. The tree has passed the guard. */
  static @Nullable WholeUse obstacle(JsonNode query) {
    if (!TreeWalk.text(query, "type").equals("SELECT_NODE")) {
      return new WholeUse("a set operation (UNION, EXCEPT, INTERSECT) or a recursion", 0);
    }
    WholeUse found = source(query.path("from_table"));
    if (found == null && !TreeWalk.holdsNothing(query.path("cte_map").path("map"))) {
      found = new WholeUse("WITH", 0);
    }
    if (found == null) {
      found = shape(query);
    }
    for (JsonNode modifier : query.path("modifiers")) {
      if (found == null) {
        String type = TreeWalk.text(modifier, "type");
        found = new WholeUse(MODIFIERS.getOrDefault(type, type), location(modifier));
      }
    }
    found = found == null ? expression(query.path("select_list")) : found;
    return found == null ? expression(query.path("where_clause")) : found;
  }

  private static @Nullable WholeUse source(JsonNode from) {
    String type = TreeWalk.text(from, "type");
    if (!type.equals("BASE_TABLE")) {
      return new WholeUse(SOURCES.getOrDefault(type, type), at(from));
    } else if (!TreeWalk.holdsNothing(from.path("at_clause"))) {
      return new WholeUse("AT, which reads one state for ever", at(from));
    }
    return TreeWalk.holdsNothing(from.path("sample")) ? null : new WholeUse("a sample", at(from));
  }

  private static @Nullable WholeUse shape(JsonNode query) {
    JsonNode groups = query.path("group_expressions");
    boolean grouped =
        !TreeWalk.holdsNothing(groups)
            || !TreeWalk.holdsNothing(query.path("group_sets"))
            || !TreeWalk.text(query, "aggregate_handling").equals("STANDARD_HANDLING");
    if (grouped) {
      return new WholeUse("GROUP BY", location(groups));
    } else if (!TreeWalk.holdsNothing(query.path("having"))) {
      return new WholeUse("HAVING", location(query.path("having")));
    } else if (!TreeWalk.holdsNothing(query.path("qualify"))) {
      return new WholeUse("QUALIFY", location(query.path("qualify")));
    }
    return TreeWalk.holdsNothing(query.path("sample")) ? null : new WholeUse("a sample", 0);
  }

  private static @Nullable WholeUse expression(JsonNode node) {
    String kind = TreeWalk.text(node, "class");
    String function = TreeWalk.text(node, "function_name");
    if (kind.equals("WINDOW")) {
      return new WholeUse("the window function " + function, at(node));
    } else if (kind.equals("SUBQUERY")) {
      return new WholeUse("a subquery", at(node));
    } else if (kind.equals("FUNCTION") && Allowed.isAggregate(TreeWalk.lower(function))) {
      return new WholeUse("the aggregate " + function, at(node));
    }
    for (JsonNode child : node) {
      WholeUse found = expression(child);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** The first place in a node that is known. */
  private static int location(JsonNode node) {
    int own = at(node);
    for (JsonNode child : node) {
      own = own == 0 ? location(child) : own;
    }
    return own;
  }

  private static int at(JsonNode node) {
    JsonNode location = node.path("query_location");
    return location.canConvertToInt() && location.isNumber() ? location.asInt() + 1 : 0;
  }
}
