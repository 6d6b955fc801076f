package tarn.core.validate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.lake.Nearest;
import tarn.core.lake.Problems;
import tarn.core.lake.TableDefinition;
import tarn.core.lake.TableSettings;
import tarn.core.recipe.Recipe;
import tarn.core.table.TableName;

/**
 * What is wrong with recipes that join with other tables: tables that are not defined, and tables
 * that need each other, so that what they hold would depend on which was loaded first.
 */
final class JoinCheck {
  private final Map<TableName, TableDefinition> tables = new TreeMap<>();
  private final Map<TableName, Set<TableName>> joins = new TreeMap<>();

  JoinCheck(List<TableDefinition> definitions) {
    for (TableDefinition definition : definitions) {
      TableName name = TableName.parse(definition.table());
      tables.put(name, definition);
      joins.put(name, Recipe.compile(definition.recipe(), ColumnNames.unknown()).joins());
    }
  }

  void check(Problems problems) {
    joins.forEach(
        (name, others) -> {
          others.forEach(other -> checkDefined(name, other, problems));
          List<TableName> circle = circle(name, List.of(name), new HashSet<>());
          if (!circle.isEmpty()) {
            problem(
                name,
                "recipes join in a circle: "
                    + String.join(" joins ", circle.stream().map(TableName::toString).toList())
                    + ": what a table has would depend on which is loaded first",
                "join in a model",
                problems);
          }
        });
  }

  private void checkDefined(TableName name, TableName other, Problems problems) {
    if (!tables.containsKey(other)) {
      problem(
          name,
          "the recipe joins with the table " + other + ", which this lake does not define",
          Nearest.suggestion(
              other.toString(), tables.keySet().stream().map(TableName::toString).toList()),
          problems);
    }
  }

  private void problem(TableName name, String message, String suggestion, Problems problems) {
    TableDefinition table = tables.get(name);
    if (table != null) {
      problems.error(table.place(TableSettings.RECIPE), name.toString(), message, suggestion);
    }
  }

  /** The path from a table back to itself; empty if there is none. */
  private List<TableName> circle(TableName start, List<TableName> path, Set<TableName> seen) {
    for (TableName next : joins.getOrDefault(path.get(path.size() - 1), Set.of())) {
      List<TableName> longer = new ArrayList<>(path);
      longer.add(next);
      if (next.equals(start)) {
        return longer;
      }
      List<TableName> found = seen.add(next) ? circle(start, longer, seen) : List.of();
      if (!found.isEmpty()) {
        return found;
      }
    }
    return List.of();
  }
}
