package tarn.core.recipe;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Step;
import tarn.core.lake.Problem;
import tarn.core.table.TableName;

/**
 * A recipe for the engine.
 *
 * @param steps what to do; without the steps that have a problem
 * @param columns what is known of the columns after the last step
 * @param problems all that is wrong; empty if the steps may be used
 */
public record CompiledRecipe(List<Step> steps, ColumnNames columns, List<Problem> problems) {
  public CompiledRecipe {
    steps = List.copyOf(steps);
    problems = List.copyOf(problems);
  }

  /** Tables that the recipe joins with: they must be up to date first. */
  public Set<TableName> joins() {
    Set<TableName> tables = new TreeSet<>();
    for (Step step : steps) {
      if (step instanceof Step.Lookup lookup) {
        tables.add(lookup.table());
      }
    }
    return tables;
  }
}
