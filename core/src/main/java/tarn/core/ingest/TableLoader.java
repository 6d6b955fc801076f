package tarn.core.ingest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.iceberg.expressions.Expression;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.DatasetName;
import tarn.core.catalog.Datasets;
import tarn.core.catalog.RawInputs;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
import tarn.core.engine.LoadJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.QuarantineColumns;
import tarn.core.engine.WriteMode;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.TableDefinition;
import tarn.core.ledger.Ledger;
import tarn.core.observe.Progress;
import tarn.core.quality.RuleResult;
import tarn.core.table.At;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.SchemaChange;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableSpec;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/**
 * Hop 2: takes what the ledger has beyond a table's sequence number through the recipe into the
 * table. Rows, the quarantine's rows and the sequence number are one commit. Whatever happens
 * before it has no effect; after any doubt the table's own number tells where to go on.
 */
public final class TableLoader {
  private static final Logger LOG = LoggerFactory.getLogger(TableLoader.class);
  private static final int MAX_CONFLICTS = 8;

  /** What a commit that made a table anew is called in its history. */
  public static final String BACKFILL = "backfill";

  /** In the summary of such a commit: the definition before it, as the table's property had it. */
  public static final String DEFINITION_BEFORE = "tarn.definition-before";

  /**
   * The property that says what a rule for the table held up last: the ledger entry and a hash of
   * the results. A commit that changes nothing is none, so the same refusal is told once.
   */
  private static final String REFUSED = "tarn.refused";

  private final Ledger ledger;
  private final RawInputs inputs;
  private final Datasets datasets;
  private final TableStore tables;
  private final Engine engine;
  private final QualityGate gate;
  private final Duration timeout;

  public TableLoader(
      Ledger ledger,
      RawInputs inputs,
      Datasets datasets,
      TableStore tables,
      Engine engine,
      Duration timeout) {
    this.ledger = ledger;
    this.inputs = inputs;
    this.datasets = datasets;
    this.tables = tables;
    this.engine = engine;
    this.gate = new QualityGate(tables);
    this.timeout = timeout;
  }

  /**
   * What loading did.
   *
   * @param commits 0 if there was nothing new
   * @param warnings rules for the table that were not met, in one line each
   */
  public record Report(
      TableName table,
      int commits,
      long read,
      long stored,
      long superseded,
      long filtered,
      long quarantined,
      @Nullable Long snapshot,
      List<String> warnings) {

    static Report nothing(TableName table) {
      return new Report(table, 0, 0, 0, 0, 0, 0, null, List.of());
    }
  }

  /**
   * Brings a table up to date with the ledger. A changed definition holds for the rows that come,
   * or, if it says so, the table is made anew first.
   */
  public Report load(TableDefinition definition, Progress progress) {
    TableName name = TableName.parse(definition.table());
    Dataset dataset = dataset(definition);
    Report begun = Report.nothing(name);
    if (tables
        .load(name)
        .filter(state -> AppliedDefinition.asksForBackfill(definition, state))
        .isPresent()) {
      begun = rebuild(definition, progress);
    }
    return until(
        Attempt.Nothing.class, begun, "clean", progress, () -> attempt(definition, dataset, name));
  }

  /**
   * Makes a table anew from all that is in raw, with the definition as it is now, in one commit:
   * rows, columns, quarantine and sequence number are those of before, or those of now. All files
   * are read in one piece of work.
   *
   * @throws TarnException {@code BAD_REQUEST} for a table whose loads overwrite partitions, since
   *     raw does not tell which load a file was in
   */
  public Report rebuild(TableDefinition definition, Progress progress) {
    TableName name = TableName.parse(definition.table());
    Dataset dataset = dataset(definition);
    if (definition.write() == TableDefinition.Write.OVERWRITE) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          definition.file()
              + ": a table with write: overwrite cannot be made anew from raw, which does not tell what was loaded together");
    }
    if (tables.load(name).isEmpty()) {
      return load(definition, progress);
    }
    return until(
        Attempt.Done.class,
        Report.nothing(name),
        BACKFILL,
        progress,
        () -> rebuildOnce(definition, dataset, name));
  }

  static Report until(
      Class<? extends Attempt> last,
      Report begun,
      String stage,
      Progress progress,
      Supplier<Attempt> work) {
    Report total = begun;
    int conflicts = 0;
    while (true) {
      progress.report(stage, total.table().toString(), total.commits(), -1, "commits");
      Attempt attempt = Crashes.survive(total.table().toString(), work);
      if (attempt instanceof Attempt.Done done) {
        conflicts = 0;
        total = sum(total, done.report());
      } else if (attempt instanceof Attempt.Conflict && ++conflicts >= MAX_CONFLICTS) {
        throw new TarnException(
            ErrorCode.CONFLICT,
            "other writers changed "
                + total.table()
                + " first "
                + conflicts
                + " times; try again later");
      }
      if (last.isInstance(attempt)) {
        return total;
      }
    }
  }

  /** What one try to take the next batches came to. */
  sealed interface Attempt {
    /** There are no more. */
    record Nothing() implements Attempt {}

    /** Another writer was faster. */
    record Conflict() implements Attempt {}

    record Done(Report report) implements Attempt {}
  }

  private Attempt attempt(TableDefinition definition, Dataset dataset, TableName name) {
    Optional<TableState> present = tables.load(name);
    long consumed = present.map(TableState::ledgerSeq).orElse(0L);
    PendingFiles pending =
        PendingFiles.after(consumed, dataset, ledger, inputs, PendingFiles.Portion.OF_A_LOAD);
    if (pending.upTo() == consumed) {
      present.ifPresent(state -> defined(definition, state));
      return new Attempt.Nothing();
    }
    CompiledTable compiled = CompiledTable.of(definition, dataset, engine, tables);
    TableState state = prepared(name, definition, compiled);
    return state.ledgerSeq() == consumed
        ? commit(definition, compiled, state, pending)
        : new Attempt.Conflict();
  }

  // ---- what there is to do ----

  /** The dataset that a table is made from; it may not exist. */
  public static TableName from(TableDefinition definition) {
    String from = definition.from().toLowerCase(Locale.ROOT);
    return new TableName(DatasetName.NAMESPACE, from.startsWith("raw.") ? from.substring(4) : from);
  }

  Dataset dataset(TableDefinition definition) {
    TableName name = from(definition);
    return datasets
        .find(name)
        .orElseThrow(
            () ->
                new TarnException(
                    ErrorCode.NOT_FOUND,
                    definition.file()
                        + ": there is no dataset "
                        + name
                        + " yet: upload files to it and run `datalake crawl`"));
  }

  // ---- the table ----

  TableState prepared(TableName name, TableDefinition definition, CompiledTable compiled) {
    TableState state =
        tables
            .load(name)
            .orElseGet(
                () ->
                    create(
                        name,
                        compiled.spec(
                            definition, properties(definition, AppliedDefinition.of(definition)))));
    SchemaChange change = Evolution.between(state.schema(), compiled.output());
    return defined(definition, change.isEmpty() ? state : tables.evolve(state, change));
  }

  /** Lets a changed definition hold for the rows that come. */
  private TableState defined(TableDefinition definition, TableState state) {
    AppliedDefinition now = AppliedDefinition.of(definition);
    Map<String, String> wanted = properties(definition, now);
    boolean same =
        wanted.entrySet().stream()
            .allMatch(p -> p.getValue().equals(state.properties().getOrDefault(p.getKey(), "")));
    return same
        ? state
        : tables.define(
            state,
            definition.partition().stream().map(Definitions::partition).toList(),
            definition.sort().stream().map(Definitions::sort).toList(),
            wanted);
  }

  private static Map<String, String> properties(TableDefinition definition, AppliedDefinition now) {
    return Map.of(
        "comment",
        definition.description(),
        AppliedDefinition.PROPERTY,
        now.text(),
        TableState.KEY,
        TableState.keyText(definition.key()));
  }

  private TableState create(TableName name, TableSpec spec) {
    try {
      return tables.create(name, spec);
    } catch (TarnException e) {
      if (e.code() == ErrorCode.ALREADY_EXISTS) {
        return tables.load(name).orElseThrow(() -> e);
      }
      throw e;
    }
  }

  private static WriteMode mode(TableDefinition definition) {
    return switch (definition.write()) {
      case APPEND -> new WriteMode.Append();
      case OVERWRITE -> new WriteMode.OverwritePartitions();
      case UPSERT ->
          new WriteMode.Upsert(
              definition.key(),
              definition.ordering().orElse(null),
              definition.merge() == TableDefinition.Merge.MERGE_ON_READ);
    };
  }

  private TableState quarantine(TableName table) {
    TableName name = new TableName("quarantine", table.name());
    return tables
        .load(name)
        .orElseGet(
            () ->
                create(
                    name,
                    new TableSpec(
                        QuarantineColumns.SCHEMA,
                        List.of(),
                        List.of(),
                        2,
                        Map.of("comment", "records that did not get into " + table))));
  }

  // ---- the commit ----

  private Attempt commit(
      TableDefinition definition, CompiledTable compiled, TableState state, PendingFiles pending) {
    TableName name = state.name();
    if (pending.isEmpty()) {
      return commit(name, changes(state, NOTHING, pending, List.of(), List.of()), NOTHING);
    }
    Judged judged =
        judged(
            definition, compiled, state, pending, filter -> tables.scan(name, at(state), filter));
    if (judged.isRefused(definition)) {
      return refuse(state, judged, pending);
    }
    LoadResult result = judged.result();
    return warned(
        commit(
            name,
            changes(state, result, pending, judged.quality(), judged.quarantineUsed()),
            result),
        judged);
  }

  private Attempt rebuildOnce(TableDefinition definition, Dataset dataset, TableName name) {
    TableState base = tables.load(name).orElseThrow(() -> gone(name));
    PendingFiles all = PendingFiles.after(0, dataset, ledger, inputs, PendingFiles.Portion.ALL);
    CompiledTable compiled = CompiledTable.of(definition, dataset, engine, tables);
    TableSpec spec = compiled.spec(definition, Map.of());
    TableState shaped = tables.reshaped(base, spec);
    Scan nothing = new Scan(name, OptionalLong.empty(), shaped.schema(), List.of(), 0);
    Judged judged = judged(definition, compiled, shaped, all, filter -> nothing);
    if (judged.isRefused(definition)) {
      return refuse(base, judged, all);
    }
    LoadResult result = judged.result();
    Map<String, String> properties =
        new HashMap<>(properties(definition, AppliedDefinition.of(definition)));
    properties.put(TableState.LEDGER_SEQ, Long.toString(all.upTo()));
    Map<String, String> summary = summary(result, all, judged.quality());
    summary.put(DEFINITION_BEFORE, base.properties().getOrDefault(AppliedDefinition.PROPERTY, ""));
    List<TableChange> changes = new ArrayList<>();
    changes.add(
        new TableChange(
            base,
            new DataChange.Rebuild(spec, result.change().files()),
            properties,
            BACKFILL,
            summary));
    quarantineOf(name, judged)
        .ifPresent(
            quarantine ->
                changes.add(
                    new TableChange(
                        quarantine,
                        new DataChange.ReplaceAll(result.quarantined()),
                        Map.of(),
                        "quarantine",
                        quarantineSummary(name, all))));
    return warned(commit(name, changes, result), judged);
  }

  Optional<TableState> quarantineOf(TableName table, Judged judged) {
    return judged.result().quarantined().isEmpty()
        ? tables
            .load(new TableName("quarantine", table.name()))
            .filter(state -> state.snapshotId().isPresent())
        : Optional.of(judged.quarantineUsed().get(judged.quarantineUsed().size() - 1));
  }

  private static TarnException gone(TableName name) {
    return new TarnException(ErrorCode.CONFLICT, name + " was dropped meanwhile");
  }

  /** A load that is written and not committed, and what the rules say of it. */
  record Judged(LoadResult result, List<RuleResult> quality, List<TableState> quarantineUsed) {

    boolean isRefused(TableDefinition definition) {
      return definition.onFailure() == TableDefinition.OnFailure.FAIL && !failures().isEmpty();
    }

    List<String> failures() {
      return QualityGate.failures(quality);
    }
  }

  Judged judged(
      TableDefinition definition,
      CompiledTable compiled,
      TableState state,
      PendingFiles pending,
      Function<Expression, Scan> existing) {
    List<TableState> quarantineUsed = new ArrayList<>();
    LoadJob job =
        new LoadJob(
            state,
            pending.inputs(),
            pending.unreadable(),
            compiled.columns(),
            compiled.steps(),
            compiled.rules(),
            compiled.quality().measures(),
            compiled.joins()::scan,
            mode(definition),
            existing,
            () -> {
              TableState quarantine = quarantine(state.name());
              quarantineUsed.add(quarantine);
              return quarantine;
            },
            timeout);
    gate.checkReady(definition.file(), compiled.quality());
    LoadResult result = engine.load(job);
    return new Judged(result, gate.judge(compiled.quality(), result), quarantineUsed);
  }

  static Attempt warned(Attempt attempt, Judged judged) {
    return attempt instanceof Attempt.Done done
        ? new Attempt.Done(warning(done.report(), judged.failures()))
        : attempt;
  }

  private static final LoadResult NOTHING =
      new LoadResult(new DataChange.None(), List.of(), 0, 0, 0, 0, 0, 0, 0, Map.of(), Map.of());

  private static List<TableChange> changes(
      TableState state,
      LoadResult result,
      PendingFiles pending,
      List<RuleResult> quality,
      List<TableState> quarantineUsed) {
    String upTo = Long.toString(pending.upTo());
    List<TableChange> changes = new ArrayList<>();
    changes.add(
        new TableChange(
            state,
            result.change(),
            Map.of(TableState.LEDGER_SEQ, upTo),
            "load",
            summary(result, pending, quality)));
    if (!result.quarantined().isEmpty()) {
      changes.add(
          new TableChange(
              quarantineUsed.get(quarantineUsed.size() - 1),
              new DataChange.Append(result.quarantined()),
              Map.of(),
              "quarantine",
              quarantineSummary(state.name(), pending)));
    }
    return changes;
  }

  static Map<String, String> quarantineSummary(TableName table, PendingFiles pending) {
    return Map.of(
        "tarn.table", table.toString(), TableState.LEDGER_SEQ, Long.toString(pending.upTo()));
  }

  Attempt commit(TableName name, List<TableChange> changes, LoadResult result) {
    CommitOutcome outcome = tables.commit(changes);
    if (outcome instanceof CommitOutcome.Conflict conflict) {
      LOG.info("{} is loaded again: {}", name, conflict.why());
      return new Attempt.Conflict();
    }
    TableState now = ((CommitOutcome.Committed) outcome).states().get(0);
    return new Attempt.Done(
        new Report(
            name,
            1,
            result.read(),
            result.stored(),
            result.superseded(),
            result.filtered(),
            result.rejected(),
            now.snapshotId().isPresent() ? now.snapshotId().getAsLong() : null,
            List.of()));
  }

  // ---- quality ----

  private static Report warning(Report report, List<String> failures) {
    return new Report(
        report.table(),
        report.commits(),
        report.read(),
        report.stored(),
        report.superseded(),
        report.filtered(),
        report.quarantined(),
        report.snapshot(),
        failures);
  }

  /**
   * Leaves rows, quarantine and offset as they are; the table's history tells what was refused,
   * once for the same batches and numbers.
   */
  private Attempt refuse(TableState state, Judged judged, PendingFiles pending) {
    List<RuleResult> quality = judged.quality();
    Map<String, String> summary = summary(judged.result(), pending, quality);
    String upTo = Long.toString(pending.upTo());
    summary.put(RuleResult.REFUSED_UP_TO, upTo);
    String what = upTo + "/" + Integer.toHexString(RuleResult.write(quality).hashCode());
    CommitOutcome outcome =
        tables.commit(
            List.of(
                new TableChange(
                    state,
                    new DataChange.None(),
                    Map.of(REFUSED, what),
                    RuleResult.REFUSED,
                    summary)));
    if (outcome instanceof CommitOutcome.Conflict) {
      return new Attempt.Conflict();
    }
    throw new TarnException(
        ErrorCode.QUALITY_FAILED,
        state.name()
            + ": "
            + String.join("; ", judged.failures())
            + "; ledger entries "
            + (state.ledgerSeq() + 1)
            + " to "
            + upTo
            + " wait: land what is missing, change the rule, or write on_failure: warn");
  }

  static At at(TableState state) {
    return state.snapshotId().isPresent()
        ? new At.Snapshot(state.snapshotId().getAsLong())
        : new At.Now();
  }

  static Map<String, String> summary(
      LoadResult result, PendingFiles pending, List<RuleResult> quality) {
    Map<String, String> summary = new HashMap<>();
    if (!quality.isEmpty()) {
      summary.put(RuleResult.SUMMARY, RuleResult.write(quality));
    }
    summary.put(
        "tarn.files", Integer.toString(pending.inputs().size() + pending.unreadable().size()));
    summary.put("tarn.files-slow", Integer.toString(result.slowFiles()));
    summary.put("tarn.files-unreadable", Integer.toString(pending.unreadable().size()));
    summary.put("tarn.read", Long.toString(result.read()));
    summary.put("tarn.stored", Long.toString(result.stored()));
    summary.put("tarn.superseded", Long.toString(result.superseded()));
    summary.put("tarn.filtered", Long.toString(result.filtered()));
    summary.put("tarn.quarantined", Long.toString(result.rejected()));
    return summary;
  }

  private static Report sum(Report a, Report b) {
    return new Report(
        a.table(),
        a.commits() + b.commits(),
        a.read() + b.read(),
        a.stored() + b.stored(),
        a.superseded() + b.superseded(),
        a.filtered() + b.filtered(),
        a.quarantined() + b.quarantined(),
        b.snapshot(),
        Stream.concat(a.warnings().stream(), b.warnings().stream()).distinct().toList());
  }
}
