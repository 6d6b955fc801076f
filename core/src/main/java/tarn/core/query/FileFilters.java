package tarn.core.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Finds, for each table of a resolved query, what its WHERE and the ON of its inner joins demand of
 * each row. Conditions never cross to the side of an outer join that may be filled with nulls.
 */
final class FileFilters {
  private static final Set<String> PLAIN_JOINS = Set.of("REGULAR", "CROSS", "NATURAL");
  private static final Set<String> LEFT_ROWS = Set.of("LEFT", "SEMI", "ANTI");

  private final Map<JsonNode, Integer> indexes = new IdentityHashMap<>();
  private final List<Resolved.Reference> references;
  private final Function<Resolved.Reference, Schema> schemas;
  private final Expression[] filters;

  FileFilters(
      List<ObjectNode> nodes,
      List<Resolved.Reference> references,
      Function<Resolved.Reference, Schema> schemas) {
    for (int i = 0; i < nodes.size(); i++) {
      indexes.put(nodes.get(i), i);
    }
    this.references = references;
    this.schemas = schemas;
    this.filters = new Expression[references.size()];
    Arrays.fill(filters, Expressions.alwaysTrue());
  }

  List<Expression> filters(JsonNode tree) {
    selects(tree);
    return List.of(filters);
  }

  private void selects(JsonNode node) {
    if (TreeWalk.text(node, "type").equals("SELECT_NODE")) {
      select(node);
    }
    node.forEach(this::selects);
  }

  private void select(JsonNode select) {
    JsonNode from = select.path("from_table");
    List<Item> items = new ArrayList<>();
    items(from, items);
    Set<Integer> demanded = inner(from, items);
    if (TreeWalk.holdsNothing(select.path("sample"))) {
      demand(select.path("where_clause"), demanded, items);
    }
  }

  /** All that columns can be found in. */
  private void items(JsonNode table, List<Item> items) {
    switch (TreeWalk.text(table, "type")) {
      case "JOIN" -> {
        items(table.path("left"), items);
        items(table.path("right"), items);
      }
      case "EMPTY" -> {}
      default -> items.add(item(table));
    }
  }

  private Item item(JsonNode table) {
    String alias = TreeWalk.text(table, "alias");
    String name = TreeWalk.lower(alias.isEmpty() ? TreeWalk.text(table, "table_name") : alias);
    Integer index = indexes.get(table);
    boolean renamed = !TreeWalk.holdsNothing(table.path("column_name_alias"));
    if (index == null || renamed) {
      return new Item(name, -1, null);
    }
    return new Item(name, index, schemas.apply(references.get(index)));
  }

  /**
   * The tables of which every row that fails a condition above {@code table} is lost to the query.
   */
  private Set<Integer> inner(JsonNode table, List<Item> items) {
    Integer index = indexes.get(table);
    if (index != null) {
      return TreeWalk.holdsNothing(table.path("sample")) ? Set.of(index) : Set.of();
    }
    return TreeWalk.text(table, "type").equals("JOIN") ? join(table, items) : Set.of();
  }

  private Set<Integer> join(JsonNode join, List<Item> items) {
    Set<Integer> left = inner(join.path("left"), items);
    Set<Integer> right = inner(join.path("right"), items);
    boolean plain =
        PLAIN_JOINS.contains(TreeWalk.text(join, "ref_type"))
            && TreeWalk.holdsNothing(join.path("ranking_expression"));
    String type = TreeWalk.text(join, "join_type");
    if (!plain) {
      return Set.of();
    }
    if (type.equals("INNER")) {
      Set<Integer> both = new HashSet<>(left);
      both.addAll(right);
      demand(join.path("condition"), both, items);
      return both;
    }
    if (LEFT_ROWS.contains(type)) {
      return left;
    }
    return type.equals("RIGHT") ? right : Set.of();
  }

  private void demand(JsonNode condition, Set<Integer> demanded, List<Item> items) {
    for (int index : demanded) {
      Conditions conditions = new Conditions(node -> column(node, index, items));
      filters[index] = Expressions.and(filters[index], conditions.expression(condition));
    }
  }

  /** The field of table {@code index} that a column reference surely means. */
  private static Types.@Nullable NestedField column(JsonNode node, int index, List<Item> items) {
    JsonNode names = node.path("column_names");
    if (!TreeWalk.text(node, "class").equals("COLUMN_REF") || names.size() > 2) {
      return null;
    }
    String column = TreeWalk.lower(names.get(names.size() - 1).asText());
    List<Item> owners = new ArrayList<>();
    for (Item item : items) {
      boolean unqualified = names.size() == 1;
      if (unqualified && item.schema() == null) {
        return null;
      }
      boolean named = !unqualified && item.name().equals(TreeWalk.lower(names.get(0).asText()));
      if (named || (unqualified && item.mayHave(column))) {
        owners.add(item);
      }
    }
    boolean sure = owners.size() == 1 && owners.get(0).index() == index;
    return sure ? owners.get(0).field(column) : null;
  }

  /**
   * Something in FROM.
   *
   * @param name in lower case
   * @param index which reference it is, or -1
   * @param schema its columns, if known
   */
  private record Item(String name, int index, @Nullable Schema schema) {
    boolean mayHave(String column) {
      return schema == null
          || schema.columns().stream().anyMatch(f -> TreeWalk.lower(f.name()).equals(column));
    }

    Types.@Nullable NestedField field(String column) {
      if (schema == null) {
        return null;
      }
      List<Types.NestedField> found =
          schema.columns().stream().filter(f -> TreeWalk.lower(f.name()).equals(column)).toList();
      boolean usable = found.size() == 1 && found.get(0).name().indexOf('.') < 0;
      return usable ? found.get(0) : null;
    }
  }
}
