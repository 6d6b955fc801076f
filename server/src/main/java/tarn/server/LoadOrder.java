package tarn.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.lake.TableDefinition;
import tarn.core.quality.Quality;
import tarn.core.recipe.Recipe;
import tarn.core.table.TableName;

/**
 * The order in which clean tables are loaded: each after those that its recipe joins with and that
 * its quality rules compare with; where that goes in a circle, rules give way; otherwise by name.
 */
final class LoadOrder {
  private final Map<TableName, Set<TableName>> joins = new TreeMap<>();
  private final Map<TableName, Set<TableName>> compared = new TreeMap<>();

  LoadOrder(Map<TableName, TableDefinition> clean) {
    clean.forEach(
        (name, definition) -> {
          joins.put(name, Recipe.compile(definition.recipe(), ColumnNames.unknown()).joins());
          compared.put(name, Quality.compile(definition.quality(), ColumnNames.unknown()).reads());
        });
  }

  /** The tables that a table's recipe joins with, directly. */
  Set<TableName> joins(TableName table) {
    return joins.getOrDefault(table, Set.of());
  }

  /** All tables. */
  List<TableName> tables() {
    Set<TableName> left = new TreeSet<>(joins.keySet());
    Map<TableName, Boolean> ordered = new LinkedHashMap<>();
    while (!left.isEmpty()) {
      TableName next =
          first(left, t -> isFree(t, joins, left) && isFree(t, compared, left))
              .or(() -> first(left, t -> isFree(t, joins, left)))
              .orElseGet(() -> left.iterator().next());
      left.remove(next);
      ordered.put(next, true);
    }
    return List.copyOf(ordered.keySet());
  }

  private static Optional<TableName> first(Set<TableName> left, Predicate<TableName> wanted) {
    return left.stream().filter(wanted).findFirst();
  }

  private static boolean isFree(
      TableName table, Map<TableName, Set<TableName>> needs, Set<TableName> left) {
    return needs.getOrDefault(table, Set.of()).stream()
        .noneMatch(other -> !other.equals(table) && left.contains(other));
  }
}
