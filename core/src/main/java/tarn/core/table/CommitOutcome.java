package tarn.core.table;

import java.util.List;

/**
 * What became of a commit. The third outcome, unknown, is an exception with {@code COMMIT_UNKNOWN}:
 * the files must be kept.
 */
public sealed interface CommitOutcome {
  /** All of it is there. */
  record Committed(List<TableState> states) implements CommitOutcome {}

  /**
   * Nothing of it is there, because another commit came first: compute the change again from the
   * new state.
   */
  record Conflict(TableName table, String why) implements CommitOutcome {}
}
