package tarn.core.ingest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.RawInputs;
import tarn.core.engine.BuildJob;
import tarn.core.engine.Engine;
import tarn.core.engine.LoadJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawInput;
import tarn.core.engine.Relation;
import tarn.core.engine.View;
import tarn.core.engine.plan.Rule;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.TableDefinition;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.Spans;
import tarn.core.ledger.Whereabouts;
import tarn.core.ledger.Whereabouts.Span;
import tarn.core.observe.Progress;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;
import tarn.core.table.WrittenFile;

/**
 * Takes events that a table has had through its definition again, as that is now. Rows that came of
 * a span of the ledger's batches are replaced by those that come of it now, in one commit, however
 * often and beside loads of newer batches. Where rows of different batches depend on each other (a
 * key, a rule about the whole table), or do not tell their batch, the table is made anew instead.
 */
public final class Replay {
  /** What a commit is called in a table's history. */
  public static final String OPERATION = "replay";

  private static final int ATTEMPTS = 5;
  private static final String OLD = "old_rows";
  private static final String QUARANTINE_BATCH = "ledger_seq";

  private final TableLoader loader;
  private final Ledger ledger;
  private final Whereabouts whereabouts;
  private final RawInputs inputs;
  private final TableStore tables;
  private final Engine engine;
  private final Duration timeout;

  public Replay(
      TableLoader loader,
      Ledger ledger,
      Whereabouts whereabouts,
      RawInputs inputs,
      TableStore tables,
      Engine engine,
      Duration timeout) {
    this.loader = loader;
    this.ledger = ledger;
    this.whereabouts = whereabouts;
    this.inputs = inputs;
    this.tables = tables;
    this.engine = engine;
    this.timeout = timeout;
  }

  /**
   * What is to be done to a table.
   *
   * @param batches whose rows are replaced: those asked for, and those whose events lie in the same
   *     files; of a table that is made anew, all
   * @param anew why the table is made anew; empty if it is not
   * @param files how many files of raw are read; 0 for nothing to do
   * @param bytes their sizes
   */
  public record Plan(TableName table, Spans batches, String anew, int files, long bytes) {}

  /** Tells what {@link #run} would do. */
  public Plan plan(TableDefinition definition, Spans asked) {
    TableName name = TableName.parse(definition.table());
    Dataset dataset = loader.dataset(definition);
    Optional<TableState> present = tables.load(name);
    long taken = present.map(TableState::ledgerSeq).orElse(0L);
    if (present.isEmpty() || asked.upTo(taken).isEmpty()) {
      return new Plan(name, asked, "", 0, 0);
    }
    String anew = whyAnew(definition, dataset, present.get());
    Located found =
        anew.isEmpty() ? locate(dataset, asked, taken) : all(dataset, Spans.of(new Span(1, taken)));
    PendingFiles files = found.files();
    long bytes = files.inputs().stream().mapToLong(i -> i.file().bytes()).sum();
    int count = files.inputs().size() + files.unreadable().size();
    return new Plan(name, found.batches(), anew, count, bytes);
  }

  /** Replays; a table that has none of the batches is left as it is. */
  public TableLoader.Report run(TableDefinition definition, Spans asked, Progress progress) {
    Plan plan = plan(definition, asked);
    if (plan.files() == 0) {
      return TableLoader.Report.nothing(plan.table());
    } else if (!plan.anew().isEmpty()) {
      return loader.rebuild(definition, progress);
    }
    return TableLoader.until(
        TableLoader.Attempt.Done.class,
        TableLoader.Report.nothing(plan.table()),
        OPERATION,
        progress,
        () -> once(definition, asked));
  }

  private String whyAnew(TableDefinition definition, Dataset dataset, TableState state) {
    CompiledTable compiled = CompiledTable.of(definition, dataset, engine, tables);
    if (definition.write() == TableDefinition.Write.OVERWRITE) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          definition.file() + ": a table with write: overwrite cannot be replayed");
    } else if (definition.write() != TableDefinition.Write.APPEND) {
      return "it has a key: which row stays depends on all of them";
    } else if (compiled.rules().stream().anyMatch(rule -> rule instanceof Rule.Unique)
        || !compiled.quality().measures().isEmpty()) {
      return "it has a rule about all of its rows";
    } else if (AppliedDefinition.asksForBackfill(definition, state)) {
      return "its definition has changed and asks for that (on_change: backfill)";
    } else if (!tellsBatch(state)
        || compiled.output().stream().noneMatch(c -> isBatch(c.name(), c.type()))) {
      return "its rows have no column " + RawInput.BATCH;
    } else if (state.snapshotId().isPresent()
        && !tables
            .scan(state.name(), TableLoader.at(state), Expressions.isNull(RawInput.BATCH))
            .files()
            .isEmpty()) {
      return "some of its rows do not tell their batch in " + RawInput.BATCH;
    }
    return "";
  }

  private static boolean tellsBatch(TableState state) {
    Types.NestedField field = state.schema().findField(RawInput.BATCH);
    return field != null && isBatch(field.name(), field.type());
  }

  private static boolean isBatch(String name, Type type) {
    return name.equals(RawInput.BATCH) && type.typeId() == Type.TypeID.LONG;
  }

  /** Batches that can be read without others, and the files with their events. */
  private record Located(Spans batches, PendingFiles files) {}

  private Located all(Dataset dataset, Spans batches) {
    List<RawInput> inputs = new ArrayList<>();
    List<LoadJob.Unreadable> unreadable = new ArrayList<>();
    for (Span span : batches.spans()) {
      PendingFiles some = files(dataset, span);
      inputs.addAll(some.inputs());
      unreadable.addAll(some.unreadable());
    }
    return new Located(batches, new PendingFiles(inputs, unreadable, batches.last()));
  }

  private PendingFiles files(Dataset dataset, Span span) {
    return PendingFiles.between(
            span.first() - 1, span.last(), dataset, ledger, inputs, PendingFiles.Portion.ALL)
        .ofEvents();
  }

  /** Those asked for, as they lie now: a compaction beside may put others to them. */
  private Located locate(Dataset dataset, Spans asked, long taken) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Spans batches = whole(dataset.source(), asked, taken);
      try {
        Located found = all(dataset, batches);
        if (batches.equals(whole(dataset.source(), asked, taken))) {
          return found;
        }
      } catch (TarnException e) {
        if (e.code() != ErrorCode.CONFLICT
            || batches.equals(whole(dataset.source(), asked, taken))) {
          throw e;
        }
      }
    }
    throw new TarnException(
        ErrorCode.CONFLICT,
        "files of " + dataset.name() + " are compacted while they are listed; try again");
  }

  private TableLoader.Attempt once(TableDefinition definition, Spans asked) {
    TableName name = TableName.parse(definition.table());
    Dataset dataset = loader.dataset(definition);
    CompiledTable compiled = CompiledTable.of(definition, dataset, engine, tables);
    TableState state = loader.prepared(name, definition, compiled);
    long taken = state.ledgerSeq();
    if (asked.upTo(taken).isEmpty()) {
      return new TableLoader.Attempt.Done(TableLoader.Report.nothing(name));
    }
    Located found = locate(dataset, asked, taken);
    PendingFiles files = found.files();
    Replaced old = old(state, RawInput.BATCH, found.batches());
    Scan others =
        new Scan(
            name, state.snapshotId(), state.schema(), List.of(), old.scan().filesBeforePruning());
    TableLoader.Judged judged = loader.judged(definition, compiled, state, files, filter -> others);
    LoadResult result = judged.result();
    Map<String, String> summary = TableLoader.summary(result, files, judged.quality());
    summary.put("tarn.replayed", found.batches().toString());
    List<TableChange> changes = new ArrayList<>();
    changes.add(
        new TableChange(state, old.with(result.change().files()), Map.of(), OPERATION, summary));
    loader
        .quarantineOf(name, judged)
        .map(quarantine -> quarantined(quarantine, state, result.quarantined(), found.batches()))
        .ifPresent(changes::add);
    return TableLoader.warned(loader.commit(name, changes, result), judged);
  }

  private Spans whole(SourceName source, Spans asked, long taken) {
    Spans whole = asked.upTo(taken).with(span -> whereabouts.whole(source, span));
    if (whole.last() > taken) {
      throw new TarnException(
          ErrorCode.CONFLICT,
          "the table has a part of the events of batches "
              + whole.spans().get(whole.spans().size() - 1).first()
              + " to "
              + whole.last()
              + ", which lie together: make it anew with `datalake backfill`");
    }
    return whole;
  }

  private TableChange quarantined(
      TableState quarantine, TableState table, List<WrittenFile> rows, Spans batches) {
    return new TableChange(
        quarantine,
        old(quarantine, QUARANTINE_BATCH, batches).with(rows),
        Map.of(),
        "quarantine",
        Map.of(
            "tarn.table",
            table.name().toString(),
            TableState.LEDGER_SEQ,
            Long.toString(table.ledgerSeq())));
  }

  /**
   * Files that may have rows of some batches, and new files with those of their rows that are not.
   *
   * @param about true of rows of these batches
   */
  private record Replaced(Scan scan, List<WrittenFile> kept, Expression about) {
    DataChange with(List<WrittenFile> rows) {
      List<WrittenFile> files = new ArrayList<>(kept);
      files.addAll(rows);
      return scan.files().isEmpty() && files.isEmpty()
          ? new DataChange.None()
          : new DataChange.CopyOnWrite(scan.files(), files, about);
    }
  }

  private Replaced old(TableState state, String column, Spans batches) {
    Expression about =
        batches.spans().stream()
            .<Expression>map(
                span ->
                    Expressions.and(
                        Expressions.greaterThanOrEqual(column, span.first()),
                        Expressions.lessThanOrEqual(column, span.last())))
            .reduce(Expressions.alwaysFalse(), Expressions::or);
    if (state.snapshotId().isEmpty()) {
      Scan none = new Scan(state.name(), state.snapshotId(), state.schema(), List.of(), 0);
      return new Replaced(none, List.of(), about);
    }
    Scan scan = tables.scan(state.name(), TableLoader.at(state), about);
    if (scan.files().isEmpty()) {
      return new Replaced(scan, List.of(), about);
    }
    String rows =
        batches.spans().stream()
            .map(span -> column + " BETWEEN " + span.first() + " AND " + span.last())
            .collect(Collectors.joining(" OR "));
    String sql = "SELECT * FROM " + OLD + " WHERE " + column + " IS NULL OR NOT (" + rows + ")";
    List<View> views = List.of(new View(OLD, new Relation.OfTable(scan)));
    return new Replaced(scan, engine.build(new BuildJob(state, sql, views, timeout)), about);
  }
}
