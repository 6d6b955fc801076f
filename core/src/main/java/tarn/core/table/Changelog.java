package tarn.core.table;

import java.time.Instant;
import java.util.List;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/**
 * How a table came from one of its states to a later one: the files that differ, commit by commit.
 *
 * @param table which
 * @param schema the columns to show: the newest ones. Those that a file lacks are null
 * @param key the columns that tell rows; empty if that is not known
 * @param steps the commits between that changed rows, the oldest first
 */
public record Changelog(TableName table, Schema schema, List<String> key, List<Step> steps) {

  /**
   * A commit.
   *
   * @param snapshotId of the state that it led to: a new one, or an older one after an undo; null
   *     if that has no rows and never had
   * @param at when
   * @param files those that are not as they were before it; their rows may still be the same
   */
  public record Step(@Nullable Long snapshotId, Instant at, List<FileChange> files) {}

  /**
   * A data file that came, went, or has other rows deleted. One of both is there at least.
   *
   * @param before as it was; null if it was not there
   * @param after as it is; null if it is there no more
   */
  public record FileChange(@Nullable ScanFile before, @Nullable ScanFile after) {
    /** Either; both are the same but for the deleted rows. */
    public ScanFile file() {
      if (after != null) {
        return after;
      } else if (before != null) {
        return before;
      }
      throw new IllegalStateException("a change of no file");
    }
  }
}
