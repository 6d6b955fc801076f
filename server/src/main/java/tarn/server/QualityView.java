package tarn.server;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.QualityResult;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.quality.RuleResult;
import tarn.core.table.SnapshotInfo;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/**
 * What became of quality rules over time: read from the tables' histories, which outlive snapshots.
 */
final class QualityView {
  private static final int HISTORY = 5_000;

  private final TableStore tables;

  QualityView(TableStore tables) {
    this.tables = tables;
  }

  /**
   * By table; each table's newest load first.
   *
   * @param only this table, or null for all
   * @param loads at most so many of each table
   */
  List<QualityResult> results(LakeDefinition lake, @Nullable TableName only, int loads) {
    if (only != null && tables.load(only).isEmpty()) {
      checkDefined(lake, only);
      return List.of();
    }
    List<TableName> names =
        only == null
            ? tables.list().stream().filter(t -> !t.namespace().equals("quarantine")).toList()
            : List.of(only);
    List<QualityResult> results = new ArrayList<>();
    for (TableName table : names) {
      tables.history(table, HISTORY).stream()
          .filter(commit -> commit.summary().containsKey(RuleResult.SUMMARY))
          .limit(loads)
          .forEach(commit -> results.addAll(results(table, commit)));
    }
    return results;
  }

  private static void checkDefined(LakeDefinition lake, TableName table) {
    boolean defined =
        lake.tables().stream().anyMatch(t -> t.table().equals(table.toString()))
            || lake.models().stream().anyMatch(m -> m.table().equals(table.toString()));
    if (!defined) {
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          "there is no clean table or model "
              + table
              + ", and only these have quality rules; `datalake tables` lists them");
    }
  }

  private static List<QualityResult> results(TableName table, SnapshotInfo commit) {
    boolean refused =
        commit.operation().equals(RuleResult.REFUSED)
            || commit.operation().equals(RuleResult.MODEL_REFUSED);
    String seq = commit.summary().get(refused ? RuleResult.REFUSED_UP_TO : TableState.LEDGER_SEQ);
    return RuleResult.read(commit.summary().getOrDefault(RuleResult.SUMMARY, "[]")).stream()
        .map(
            r ->
                new QualityResult(
                    table.toString(),
                    commit.committedAt(),
                    seq == null ? commit.ledgerSeq() : Long.valueOf(seq),
                    commit.snapshotId(),
                    r.rule(),
                    r.perRow() ? "row" : "table",
                    outcome(r, refused),
                    r.seen()))
        .toList();
  }

  private static String outcome(RuleResult result, boolean refused) {
    if (result.passed()) {
      return "passed";
    }
    return result.perRow() ? "quarantined" : refused ? "failed" : "warned";
  }
}
