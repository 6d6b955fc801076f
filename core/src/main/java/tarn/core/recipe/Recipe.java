package tarn.core.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Step;
import tarn.core.lake.Problem;
import tarn.core.lake.Problems;
import tarn.core.lake.StepText;

/** Compiles recipes. */
public final class Recipe {
  /** The most steps of one recipe. */
  static final int MAX_STEPS = 200;

  private Recipe() {}

  /**
   * Compiles a recipe for data with these columns; reports everything that is wrong with it at
   * once. Pass {@link ColumnNames#unknown()} to check a recipe without its data: then only steps
   * that contradict each other are reported, and the compiled steps are of no use.
   */
  public static CompiledRecipe compile(List<StepText> recipe, ColumnNames columns) {
    return compile(recipe, columns, OtherTables.UNKNOWN);
  }

  /** Compiles a recipe for data with these columns, beside these tables. */
  public static CompiledRecipe compile(
      List<StepText> recipe, ColumnNames columns, OtherTables others) {
    Problems problems = new Problems();
    List<Step> steps = new ArrayList<>();
    ColumnNames now = columns;
    if (recipe.size() > MAX_STEPS) {
      StepText last = recipe.get(MAX_STEPS);
      problems.error(
          last.operation().place(),
          last.operation().text(),
          "a recipe has at most " + MAX_STEPS + " steps");
      return new CompiledRecipe(List.of(), now, problems.sorted());
    }
    for (StepText step : recipe) {
      Arguments arguments = new Arguments(step, now, others, problems);
      List<Step> compiled = operation(step, problems).map(arguments::compile).orElse(List.of());
      now = arguments.columns();
      for (Step each : compiled) {
        now = now.after(each);
      }
      steps.addAll(compiled);
    }
    List<Problem> found = problems.sorted();
    return new CompiledRecipe(steps, now, found);
  }

  /** Compiles a recipe for data with exactly these columns. */
  public static CompiledRecipe compile(List<StepText> recipe, List<String> inputColumns) {
    return compile(recipe, ColumnNames.of(inputColumns));
  }

  private static Optional<Operation> operation(StepText step, Problems problems) {
    String name = step.operation().text();
    Optional<Operation> found = Operations.find(name);
    if (found.isEmpty()) {
      problems.unknown(step.operation().place(), "operation", name, Operations.names());
    }
    return found;
  }
}
