package tarn.core.ingest;

import java.util.ArrayList;
import java.util.List;
import tarn.core.engine.Column;
import tarn.core.engine.LoadResult;
import tarn.core.engine.plan.Rule;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.TableDefinition;
import tarn.core.quality.CompiledRules;
import tarn.core.quality.Outcome;
import tarn.core.quality.RuleResult;
import tarn.core.quality.Seen;
import tarn.core.quality.TableRule;
import tarn.core.table.TableName;
import tarn.core.table.TableStore;

/** Judges a load by the rules before it is committed. */
final class QualityGate {
  private final TableStore tables;

  QualityGate(TableStore tables) {
    this.tables = tables;
  }

  /** {@code NOT_FOUND} if a rule compares with a table that was never loaded. */
  void checkReady(TableDefinition definition, CompiledRules rules) {
    for (TableName other : rules.reads()) {
      if (tables.load(other).isEmpty()) {
        throw new TarnException(
            ErrorCode.NOT_FOUND,
            definition.file()
                + ": a rule compares with "
                + other
                + ", which was never loaded: run it first");
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
    Seen seen = new Seen(result.measured(), this::columnsOf);
    for (TableRule rule : rules.tableRules()) {
      Outcome outcome = rule.judge(seen);
      results.add(new RuleResult(outcome.rule(), false, outcome.passed(), outcome.seen()));
    }
    return results;
  }

  /** What is wrong for the table as a whole. */
  static List<String> failures(List<RuleResult> results) {
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
