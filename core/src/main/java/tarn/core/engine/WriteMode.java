package tarn.core.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What new rows do to those that are there. */
public sealed interface WriteMode {
  /** They are added. */
  record Append() implements WriteMode {}

  /** They replace all rows of the partitions that they touch. */
  record OverwritePartitions() implements WriteMode {}

  /**
   * One row for each key stays: the one with the highest ordering; nulls are lowest; among equals
   * the one that landed last.
   *
   * @param key at least one column
   * @param ordering null: what landed last wins
   * @param mergeOnRead delete old rows by position, or else rewrite their files
   */
  record Upsert(List<String> key, @Nullable String ordering, boolean mergeOnRead)
      implements WriteMode {}
}
