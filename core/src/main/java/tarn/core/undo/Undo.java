package tarn.core.undo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.AppliedDefinition;
import tarn.core.ingest.Replay;
import tarn.core.ingest.TableLoader;
import tarn.core.model.ModelRunner;
import tarn.core.source.Copies;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
import tarn.core.table.SnapshotInfo;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/**
 * Takes back the newest commit of a table. Its rows are as they were before, and what it consumed
 * is not consumed: the next run loads the batches again, or makes the model anew. A load's
 * quarantined rows are taken back in the same transaction. The commit itself stays in the history,
 * and its snapshot can be read until it expires.
 */
public final class Undo {
  private static final int HISTORY = 10_000;

  /** What changes no row is no commit to take back: it goes with the one below it. */
  private static final Set<String> HOUSEKEEPING =
      Set.of(
          "compact",
          "define",
          "evolve",
          "expire",
          "load-refused",
          "model-refused",
          "rewrite-manifests");

  private final TableStore tables;

  public Undo(TableStore tables) {
    this.tables = tables;
  }

  /**
   * What was taken back.
   *
   * @param table of which table
   * @param operation what the commit was: {@code load}, {@code model}
   * @param undone the snapshot that it had made; null if it made none
   * @param now the snapshot that holds again; null for a table without rows
   * @param ledgerSeq the ledger sequence consumed now; null if the table consumes no ledger
   */
  public record Report(
      TableName table,
      String operation,
      @Nullable Long undone,
      @Nullable Long now,
      @Nullable Long ledgerSeq) {}

  /**
   * Takes it back.
   *
   * @throws TarnException {@code NOT_FOUND} for a table that is not there, {@code BAD_REQUEST} if
   *     there is no commit to take back, what was before has expired, or the table is a quarantine,
   *     {@code CONFLICT} if another commit came first; nothing is changed then
   */
  public Report undo(TableName name) {
    if (name.namespace().equals("quarantine")) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "rows leave quarantine with the load that put them there: undo clean." + name.name());
    }
    TableState state =
        tables
            .load(name)
            .orElseThrow(
                () ->
                    new TarnException(
                        ErrorCode.NOT_FOUND,
                        "there is no table "
                            + name
                            + "; `datalake tables` lists those that there are"));
    if (state.properties().containsKey(Copies.OF)) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          name
              + " is a copy of "
              + state.properties().get(Copies.OF)
              + " and moves together with the others of that source: undo it there");
    }
    List<SnapshotInfo> history = tables.history(name, HISTORY);
    List<Commit> commits = standing(history);
    if (commits.size() < 2) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST, name + " has no commit that could be taken back");
    }
    Commit newest = commits.get(0);
    Commit before = commits.get(1);
    Long snapshot = before.snapshot;
    if (snapshot != null
        && history.stream().noneMatch(i -> snapshot.equals(i.snapshotId()) && i.readable())) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "the snapshot "
              + snapshot
              + " of "
              + name
              + ", which held before its newest commit, has expired: that commit cannot be taken back any more");
    }
    List<TableChange> changes = new ArrayList<>();
    changes.add(rollback(state, newest, before));
    boolean ofRaw =
        newest.info.operation().equals("load")
            || newest.info.operation().equals(TableLoader.BACKFILL)
            || newest.info.operation().equals(Replay.OPERATION);
    if (ofRaw && newest.info.ledgerSeq() != null) {
      quarantine(name, newest.info.ledgerSeq()).ifPresent(changes::add);
    }
    CommitOutcome outcome = tables.commit(changes);
    if (outcome instanceof CommitOutcome.Conflict conflict) {
      throw new TarnException(
          ErrorCode.CONFLICT,
          "another commit came first ("
              + conflict.why()
              + "): look at the history, then try again");
    }
    return new Report(
        name,
        newest.info.operation(),
        Objects.equals(newest.snapshot, before.snapshot) ? null : newest.snapshot,
        before.snapshot,
        before.info.ledgerSeq());
  }

  /** A commit that was not taken back, and the snapshot that held after it. */
  private record Commit(SnapshotInfo info, @Nullable Long snapshot) {}

  /** Commits that hold, newest first; the last one made the table. */
  private static List<Commit> standing(List<SnapshotInfo> newestFirst) {
    List<SnapshotInfo> history = new ArrayList<>(newestFirst);
    Collections.reverse(history);
    Deque<Commit> standing = new ArrayDeque<>();
    for (SnapshotInfo info : history) {
      Commit last = standing.peek();
      Long snapshot = info.snapshotId();
      if (info.operation().equals("undo")) {
        standing.poll();
      } else if (last == null || !HOUSEKEEPING.contains(info.operation())) {
        standing.push(
            new Commit(info, snapshot == null && last != null ? last.snapshot : snapshot));
      } else if (snapshot != null) { // the same rows in other files
        standing.pop();
        standing.push(new Commit(last.info, snapshot));
      }
    }
    return List.copyOf(standing);
  }

  private static TableChange rollback(TableState state, Commit newest, Commit before) {
    Map<String, String> properties = new HashMap<>();
    if (state.properties().containsKey(TableState.LEDGER_SEQ)) {
      Long consumed = before.info.ledgerSeq();
      properties.put(TableState.LEDGER_SEQ, Long.toString(consumed == null ? 0 : consumed));
    } else if (state.properties().containsKey(ModelRunner.INPUTS)) {
      properties.put(ModelRunner.INPUTS, "");
    }
    String definition = newest.info.summary().get(TableLoader.DEFINITION_BEFORE);
    if (definition != null) {
      properties.put(AppliedDefinition.PROPERTY, definition);
    }
    return new TableChange(
        state,
        new DataChange.Rollback(before.snapshot),
        properties,
        "undo",
        Map.of("tarn.undone", newest.info.operation() + " of version " + newest.info.version()));
  }

  /** The change that takes a load's rows out of quarantine, if its newest commit is the load's. */
  private Optional<TableChange> quarantine(TableName table, long ledgerSeq) {
    TableName name = new TableName("quarantine", table.name());
    Optional<TableState> state = tables.load(name);
    if (state.isEmpty()) {
      return Optional.empty();
    }
    List<Commit> commits = standing(tables.history(name, HISTORY));
    boolean ofTheLoad =
        commits.size() > 1
            && Long.toString(ledgerSeq)
                .equals(commits.get(0).info.summary().get(TableState.LEDGER_SEQ));
    return ofTheLoad
        ? Optional.of(rollback(state.get(), commits.get(0), commits.get(1)))
        : Optional.empty();
  }
}
