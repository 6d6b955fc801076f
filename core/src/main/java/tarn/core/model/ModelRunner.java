package tarn.core.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.DatasetName;
import tarn.core.catalog.Datasets;
import tarn.core.engine.BuildJob;
import tarn.core.engine.Column;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
import tarn.core.engine.Relation;
import tarn.core.engine.View;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.Definitions;
import tarn.core.ingest.Evolution;
import tarn.core.ingest.QualityGate;
import tarn.core.lake.ModelDefinition;
import tarn.core.lake.TableDefinition;
import tarn.core.quality.RuleResult;
import tarn.core.query.Queries;
import tarn.core.storage.Hashes;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.SchemaChange;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableSpec;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;
import tarn.core.table.WrittenFile;

/**
 * Makes models' tables. The states that a model read and the hash of its text are a property of its
 * table, committed with its rows: while no row of them has changed, there is nothing to do.
 */
public final class ModelRunner {
  /** The property: {@code clean.orders=<snapshot id>;…;sql=<hash>}. */
  public static final String INPUTS = "tarn.model-inputs";

  private static final int MAX_ATTEMPTS = 8;

  private final Engine engine;
  private final TableStore tables;
  private final Datasets datasets;
  private final Queries queries;
  private final Duration timeout;
  private final ModelQuality quality;

  public ModelRunner(
      Engine engine, TableStore tables, Datasets datasets, Queries queries, Duration timeout) {
    this.engine = engine;
    this.tables = tables;
    this.datasets = datasets;
    this.queries = queries;
    this.timeout = timeout;
    this.quality = new ModelQuality(engine, tables, timeout);
  }

  /**
   * What running a model did.
   *
   * @param written false if nothing that it reads has changed
   * @param rows that were written
   * @param notes whether an incremental model was made anew and why, and rules that were not met
   */
  public record Report(
      TableName table, boolean written, long rows, @Nullable Long snapshot, List<String> notes) {}

  /**
   * Reads the SQL of models, for their order. {@code known} are the tables that there are or will
   * be.
   */
  public ModelTexts.Read read(Collection<ModelDefinition> definitions, Set<TableName> known) {
    return new ModelTexts(engine).read(definitions, known);
  }

  /**
   * Why a run would write a model's table: that rows came, or why it would be made anew. Empty if
   * there is nothing to do.
   */
  public Optional<String> due(ModelDefinition definition, ModelSql model) {
    Optional<TableState> table = tables.load(model.model());
    if (table.isEmpty()) {
      return Optional.of("it is new");
    }
    try {
      ModelInputs inputs = inputs(definition, model, new TreeMap<>());
      Optional<ModelInputs> read = ModelInputs.read(table.get().properties().get(INPUTS));
      Refresh refresh = Refresh.of(definition, read, inputs, tables);
      if (refresh instanceof Refresh.Nothing) {
        return Optional.empty();
      }
      return Optional.of(
          refresh instanceof Refresh.Add add
              ? add.rows().rows() + " rows came to " + add.rows().table()
              : ((Refresh.All) refresh).why());
    } catch (TarnException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.of(e.line());
      }
      throw e;
    }
  }

  /**
   * Brings a model's table up to date.
   *
   * @throws TarnException {@code QUALITY_FAILED} if a rule is not met that may not be broken; the
   *     table is as it was, and its history has a line of it
   */
  public Report run(ModelDefinition definition, ModelSql model) {
    for (int attempt = 1; ; attempt++) {
      Report report = Crashes.survive(model.model().toString(), () -> tryRun(definition, model));
      if (report != null) {
        return report;
      }
      if (attempt >= MAX_ATTEMPTS) {
        throw new TarnException(
            ErrorCode.CONFLICT,
            "other writers changed "
                + model.model()
                + " first "
                + attempt
                + " times; try again later");
      }
    }
  }

  private @Nullable Report tryRun(ModelDefinition definition, ModelSql model) {
    Map<TableName, TableState> pinned = new TreeMap<>();
    ModelInputs inputs = inputs(definition, model, pinned);
    TableState before = tables.load(model.model()).orElse(null);
    if (before == null) {
      return commit(definition, inputs, anew(definition, model, pinned, null, "it is new"));
    }
    Optional<ModelInputs> read = ModelInputs.read(before.properties().get(INPUTS));
    Refresh refresh = Refresh.of(definition, read, inputs, tables);
    if (refresh instanceof Refresh.Nothing) {
      return described(definition, before);
    } else if (refresh instanceof Refresh.Add add) {
      Made made = added(model, before, add.rows());
      return commit(
          definition,
          inputs,
          made != null
              ? made
              : anew(definition, model, pinned, before, "the columns of its result have changed"));
    }
    String why = ((Refresh.All) refresh).why();
    return commit(definition, inputs, anew(definition, model, pinned, before, why));
  }

  /**
   * Rows that are written and not committed.
   *
   * @param base what they were computed from
   * @param table the same with the columns that it will have
   * @param how in words, for incremental models
   */
  private record Made(
      TableState base,
      TableState table,
      List<Column> columns,
      DataChange change,
      long rows,
      String how) {}

  private Made anew(
      ModelDefinition definition,
      ModelSql model,
      Map<TableName, TableState> pinned,
      @Nullable TableState before,
      String why) {
    List<View> views = queries.views(model.query(), pinned);
    String sql = model.query().text(engine, ModelTexts.READING);
    List<Column> columns = queries.describe(sql, views);
    TableState base = before == null ? create(definition, model.model(), columns) : before;
    SchemaChange change = change(base, columns);
    TableState table = change.isEmpty() ? base : tables.evolved(base, change);
    List<WrittenFile> files = engine.build(new BuildJob(table, sql, views, timeout));
    return new Made(
        base,
        table,
        columns,
        new DataChange.ReplaceAll(files, change),
        rows(files),
        "made anew: " + why);
  }

  /** Null if the rows do not fit the table's columns. */
  private @Nullable Made added(ModelSql model, TableState table, Scan rows) {
    String view = model.query().views().get(0).name();
    List<View> views = List.of(new View(view, new Relation.OfTable(rows)));
    String sql = model.query().text(engine, ModelTexts.READING);
    List<Column> columns = queries.describe(sql, views);
    if (!change(table, columns).isEmpty()) {
      return null;
    }
    List<WrittenFile> files = engine.build(new BuildJob(table, sql, views, timeout));
    String how = "incremental: " + rows.rows() + " rows came to " + rows.table();
    return new Made(table, table, columns, new DataChange.Append(files), rows(files), how);
  }

  private static long rows(List<WrittenFile> files) {
    return files.stream().mapToLong(WrittenFile::rows).sum();
  }

  /** Null if another writer was faster. */
  private @Nullable Report commit(ModelDefinition definition, ModelInputs inputs, Made made) {
    List<RuleResult> rules =
        quality.judge(definition, made.columns(), made.base(), made.table(), made.change());
    List<String> failures = QualityGate.failures(rules);
    if (definition.onFailure() == TableDefinition.OnFailure.FAIL && !failures.isEmpty()) {
      quality.refuse(made.base(), inputs.text(), rules);
      return null; // another writer was faster
    }
    Map<String, String> summary = new HashMap<>(ModelQuality.summary(rules));
    Map<String, String> properties = new HashMap<>(description(definition, made.base()));
    properties.put(INPUTS, inputs.text());
    summary.put("tarn.stored", Long.toString(made.rows()));
    CommitOutcome outcome =
        tables.commit(
            List.of(new TableChange(made.base(), made.change(), properties, "model", summary)));
    if (outcome instanceof CommitOutcome.Committed done) {
      List<String> notes = new ArrayList<>();
      if (definition.refresh() == ModelDefinition.Refresh.INCREMENTAL) {
        notes.add(made.how());
      }
      notes.addAll(failures);
      return report(done.states().get(0), true, made.rows(), notes);
    }
    return null;
  }

  private static Report report(TableState now, boolean written, long rows, List<String> notes) {
    Long snapshot = now.snapshotId().isPresent() ? now.snapshotId().getAsLong() : null;
    return new Report(now.name(), written, rows, snapshot, notes);
  }

  // ---- what it reads ----

  static boolean isTable(TableName name) {
    return !name.namespace().equals(DatasetName.NAMESPACE);
  }

  private ModelInputs inputs(
      ModelDefinition definition, ModelSql model, Map<TableName, TableState> pinned) {
    SortedMap<TableName, String> states = new TreeMap<>();
    for (TableName name : model.reads()) {
      if (isTable(name)) {
        TableState state = tables.load(name).orElseThrow(() -> missing(definition, name));
        pinned.put(name, state);
        long snapshot = state.snapshotId().isPresent() ? state.snapshotId().getAsLong() : 0;
        states.put(name, Long.toString(snapshot));
      } else {
        Dataset dataset = datasets.find(name).orElseThrow(() -> missing(definition, name));
        states.put(name, dataset.files() + "@" + dataset.crawledSeq());
      }
    }
    return new ModelInputs(states, hash(definition.sql()));
  }

  private static TarnException missing(ModelDefinition definition, TableName name) {
    return new TarnException(
        ErrorCode.NOT_FOUND,
        definition.file() + ": " + name + " does not exist yet: run what makes it first");
  }

  private TableState create(ModelDefinition definition, TableName name, List<Column> columns) {
    return tables.create(
        name,
        new TableSpec(
            Evolution.schema(columns),
            definition.partition().stream().map(Definitions::partition).toList(),
            definition.sort().stream().map(Definitions::sort).toList(),
            2,
            described(definition)));
  }

  // ---- description and columns ----

  private static Map<String, String> described(ModelDefinition definition) {
    return Map.of("comment", definition.description(), "owner", definition.owner());
  }

  /** What its front matter says of the table and the table does not. */
  private static Map<String, String> description(ModelDefinition definition, TableState table) {
    Map<String, String> changed = new HashMap<>(described(definition));
    changed
        .entrySet()
        .removeIf(e -> e.getValue().equals(table.properties().getOrDefault(e.getKey(), "")));
    return changed;
  }

  /** Null if another writer was faster. */
  private @Nullable Report described(ModelDefinition definition, TableState table) {
    Map<String, String> changed = description(definition, table);
    if (changed.isEmpty()) {
      return report(table, false, 0, List.of());
    }
    CommitOutcome outcome =
        tables.commit(
            List.of(new TableChange(table, new DataChange.None(), changed, "evolve", Map.of())));
    return outcome instanceof CommitOutcome.Committed done
        ? report(done.states().get(0), false, 0, List.of())
        : null;
  }

  /** All rows are replaced, so columns may go, and types may change in any way. */
  private static SchemaChange change(TableState table, List<Column> columns) {
    SchemaChange kept = Evolution.between(table.schema(), columns);
    Map<String, Column> wanted = new HashMap<>();
    columns.forEach(c -> wanted.put(c.name().toLowerCase(java.util.Locale.ROOT), c));
    List<String> drops = new ArrayList<>();
    List<SchemaChange.Column> additions = new ArrayList<>(kept.additions());
    Schema schema = table.schema();
    for (Types.NestedField field : schema.columns()) {
      Column column = wanted.get(field.name().toLowerCase(java.util.Locale.ROOT));
      boolean widened = kept.widenings().stream().anyMatch(w -> w.name().equals(field.name()));
      if (column == null) {
        drops.add(field.name());
      } else if (!widened && !sameShape(field, column)) {
        drops.add(field.name());
        additions.add(new SchemaChange.Column(column.name(), column.type()));
      }
    }
    return new SchemaChange(List.of(), drops, kept.widenings(), additions);
  }

  /** Nested ids differ between a table and a result; the rest of the type's text does not. */
  private static boolean sameShape(Types.NestedField field, Column column) {
    return field
        .type()
        .toString()
        .replaceAll("\\d+: ", "")
        .equals(column.type().toString().replaceAll("\\d+: ", ""));
  }

  private static String hash(String text) {
    return Hashes.of(text).substring(0, 16);
  }
}
