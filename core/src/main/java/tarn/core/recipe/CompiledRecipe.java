package tarn.core.recipe;

import java.util.List;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Step;
import tarn.core.lake.Problem;

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
}
