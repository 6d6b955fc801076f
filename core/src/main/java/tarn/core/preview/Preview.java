package tarn.core.preview;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.DatasetFiles;
import tarn.core.catalog.DatasetName;
import tarn.core.catalog.Datasets;
import tarn.core.catalog.RawInputs;
import tarn.core.engine.Column;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.AppliedDefinition;
import tarn.core.ingest.CompiledTable;
import tarn.core.ingest.Evolution;
import tarn.core.ingest.TableLoader;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.ModelDefinition;
import tarn.core.lake.TableDefinition;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.model.ModelRunner;
import tarn.core.model.ModelSql;
import tarn.core.model.ModelTexts;
import tarn.core.preview.Planned.Action;
import tarn.core.table.SchemaChange;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/**
 * Tells what a run would do, from the definition, the catalog and the ledger: nothing is written,
 * and no data file is opened. What landed since the last crawl is not seen.
 */
public final class Preview {
  private static final int PAGE = 500;

  private final Ledger ledger;
  private final RawInputs raw;
  private final Datasets datasets;
  private final TableStore tables;
  private final Engine engine;
  private final ModelRunner models;

  public Preview(
      Ledger ledger,
      RawInputs raw,
      Datasets datasets,
      TableStore tables,
      Engine engine,
      ModelRunner models) {
    this.ledger = ledger;
    this.raw = raw;
    this.datasets = datasets;
    this.tables = tables;
    this.engine = engine;
    this.models = models;
  }

  /** Every table and model that is defined or there, clean tables first. */
  public List<Planned> of(LakeDefinition lake) {
    List<Planned> all = new ArrayList<>();
    for (TableDefinition definition : lake.tables()) {
      all.add(clean(definition));
    }
    all.addAll(models(lake, all));
    Set<TableName> defined = new HashSet<>();
    all.forEach(planned -> defined.add(planned.table()));
    for (TableName table : tables.list()) {
      if (!table.namespace().equals("quarantine") && !defined.contains(table)) {
        all.add(
            new Planned(
                table,
                Action.UNDEFINED,
                0,
                0,
                List.of("the lake folder does not define it any more; it stays as it is")));
      }
    }
    return all;
  }

  // ---- clean tables ----

  private Planned clean(TableDefinition definition) {
    TableName name = TableName.parse(definition.table());
    TableName from = TableLoader.from(definition);
    Optional<Dataset> dataset = datasets.find(from);
    if (dataset.isEmpty()) {
      return new Planned(
          name,
          Action.WAIT,
          0,
          0,
          List.of("there is no dataset " + from + " yet: upload files to it and crawl"));
    }
    try {
      return Crashes.survive(name.toString(), () -> clean(definition, name, dataset.get()));
    } catch (TarnException e) {
      if (e.code() == ErrorCode.CANCELLED) {
        throw e;
      }
      return new Planned(name, Action.FAIL, 0, 0, List.of(e.line()));
    }
  }

  private Planned clean(TableDefinition definition, TableName name, Dataset dataset) {
    Optional<TableState> present = tables.load(name);
    if (present.isEmpty()) {
      Optional<Planned> missing = missing(name, dataset);
      if (missing.isPresent()) {
        return missing.get();
      }
      CompiledTable compiled = CompiledTable.of(definition, dataset, engine, tables);
      return new Planned(
          name,
          Action.CREATE,
          dataset.files(),
          dataset.bytes(),
          compiled.output().stream().map(c -> "+ " + c.name() + " " + c.type()).toList());
    }
    TableState state = present.get();
    List<String> details = new ArrayList<>();
    AppliedDefinition.of(state)
        .ifPresent(
            applied ->
                applied
                    .differences(AppliedDefinition.of(definition))
                    .forEach(difference -> details.add(difference.toString())));
    if (AppliedDefinition.asksForBackfill(definition, state)) {
      Optional<Planned> missing = missing(name, dataset);
      if (missing.isPresent()) {
        return missing.get();
      }
      details.addAll(
          rebuilt(state, CompiledTable.of(definition, dataset, engine, tables).output()));
      return new Planned(name, Action.BACKFILL, dataset.files(), dataset.bytes(), details);
    }
    Size pending = pending(dataset, state.ledgerSeq());
    if (pending.files == 0 && details.isEmpty()) {
      return new Planned(name, Action.UNCHANGED, 0, 0, List.of());
    }
    if (!details.isEmpty() && state.ledgerSeq() > 0) {
      details.add(
          "this holds for rows that come; `datalake backfill " + name + "` makes it hold for all");
    }
    details.addAll(evolved(state, CompiledTable.of(definition, dataset, engine, tables).output()));
    return new Planned(
        name,
        pending.files > 0 ? Action.LOAD : Action.DEFINE,
        pending.files,
        pending.bytes,
        details);
  }

  /** What keeps a table from being made of all that ever landed. */
  private Optional<Planned> missing(TableName name, Dataset dataset) {
    DatasetFiles.Away away = new DatasetFiles(ledger, raw).away(dataset, 0);
    return away.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Planned(
                name,
                Action.FAIL,
                0,
                0,
                List.of(
                    away.archived()
                        + " files of "
                        + dataset.name()
                        + " are archived (`datalake unarchive "
                        + dataset.name()
                        + "` brings them back), "
                        + away.expired()
                        + " have expired")));
  }

  /** Columns of a load: they are added and widened, and never go. */
  private static List<String> evolved(TableState state, List<Column> output) {
    SchemaChange change = Evolution.between(state.schema(), output);
    List<String> lines = new ArrayList<>();
    change.additions().forEach(c -> lines.add("+ " + c.name() + " " + c.type()));
    change
        .widenings()
        .forEach(
            c ->
                lines.add(
                    "~ " + c.name() + " " + state.schema().findType(c.name()) + " -> " + c.type()));
    return lines;
  }

  /** Columns of a table that is made anew: they are exactly those of the recipe. */
  private static List<String> rebuilt(TableState state, List<Column> output) {
    Map<String, Type> wanted = new TreeMap<>();
    List<String> lines = new ArrayList<>();
    for (Column column : output) {
      wanted.put(column.name().toLowerCase(Locale.ROOT), column.type());
      Types.NestedField before = state.schema().caseInsensitiveFindField(column.name());
      if (before == null) {
        lines.add("+ " + column.name() + " " + column.type());
      } else if (!withoutIds(before.type()).equals(withoutIds(column.type()))) {
        lines.add("~ " + column.name() + " " + before.type() + " -> " + column.type());
      }
    }
    for (Types.NestedField field : state.schema().columns()) {
      if (!wanted.containsKey(field.name().toLowerCase(Locale.ROOT))) {
        lines.add("- " + field.name());
      }
    }
    return lines;
  }

  private static String withoutIds(Type type) {
    return type.toString().replaceAll("\\d+: ", "");
  }

  private record Size(long files, long bytes) {}

  /** What the crawler has seen and the table has not. */
  private Size pending(Dataset dataset, long consumed) {
    if (consumed == 0) {
      return new Size(dataset.files(), dataset.bytes());
    }
    long files = 0;
    long bytes = 0;
    long after = consumed;
    while (after < dataset.crawledSeq()) {
      List<Batch> page = ledger.batches(Set.of(dataset.source()), after, PAGE);
      for (Batch batch : page) {
        if (batch.seq() > dataset.crawledSeq()) {
          return new Size(files, bytes);
        }
        for (RawFile file : ledger.files(batch.seq())) {
          if (raw.spot(batch.source(), file).dataset().equals(dataset.name())) {
            files++;
            bytes += file.bytes();
          }
        }
        after = batch.seq();
      }
      if (page.size() < PAGE) {
        break;
      }
    }
    return new Size(files, bytes);
  }

  // ---- models ----

  private List<Planned> models(LakeDefinition lake, List<Planned> clean) {
    Map<TableName, ModelDefinition> definitions = new TreeMap<>();
    lake.models().forEach(m -> definitions.put(TableName.parse(m.table()), m));
    Set<TableName> known = new TreeSet<>(tables.list());
    clean.forEach(planned -> known.add(planned.table()));
    known.addAll(definitions.keySet());
    datasets.list().forEach(dataset -> known.add(dataset.name()));
    ModelTexts.Read read = models.read(definitions.values(), known);
    Set<TableName> moving = new HashSet<>();
    clean.stream().filter(Planned::changesRows).forEach(planned -> moving.add(planned.table()));
    List<Planned> all = new ArrayList<>();
    for (TableName name : read.graph().order()) {
      ModelSql sql = read.models().get(name);
      ModelDefinition definition = definitions.get(name);
      if (sql != null && definition != null) {
        Planned planned = model(definition, sql, moving);
        if (planned.changesRows()) {
          moving.add(name);
        }
        all.add(planned);
      }
    }
    read.failures()
        .forEach((name, e) -> all.add(new Planned(name, Action.FAIL, 0, 0, List.of(e.line()))));
    return all;
  }

  private Planned model(ModelDefinition definition, ModelSql sql, Set<TableName> moving) {
    List<String> details = new ArrayList<>();
    sql.reads().stream()
        .filter(moving::contains)
        .sorted()
        .forEach(input -> details.add("it reads " + input));
    Optional<String> due = models.due(definition, sql);
    if (due.isEmpty() && details.isEmpty()) {
      return new Planned(sql.model(), Action.UNCHANGED, 0, 0, List.of());
    } else if (details.isEmpty() || tables.load(sql.model()).isEmpty()) {
      details.add(0, due.orElse(""));
    }
    long files = 0;
    long bytes = 0;
    for (TableName input : sql.reads()) {
      if (input.namespace().equals(DatasetName.NAMESPACE)) {
        Optional<Dataset> dataset = datasets.find(input);
        files += dataset.map(Dataset::files).orElse(0L);
        bytes += dataset.map(Dataset::bytes).orElse(0L);
      } else {
        Map<String, String> totals = tables.load(input).map(tables::totals).orElse(Map.of());
        files += Long.parseLong(totals.getOrDefault("total-data-files", "0"));
        bytes += Long.parseLong(totals.getOrDefault("total-files-size", "0"));
      }
    }
    return new Planned(sql.model(), Action.MODEL, files, bytes, details);
  }
}
