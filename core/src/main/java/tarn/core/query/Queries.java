package tarn.core.query;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.DatasetFiles;
import tarn.core.catalog.Datasets;
import tarn.core.engine.Column;
import tarn.core.engine.Engine;
import tarn.core.engine.QueryJob;
import tarn.core.engine.QueryOutcome;
import tarn.core.engine.Relation;
import tarn.core.engine.RowSink;
import tarn.core.engine.View;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.Changelog;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/** The query door: from a text to rows, through the guard. */
public final class Queries {
  /** Tables that change so often while they are planned are read as they come. */
  private static final int MAX_PLANS = 50;

  private final Engine engine;
  private final TableStore tables;
  private final Datasets datasets;
  private final DatasetFiles files;
  private final Limits limits;

  /** The most that a query may ask for. */
  public record Limits(Duration timeout, long maxRows, long maxBytes) {}

  public Queries(
      Engine engine, TableStore tables, Datasets datasets, DatasetFiles files, Limits limits) {
    this.engine = engine;
    this.tables = tables;
    this.datasets = datasets;
    this.files = files;
    this.limits = limits;
  }

  /** The names that a query can use. */
  public CatalogNames names() {
    List<TableName> names = new ArrayList<>(tables.list());
    datasets.list().forEach(d -> names.add(d.name()));
    return new CatalogNames(names);
  }

  /**
   * Answers a query.
   *
   * @param wanted narrower limits than the lake's; wider ones are cut
   */
  public QueryOutcome run(String sql, Limits wanted, RowSink sink) {
    Statement statement = SqlText.read(sql);
    if (statement instanceof Statement.ShowTables) {
      return CatalogAnswers.tables(tables.list(), datasets.list(), sink);
    } else if (statement instanceof Statement.Describe describe) {
      return CatalogAnswers.columns(engine.describe(job(describe.sql(), "", wanted)), sink);
    } else if (statement instanceof Statement.Explain explain) {
      return engine.query(
          job(explain.sql(), explain.analyze() ? "EXPLAIN ANALYZE " : "EXPLAIN ", wanted), sink);
    }
    return engine.query(job(((Statement.Select) statement).sql(), "", wanted), sink);
  }

  private QueryJob job(String sql, String prefix, Limits wanted) {
    Duration timeout =
        wanted.timeout().compareTo(limits.timeout()) < 0 ? wanted.timeout() : limits.timeout();
    long end = System.nanoTime() + timeout.toNanos();
    Resolved resolved = SqlTree.read(engine.parse(sql, timeout)).resolve(names());
    String text = prefix + resolved.text(engine, left(end));
    List<View> views = views(resolved, Map.of());
    return new QueryJob(
        text,
        views,
        left(end),
        Math.min(wanted.maxRows(), limits.maxRows()),
        Math.min(wanted.maxBytes(), limits.maxBytes()));
  }

  /** Reading the text and planning are part of a query's time. */
  private static Duration left(long end) {
    Duration left = Duration.ofNanos(end - System.nanoTime());
    if (left.isNegative() || left.isZero()) {
      throw new TarnException(
          ErrorCode.TIMEOUT, "the query took longer than its time limit and was stopped");
    }
    return left;
  }

  /**
   * What a resolved query reads: its tables as they are at one moment, so that a commit of several
   * is seen whole.
   *
   * @param pinned states to read instead of the newest
   */
  public List<View> views(Resolved resolved, Map<TableName, TableState> pinned) {
    List<TableName> newest =
        resolved.views().stream()
            .filter(view -> isNewest(view.at()) && !pinned.containsKey(view.table()))
            .map(Resolved.View::table)
            .distinct()
            .toList();
    for (int attempt = 1; ; attempt++) {
      List<Long> before = versions(newest);
      List<View> views = planned(resolved, pinned);
      if (newest.size() < 2 || versions(newest).equals(before) || attempt == MAX_PLANS) {
        return views;
      }
    }
  }

  private static boolean isNewest(At at) {
    return at instanceof At.Latest
        || at instanceof At.Changes changes && changes.until() instanceof At.Latest;
  }

  /** Those of tables; datasets have none. */
  private List<Long> versions(List<TableName> names) {
    return names.stream().map(n -> tables.load(n).map(TableState::version).orElse(0L)).toList();
  }

  private List<View> planned(Resolved resolved, Map<TableName, TableState> pinned) {
    Map<String, Expression> filters = filters(resolved);
    List<View> views = new ArrayList<>();
    for (Resolved.View view : resolved.views()) {
      Expression filter = filters.getOrDefault(view.name(), Expressions.alwaysTrue());
      views.add(
          new View(
              view.name(),
              view.at() instanceof At.Changes changes
                  ? changes(view.table(), changes, pinned)
                  : relation(view.table(), at(view.table(), view.at(), pinned), filter)));
    }
    return views;
  }

  private static tarn.core.table.At at(TableName table, At at, Map<TableName, TableState> pinned) {
    TableState state = pinned.get(table);
    if (at instanceof At.Version version) {
      return new tarn.core.table.At.Snapshot(version.snapshot());
    } else if (at instanceof At.Timestamp time) {
      return new tarn.core.table.At.Time(time.instant());
    } else if (state != null && state.snapshotId().isPresent()) {
      return new tarn.core.table.At.Snapshot(state.snapshotId().getAsLong());
    }
    return new tarn.core.table.At.Now();
  }

  private Relation changes(TableName name, At.Changes asked, Map<TableName, TableState> pinned) {
    if (isDataset(name)) {
      throw new TarnException(
          ErrorCode.SQL_INVALID, name + " is a dataset: only tables have changes to read");
    }
    Changelog log =
        tables.changes(name, at(name, asked.since(), Map.of()), at(name, asked.until(), pinned));
    for (Types.NestedField column : log.schema().columns()) {
      if (Relation.OfChanges.COLUMNS.contains(TreeWalk.lower(column.name()))) {
        throw new TarnException(
            ErrorCode.SQL_INVALID,
            name
                + " has a column '"
                + column.name()
                + "', which is what a column of table_changes is called: its changes cannot be read");
      }
    }
    return new Relation.OfChanges(log, asked.net());
  }

  private boolean isDataset(TableName name) {
    return name.namespace().equals("raw") && datasets.find(name).isPresent();
  }

  private Relation relation(TableName name, tarn.core.table.At at, Expression filter) {
    Optional<Dataset> dataset =
        name.namespace().equals("raw") ? datasets.find(name) : Optional.empty();
    if (dataset.isEmpty()) {
      return new Relation.OfTable(tables.scan(name, at, filter));
    }
    if (!(at instanceof tarn.core.table.At.Now)) {
      throw new TarnException(
          ErrorCode.SQL_INVALID,
          name + " is a dataset: only tables have older states to read with AT");
    }
    return new Relation.OfFiles(files.inputs(dataset.get()), dataset.get().columns());
  }

  /** One filter for each view: what any place that reads it can need. */
  private Map<String, Expression> filters(Resolved resolved) {
    Map<String, Expression> filters = new LinkedHashMap<>();
    List<Resolved.Reference> references = resolved.references();
    List<Expression> each = resolved.filters(this::schema);
    for (int i = 0; i < references.size(); i++) {
      filters.merge(references.get(i).view(), each.get(i), Expressions::or);
    }
    return filters;
  }

  private Schema schema(Resolved.Reference reference) {
    Optional<TableState> table = tables.load(reference.table());
    if (table.isPresent() && reference.at() instanceof At.Latest) {
      return table.get().schema();
    }
    return new Schema(List.<Types.NestedField>of());
  }

  /** The columns of a resolved query's result. */
  public List<Column> describe(String text, List<View> views) {
    return engine.describe(new QueryJob(text, views, limits.timeout(), 0, 0));
  }
}
