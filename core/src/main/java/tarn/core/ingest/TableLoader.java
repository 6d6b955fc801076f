package tarn.core.ingest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.DatasetLayout;
import tarn.core.catalog.DatasetName;
import tarn.core.catalog.Datasets;
import tarn.core.catalog.RawInputs;
import tarn.core.engine.Column;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
import tarn.core.engine.LoadJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.QuarantineColumns;
import tarn.core.engine.RawInput;
import tarn.core.engine.WriteMode;
import tarn.core.engine.plan.Rule;
import tarn.core.engine.plan.Step;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.TableDefinition;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.observe.Progress;
import tarn.core.quality.CompiledRules;
import tarn.core.quality.Outcome;
import tarn.core.quality.Quality;
import tarn.core.quality.RuleResult;
import tarn.core.quality.Seen;
import tarn.core.quality.TableRule;
import tarn.core.recipe.CompiledRecipe;
import tarn.core.recipe.Recipe;
import tarn.core.table.At;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
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
  private static final int PAGE = 500;

  /**
   * A commit takes at least one batch and stops after so much, so that memory and the cost of a
   * failure are bounded.
   */
  private static final long COMMIT_BYTES = 8L << 30;

  private static final int COMMIT_FILES = 2_000;
  private static final int MAX_CONFLICTS = 8;

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
      List<String> warnings) {}

  /** Brings a table up to date with the ledger. */
  public Report load(TableDefinition definition, Progress progress) {
    TableName name = TableName.parse(definition.table());
    Dataset dataset = dataset(definition);
    Report total = new Report(name, 0, 0, 0, 0, 0, 0, null, List.of());
    int conflicts = 0;
    while (true) {
      progress.report("clean", name.toString(), total.commits(), -1, "commits");
      Attempt attempt = Crashes.survive(name.toString(), () -> attempt(definition, dataset, name));
      if (attempt instanceof Attempt.Nothing) {
        return total;
      } else if (attempt instanceof Attempt.Done done) {
        conflicts = 0;
        total = sum(total, done.report());
      } else if (++conflicts >= MAX_CONFLICTS) {
        throw new TarnException(
            ErrorCode.CONFLICT,
            "other writers changed " + name + " first " + conflicts + " times; try again later");
      }
    }
  }

  /** What one try to take the next batches came to. */
  private sealed interface Attempt {
    /** There are no more. */
    record Nothing() implements Attempt {}

    /** Another writer was faster. */
    record Conflict() implements Attempt {}

    record Done(Report report) implements Attempt {}
  }

  private Attempt attempt(TableDefinition definition, Dataset dataset, TableName name) {
    long consumed = tables.load(name).map(TableState::ledgerSeq).orElse(0L);
    Pending pending = pending(dataset, consumed);
    if (pending.upTo() == consumed) {
      return new Attempt.Nothing();
    }
    Plan plan = plan(definition, dataset);
    TableState state = prepared(name, definition, plan);
    return state.ledgerSeq() == consumed
        ? commit(definition, plan, state, pending)
        : new Attempt.Conflict();
  }

  // ---- what there is to do ----

  /** The dataset that a table is made from; it may not exist. */
  public static TableName from(TableDefinition definition) {
    String from = definition.from().toLowerCase(Locale.ROOT);
    return new TableName(DatasetName.NAMESPACE, from.startsWith("raw.") ? from.substring(4) : from);
  }

  private Dataset dataset(TableDefinition definition) {
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

  /** The definition, compiled for the columns that the dataset has now. */
  private record Plan(
      List<Column> columns, List<Step> steps, CompiledRules quality, List<Column> output) {

    List<Rule> rules() {
      return quality.rules();
    }
  }

  private Plan plan(TableDefinition definition, Dataset dataset) {
    List<Column> columns = columns(definition, dataset);
    CompiledRecipe recipe =
        Recipe.compile(definition.recipe(), columns.stream().map(Column::name).toList());
    if (!recipe.problems().isEmpty()) {
      throw LakeFolder.failure(recipe.problems());
    }
    List<Column> output = engine.describe(columns, recipe.steps());
    CompiledRules rules = Quality.compile(definition.quality(), output);
    if (!rules.problems().isEmpty()) {
      throw LakeFolder.failure(rules.problems());
    }
    return new Plan(columns, recipe.steps(), rules, output);
  }

  private static List<Column> columns(TableDefinition definition, Dataset dataset) {
    Map<String, Type.PrimitiveType> declared = new HashMap<>();
    definition
        .columns()
        .forEach((column, type) -> declared.put(column.toLowerCase(Locale.ROOT), type));
    List<Column> columns = new ArrayList<>();
    for (Column column : dataset.columns()) {
      Type type = declared.remove(column.name().toLowerCase(Locale.ROOT));
      columns.add(type == null ? column : new Column(column.name(), type));
    }
    definition
        .columns()
        .forEach(
            (column, type) -> {
              if (declared.containsKey(column.toLowerCase(Locale.ROOT))) {
                columns.add(new Column(column, type));
              }
            });
    return columns;
  }

  /**
   * Batches to take in one commit.
   *
   * @param upTo the table's sequence number afterwards
   */
  private record Pending(List<RawInput> inputs, List<LoadJob.Unreadable> unreadable, long upTo) {}

  private Pending pending(Dataset dataset, long after) {
    List<RawInput> readable = new ArrayList<>();
    List<LoadJob.Unreadable> unreadable = new ArrayList<>();
    long bytes = 0;
    long upTo = after;
    while (bytes < COMMIT_BYTES && readable.size() < COMMIT_FILES) {
      List<Batch> page = ledger.batches(Set.of(dataset.source()), upTo, PAGE);
      for (Batch batch : page) {
        if (batch.seq() > dataset.crawledSeq()) {
          return new Pending(readable, unreadable, upTo); // it may have columns nobody knows yet
        }
        for (RawFile file : ledger.files(batch.seq())) {
          DatasetLayout.Spot spot = inputs.spot(batch.source(), file);
          if (spot.dataset().equals(dataset.name())) {
            RawInputs.Found found = inputs.find(batch.seq(), file, spot);
            if (found instanceof RawInputs.Found.Readable input) {
              readable.add(input.input());
              bytes += file.bytes();
            } else if (found instanceof RawInputs.Found.Unreadable bad) {
              unreadable.add(new LoadJob.Unreadable(batch.seq(), file, bad.reason()));
            }
          }
        }
        upTo = batch.seq();
        if (bytes >= COMMIT_BYTES || readable.size() >= COMMIT_FILES) {
          break;
        }
      }
      if (page.size() < PAGE) {
        break;
      }
    }
    return new Pending(readable, unreadable, upTo);
  }

  // ---- the table ----

  private TableState prepared(TableName name, TableDefinition definition, Plan plan) {
    TableState state = tables.load(name).orElseGet(() -> create(name, spec(definition, plan)));
    SchemaChange change = Evolution.between(state.schema(), plan.output());
    return change.isEmpty() ? state : tables.evolve(state, change);
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

  private static TableSpec spec(TableDefinition definition, Plan plan) {
    Schema schema = Evolution.schema(plan.output());
    return new TableSpec(
        schema,
        definition.partition().stream().map(Definitions::partition).toList(),
        definition.sort().stream().map(Definitions::sort).toList(),
        definition.formatVersion(),
        Map.of("comment", definition.description()));
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

  private Attempt commit(TableDefinition definition, Plan plan, TableState state, Pending pending) {
    TableName name = state.name();
    List<TableState> quarantineUsed = new ArrayList<>();
    LoadJob job =
        new LoadJob(
            state,
            pending.inputs(),
            pending.unreadable(),
            plan.columns(),
            plan.steps(),
            plan.rules(),
            plan.quality().measures(),
            other -> tables.scan(other, new At.Now(), Expressions.alwaysTrue()),
            mode(definition),
            filter -> tables.scan(name, at(state), filter),
            () -> {
              TableState quarantine = quarantine(name);
              quarantineUsed.add(quarantine);
              return quarantine;
            },
            timeout);
    if (pending.inputs().isEmpty() && pending.unreadable().isEmpty()) {
      return commit(name, changes(state, NOTHING, pending, List.of(), quarantineUsed), NOTHING);
    }
    plan.quality().reads().forEach(other -> checkLoaded(definition, other));
    LoadResult result = engine.load(job);
    List<RuleResult> quality = judged(plan.quality(), result);
    List<String> failures = failures(quality);
    if (definition.onFailure() == TableDefinition.OnFailure.FAIL && !failures.isEmpty()) {
      return refuse(state, result, pending, quality, failures);
    }
    Attempt attempt =
        commit(name, changes(state, result, pending, quality, quarantineUsed), result);
    return attempt instanceof Attempt.Done done
        ? new Attempt.Done(warning(done.report(), failures))
        : attempt;
  }

  private static final LoadResult NOTHING =
      new LoadResult(new DataChange.None(), List.of(), 0, 0, 0, 0, 0, 0, 0, Map.of(), Map.of());

  private static List<TableChange> changes(
      TableState state,
      LoadResult result,
      Pending pending,
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
              Map.of("tarn.table", state.name().toString(), TableState.LEDGER_SEQ, upTo)));
    }
    return changes;
  }

  private Attempt commit(TableName name, List<TableChange> changes, LoadResult result) {
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

  private void checkLoaded(TableDefinition definition, TableName other) {
    if (tables.load(other).isEmpty()) {
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          definition.file()
              + ": a rule compares with "
              + other
              + ", which was never loaded: run it first");
    }
  }

  private List<RuleResult> judged(CompiledRules rules, LoadResult result) {
    List<RuleResult> results = new ArrayList<>();
    rules.rules().stream()
        .map(Rule::text)
        .distinct()
        .forEach(
            text -> {
              long failed = result.reasons().getOrDefault(Rule.BREAKS + text, 0L);
              results.add(new RuleResult(text, true, failed == 0, "rows that fail " + failed));
            });
    Seen seen = new Seen(result.measured(), this::columnsOf);
    for (TableRule rule : rules.tableRules()) {
      Outcome outcome = rule.judge(seen);
      results.add(new RuleResult(outcome.rule(), false, outcome.passed(), outcome.seen()));
    }
    return results;
  }

  private List<Column> columnsOf(TableName other) {
    return tables.load(other).stream()
        .flatMap(state -> state.schema().columns().stream())
        .map(c -> new Column(c.name(), c.type()))
        .toList();
  }

  /** What is wrong for the table as a whole. */
  private static List<String> failures(List<RuleResult> results) {
    return results.stream()
        .filter(r -> !r.perRow() && !r.passed())
        .map(r -> "the rule '" + r.rule() + "' is not met: " + r.seen())
        .toList();
  }

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
  private Attempt refuse(
      TableState state,
      LoadResult result,
      Pending pending,
      List<RuleResult> quality,
      List<String> failures) {
    Map<String, String> summary = summary(result, pending, quality);
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
            + String.join("; ", failures)
            + "; ledger entries "
            + (state.ledgerSeq() + 1)
            + " to "
            + upTo
            + " wait: land what is missing, change the rule, or write on_failure: warn");
  }

  private static At at(TableState state) {
    return state.snapshotId().isPresent()
        ? new At.Snapshot(state.snapshotId().getAsLong())
        : new At.Now();
  }

  private static Map<String, String> summary(
      LoadResult result, Pending pending, List<RuleResult> quality) {
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
