package tarn.core.ingest;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tarn.core.engine.Column;
import tarn.core.engine.LoadResult;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Rule;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.quality.CompiledRules;
import tarn.core.quality.RuleResult;
import tarn.core.quality.Seen;
import tarn.core.table.TableName;
import tarn.core.table.TableStore;

/** Judges a table by the rules before what changes it is committed. */
public final class QualityGate {
  private final TableStore tables;

  public QualityGate(TableStore tables) {
    this.tables = tables;
  }

  /**
   * {@code NOT_FOUND} if a rule compares with a table that was never loaded.
   *
   * @param file that has the rules
   */
  public void checkReady(String file, CompiledRules rules) {
    for (TableName other : rules.reads()) {
      if (tables.load(other).isEmpty()) {
        throw new TarnException(
            ErrorCode.NOT_FOUND,
            file + ": a rule compares with " + other + ", which was never loaded: run it first");
      }
    }
  }

  /** What became of every rule. */
  List<RuleResult> judge(CompiledRules rules, LoadResult result) {
    List<RuleResult> results = new ArrayList<>();
    rules.rules().stream()
        .map(Rule::text)
        .distinct()
        .forEach(
            text -> {
              long failed = result.reasons().getOrDefault(Rule.BREAKS + text, 0L);
              results.add(new RuleResult(text, true, failed == 0, "rows that fail " + failed));
            });
    results.addAll(judge(rules, result.measured()));
    return results;
  }

  /** What became of the rules for the table as a whole. */
  public List<RuleResult> judge(CompiledRules rules, Map<Measure, BigDecimal> measured) {
    Seen seen = new Seen(measured, this::columnsOf);
    return rules.tableRules().stream()
        .map(rule -> rule.judge(seen))
        .map(outcome -> new RuleResult(outcome.rule(), false, outcome.passed(), outcome.seen()))
        .toList();
  }

  /** What is wrong for the table as a whole. */
  public static List<String> failures(List<RuleResult> results) {
    return results.stream()
        .filter(r -> !r.perRow() && !r.passed())
        .map(r -> "the rule '" + r.rule() + "' is not met: " + r.seen())
        .toList();
  }

  private List<Column> columnsOf(TableName other) {
    return tables.load(other).stream()
        .flatMap(state -> state.schema().columns().stream())
        .map(c -> new Column(c.name(), c.type()))
        .toList();
  }
}
