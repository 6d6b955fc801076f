package tarn.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tarn.api.TableRun;

/**
 * When tables that are loaded again and again by the server itself are due to be maintained: after
 * so many commits, each of which brought a small file and a snapshot. Safe for use by many threads.
 */
final class TableUpkeep {
  /** So many commits are worth a compaction. */
  private static final int MANY_COMMITS = 100;

  private static final Duration LEFTOVERS_EVERY = Duration.ofHours(1);

  private final Map<String, Integer> commits = new HashMap<>();
  private long removedNanos = System.nanoTime();

  /** Tables were loaded. */
  synchronized void loaded(List<TableRun> runs) {
    for (TableRun run : runs) {
      if (run.outcome().equals("written")) {
        commits.merge(run.table(), 1, Integer::sum);
      }
    }
  }

  /**
   * Maintains those that are due, whichever of them fail; then the first failure is thrown, with
   * the others. One whose maintenance fails is due again after as many commits.
   */
  void maintain(Consumer<String> maintain) {
    List<RuntimeException> failures = new ArrayList<>();
    for (String table : due()) {
      try {
        maintain.accept(table);
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.get(0);
      failures.subList(1, failures.size()).forEach(first::addSuppressed);
      throw first;
    }
  }

  private synchronized List<String> due() {
    List<String> due =
        commits.entrySet().stream()
            .filter(table -> table.getValue() >= MANY_COMMITS)
            .map(Map.Entry::getKey)
            .toList();
    due.forEach(commits::remove);
    return due;
  }

  /** Whether an hour has passed since this was so before. */
  synchronized boolean leftoversAreDue() {
    boolean due = System.nanoTime() - removedNanos > LEFTOVERS_EVERY.toNanos();
    if (due) {
      removedNanos = System.nanoTime();
    }
    return due;
  }
}
