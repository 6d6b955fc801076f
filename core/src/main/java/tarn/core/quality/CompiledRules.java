package tarn.core.quality;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Rule;
import tarn.core.lake.Problem;
import tarn.core.table.TableName;

/**
 * Quality rules, understood.
 *
 * @param rules what the engine checks row by row, in the order written
 * @param tableRules what is judged before a commit, in the order written
 * @param problems all that is wrong; empty if the rules may be used
 */
public record CompiledRules(List<Rule> rules, List<TableRule> tableRules, List<Problem> problems) {
  public CompiledRules {
    rules = List.copyOf(rules);
    tableRules = List.copyOf(tableRules);
    problems = List.copyOf(problems);
  }

  /** What the engine has to measure for the rules for the whole table, each once. */
  public List<Measure> measures() {
    return tableRules.stream().flatMap(r -> r.measures().stream()).distinct().toList();
  }

  /** Other tables that the rules look at: they should be up to date first. */
  public Set<TableName> reads() {
    return tableRules.stream().flatMap(r -> r.reads().stream()).collect(Collectors.toSet());
  }
}
