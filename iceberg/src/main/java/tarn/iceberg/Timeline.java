package tarn.iceberg;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongFunction;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.At;
import tarn.core.table.Changelog.FileChange;
import tarn.core.table.Changelog.Step;
import tarn.core.table.ScanFile;
import tarn.core.table.TableName;

/**
 * The states that a table went through, as far as they are kept: Iceberg's log of its main branch.
 * An older state that holds again after an undo stands in it twice.
 */
final class Timeline {
  /** Before the first state. */
  private static final int BEGINNING = -1;

  private final TableName name;
  private final Table table;
  private final List<State> states = new ArrayList<>();

  /**
   * A state.
   *
   * @param snapshot null for no rows
   */
  private record State(@Nullable Snapshot snapshot, Instant at) {
    boolean is(long id) {
      return snapshot != null && snapshot.snapshotId() == id;
    }
  }

  Timeline(TableName name, Table table) {
    this.name = name;
    this.table = table;
    for (HistoryEntry entry : table.history()) {
      Snapshot snapshot = table.snapshot(entry.snapshotId());
      if (snapshot == null) {
        states.clear(); // what was before is not known any more
      } else {
        states.add(new State(snapshot, Instant.ofEpochMilli(entry.timestampMillis())));
      }
    }
    if (table.currentSnapshot() == null && !states.isEmpty()) {
      states.add(new State(null, Instant.ofEpochMilli(metadata().lastUpdatedMillis())));
    }
  }

  /**
   * The commits between two states that changed rows.
   *
   * @param files of a snapshot
   */
  List<Step> steps(At since, At until, LongFunction<List<ScanFile>> files) {
    int last = until(until);
    int first = since(since, last);
    List<Step> steps = new ArrayList<>();
    List<ScanFile> before = null;
    for (int i = first + 1; i <= last; i++) {
      State state = states.get(i);
      State earlier = i == 0 ? null : states.get(i - 1);
      if (isSameRows(earlier, state)) {
        before = null;
        continue;
      }
      if (before == null) {
        before = files(earlier, files);
      }
      List<ScanFile> after = files(state, files);
      Snapshot snapshot = state.snapshot();
      steps.add(
          new Step(
              snapshot == null ? null : snapshot.snapshotId(),
              state.at(),
              differences(before, after)));
      before = after;
    }
    return steps;
  }

  /** Compaction writes the rows of the state before it in other files. */
  private static boolean isSameRows(@Nullable State before, State state) {
    return before != null
        && before.snapshot() != null
        && state.snapshot() != null
        && DataOperations.REPLACE.equals(state.snapshot().operation())
        && Objects.equals(state.snapshot().parentId(), before.snapshot().snapshotId());
  }

  private static List<ScanFile> files(@Nullable State state, LongFunction<List<ScanFile>> files) {
    return state == null || state.snapshot() == null
        ? List.of()
        : files.apply(state.snapshot().snapshotId());
  }

  private static List<FileChange> differences(List<ScanFile> before, List<ScanFile> after) {
    Map<String, ScanFile> gone = new HashMap<>();
    before.forEach(file -> gone.put(file.uri(), file));
    List<FileChange> changes = new ArrayList<>();
    for (ScanFile file : after) {
      ScanFile earlier = gone.remove(file.uri());
      if (earlier == null || !earlier.deletes().equals(file.deletes())) {
        changes.add(new FileChange(earlier, file));
      }
    }
    for (ScanFile file : before) {
      if (gone.containsKey(file.uri())) {
        changes.add(new FileChange(file, null));
      }
    }
    return changes;
  }

  // ---- which states ----

  private int until(At until) {
    if (until instanceof At.Snapshot wanted) {
      int found = last(wanted.id(), states.size() - 1);
      if (found < 0) {
        throw unknown("snapshot " + wanted.id());
      }
      return found;
    }
    return until instanceof At.Time time ? asOf(time.when()) : states.size() - 1;
  }

  private int since(At since, int upTo) {
    if (since instanceof At.Snapshot wanted) {
      int found = last(wanted.id(), upTo);
      if (found >= 0) {
        return found;
      }
      throw last(wanted.id(), states.size() - 1) < 0
          ? unknown("snapshot " + wanted.id())
          : backwards();
    } else if (since instanceof At.Time time) {
      int found = asOf(time.when());
      if (found == BEGINNING && !isWhole()) {
        throw unknown("snapshot as old as " + time.when());
      } else if (found > upTo) {
        throw backwards();
      }
      return found;
    }
    return upTo;
  }

  private int last(long snapshot, int upTo) {
    int at = upTo;
    while (at >= 0 && !states.get(at).is(snapshot)) {
      at--;
    }
    return at;
  }

  private int asOf(Instant time) {
    int at = states.size() - 1;
    while (at >= 0 && states.get(at).at().isAfter(time)) {
      at--;
    }
    return at;
  }

  /** Whether the first state is the first that there ever was. */
  private boolean isWhole() {
    if (states.isEmpty()) {
      return metadata().lastSequenceNumber() == 0;
    }
    Snapshot first = states.get(0).snapshot();
    return first != null && first.parentId() == null && first.sequenceNumber() <= 1;
  }

  private TableMetadata metadata() {
    return ((HasTableOperations) table).operations().current();
  }

  private TarnException unknown(String what) {
    String from =
        states.isEmpty() || states.get(0).snapshot() == null
            ? "none of its changes are kept"
            : "its changes are kept since "
                + states.get(0).at()
                + ", snapshot "
                + states.get(0).snapshot().snapshotId();
    return new TarnException(
        ErrorCode.NOT_FOUND, name + " has no " + what + " (or it has expired): " + from);
  }

  private TarnException backwards() {
    return new TarnException(
        ErrorCode.BAD_REQUEST,
        "the last state of " + name + " that is asked for is before the first");
  }
}
