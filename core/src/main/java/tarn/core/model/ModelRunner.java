package tarn.core.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.Datasets;
import tarn.core.engine.BuildJob;
import tarn.core.engine.Column;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
import tarn.core.engine.View;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.Definitions;
import tarn.core.ingest.Evolution;
import tarn.core.lake.ModelDefinition;
import tarn.core.query.Queries;
import tarn.core.table.CommitOutcome;
import tarn.core.table.DataChange;
import tarn.core.table.SchemaChange;
import tarn.core.table.TableChange;
import tarn.core.table.TableName;
import tarn.core.table.TableSpec;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;
import tarn.core.table.WrittenFile;

/**
 * Makes models' tables. The states that a model read and the hash of its text are a property of its
 * table, committed with its rows: while they are the same, there is nothing to do.
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

  public ModelRunner(
      Engine engine, TableStore tables, Datasets datasets, Queries queries, Duration timeout) {
    this.engine = engine;
    this.tables = tables;
    this.datasets = datasets;
    this.queries = queries;
    this.timeout = timeout;
  }

  /**
   * What running a model did.
   *
   * @param written false if nothing that it reads has changed
   */
  public record Report(TableName table, boolean written, long rows, @Nullable Long snapshot) {}

  /**
   * Reads the SQL of models, for their order. {@code known} are the tables that there are or will
   * be.
   */
  public ModelTexts.Read read(Collection<ModelDefinition> definitions, Set<TableName> known) {
    return new ModelTexts(engine).read(definitions, known);
  }

  /** Whether a run would make a model's table anew: also if something that it reads is missing. */
  public boolean isStale(ModelDefinition definition, ModelSql model) {
    try {
      String inputs = inputs(definition, model, new TreeMap<>());
      return tables
          .load(model.model())
          .map(state -> !inputs.equals(state.properties().get(INPUTS)))
          .orElse(true);
    } catch (TarnException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return true;
      }
      throw e;
    }
  }

  /** Makes a model's table anew, if it is stale. */
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
    String inputs = inputs(definition, model, pinned);
    TableState before = tables.load(model.model()).orElse(null);
    if (before != null && inputs.equals(before.properties().get(INPUTS))) {
      return new Report(
          model.model(),
          false,
          0,
          before.snapshotId().isPresent() ? before.snapshotId().getAsLong() : null);
    }
    List<View> views = queries.views(model.query(), pinned);
    String sql = model.query().text(engine, ModelTexts.READING);
    List<Column> columns = queries.describe(sql, views);
    TableState table =
        before == null ? create(definition, model.model(), columns) : evolved(before, columns);
    List<WrittenFile> files = engine.build(new BuildJob(table, sql, views, timeout));
    long rows = files.stream().mapToLong(WrittenFile::rows).sum();
    CommitOutcome outcome =
        tables.commit(
            List.of(
                new TableChange(
                    table,
                    new DataChange.ReplaceAll(files),
                    Map.of(INPUTS, inputs),
                    "model",
                    Map.of("tarn.stored", Long.toString(rows)))));
    if (outcome instanceof CommitOutcome.Committed done) {
      TableState now = done.states().get(0);
      return new Report(
          model.model(),
          true,
          rows,
          now.snapshotId().isPresent() ? now.snapshotId().getAsLong() : null);
    }
    return null;
  }

  private String inputs(
      ModelDefinition definition, ModelSql model, Map<TableName, TableState> pinned) {
    List<String> parts = new ArrayList<>();
    for (TableName name : model.reads()) {
      if (name.namespace().equals("raw")) {
        Dataset dataset = datasets.find(name).orElseThrow(() -> missing(definition, name));
        parts.add(name + "=" + dataset.files() + "@" + dataset.crawledSeq());
      } else {
        TableState state = tables.load(name).orElseThrow(() -> missing(definition, name));
        pinned.put(name, state);
        parts.add(
            name + "=" + (state.snapshotId().isPresent() ? state.snapshotId().getAsLong() : 0));
      }
    }
    parts.add("sql=" + hash(definition.sql()));
    return String.join(";", parts);
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
            Map.of("comment", definition.description())));
  }

  /** All rows are replaced, so columns may go, and types may change in any way. */
  private TableState evolved(TableState table, List<Column> columns) {
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
    SchemaChange change = new SchemaChange(List.of(), drops, kept.widenings(), additions);
    return change.isEmpty() ? table : tables.evolve(table, change);
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
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
