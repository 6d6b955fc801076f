package tarn.core.recipe;

import java.util.List;
import java.util.function.Function;
import tarn.core.engine.plan.Step;

/**
 * An operation that a recipe can use.
 *
 * @param name DataBrew's name for it
 * @param family under which the docs list it
 * @param parameters what it takes
 * @param meaning what it does, and where it differs from DataBrew
 * @param example a step, and rows before and after it
 * @param compile what it becomes; adds problems to its arguments and returns nothing if it cannot
 */
public record Operation(
    String name,
    String family,
    List<Parameter> parameters,
    String meaning,
    Example example,
    Function<Arguments, List<Step>> compile) {}
