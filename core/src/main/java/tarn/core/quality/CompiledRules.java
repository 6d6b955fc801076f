package tarn.core.quality;

import java.util.List;
import tarn.core.engine.plan.Rule;
import tarn.core.lake.Problem;

/**
 * Quality rules for the engine.
 *
 * @param rules what is checked, in the order written
 * @param problems all that is wrong; empty if the rules may be used
 */
public record CompiledRules(List<Rule> rules, List<Problem> problems) {
  public CompiledRules {
    rules = List.copyOf(rules);
    problems = List.copyOf(problems);
  }
}
