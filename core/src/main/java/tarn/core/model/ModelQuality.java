package tarn.core.model;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.expressions.Expressions;
import tarn.core.engine.Column;
import tarn.core.engine.Engine;
import tarn.core.engine.MeasureJob;
import tarn.core.engine.plan.Measure;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.QualityGate;
import tarn.core.ingest.RuleQueries;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.ModelDefinition;
import tarn.core.quality.CompiledRules;
import tarn.core.quality.Quality;
import tarn.core.quality.RuleResult;
import tarn.core.table.At;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/** Judges a model's table as it would be, before its rows are committed. */
final class ModelQuality {
  /** The property that says what was refused last, so that the same is told once. */
  private static final String REFUSED = "tarn.refused";

  private final Engine engine;
  private final TableStore tables;
  private final Duration timeout;
  private final QualityGate gate;

  ModelQuality(Engine engine, TableStore tables, Duration timeout) {
    this.engine = engine;
    this.tables = tables;
    this.timeout = timeout;
    this.gate = new QualityGate(tables);
  }

  /**
   * Judges all rules; empty if there are none.
   *
   * @param base the table without the change
   * @param table the same with the columns that it will have
   * @throws TarnException {@code DEFINITION_INVALID} for a rule that does not fit the columns, and
   *     {@code NOT_FOUND} for one that compares with a table that was never loaded
   */
  List<RuleResult> judge(
      ModelDefinition definition,
      List<Column> columns,
      TableState base,
      TableState table,
      DataChange change) {
    if (definition.quality().isEmpty()) {
      return List.of();
    }
    CompiledRules rules =
        Quality.compileWhole(
            definition.quality(), columns, new RuleQueries(engine, table.name(), tables.list()));
    if (!rules.problems().isEmpty()) {
      throw LakeFolder.failure(rules.problems());
    }
    gate.checkReady(definition.file(), rules);
    Map<Measure, BigDecimal> numbers =
        engine.measure(
            new MeasureJob(
                table, change, rules.measures(), () -> all(base), other -> now(other), timeout));
    return gate.judge(rules, numbers);
  }

  private Scan all(TableState table) {
    return table.snapshotId().isPresent()
        ? tables.scan(
            table.name(), new At.Snapshot(table.snapshotId().getAsLong()), Expressions.alwaysTrue())
        : now(table.name());
  }

  private Scan now(TableName table) {
    return tables.scan(table, new At.Now(), Expressions.alwaysTrue());
  }

  /** For the commit's summary. */
  static Map<String, String> summary(List<RuleResult> results) {
    return results.isEmpty() ? Map.of() : Map.of(RuleResult.SUMMARY, RuleResult.write(results));
  }

  /**
   * Notes in the table's history what was refused, and fails. Returns only if another commit came
   * first.
   */
  void refuse(TableState table, String inputs, List<RuleResult> results) {
    Map<String, String> summary = new HashMap<>(summary(results));
    String what = Integer.toHexString((inputs + RuleResult.write(results)).hashCode());
    CommitOutcome outcome =
        tables.commit(
            List.of(
                new TableChange(
                    table,
                    new DataChange.None(),
                    Map.of(REFUSED, what),
                    RuleResult.MODEL_REFUSED,
                    summary)));
    if (outcome instanceof CommitOutcome.Committed) {
      throw new TarnException(
          ErrorCode.QUALITY_FAILED,
          table.name()
              + ": "
              + String.join("; ", QualityGate.failures(results))
              + "; the table is as it was: mend what the model reads, change the rule, or write on_failure: warn");
    }
  }
}
