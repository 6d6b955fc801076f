package tarn.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.TableRun;
import tarn.core.catalog.Crawler;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.DatasetName;
import tarn.core.catalog.Datasets;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.TableLoader;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.ModelDefinition;
import tarn.core.lake.Nearest;
import tarn.core.lake.TableDefinition;
import tarn.core.ledger.SourceName;
import tarn.core.model.ModelRunner;
import tarn.core.model.ModelSql;
import tarn.core.model.ModelTexts;
import tarn.core.observe.Progress;
import tarn.core.table.TableName;
import tarn.core.table.TableStore;

/**
 * Brings clean tables and models up to date, each after what it reads. What fails holds up only
 * what reads it.
 */
final class Runs {
  private static final Logger LOG = LoggerFactory.getLogger(Runs.class);

  private final TableStore tables;
  private final Datasets datasets;
  private final Crawler crawler;
  private final TableLoader loader;
  private final ModelRunner models;
  private final int atOnce;

  /** {@code atOnce} models are made at a time. */
  Runs(
      TableStore tables,
      Datasets datasets,
      Crawler crawler,
      TableLoader loader,
      ModelRunner models,
      int atOnce) {
    this.tables = tables;
    this.datasets = datasets;
    this.crawler = crawler;
    this.loader = loader;
    this.models = models;
    this.atOnce = atOnce;
  }

  /**
   * Runs.
   *
   * @param wanted only these and what they need; empty for all
   */
  synchronized List<TableRun> run(LakeDefinition lake, List<String> wanted, Progress progress) {
    Map<SourceName, TarnException> unseen = crawlNews(progress);
    Map<TableName, TableDefinition> clean = new TreeMap<>();
    lake.tables().forEach(t -> clean.put(TableName.parse(t.table()), t));
    Map<TableName, ModelDefinition> analytics = new TreeMap<>();
    lake.models().forEach(m -> analytics.put(TableName.parse(m.table()), m));
    ModelTexts.Read read =
        models.read(analytics.values(), known(clean.keySet(), analytics.keySet()));
    LoadOrder order = new LoadOrder(clean);
    Set<TableName> needed =
        needed(wanted, clean.keySet(), analytics.keySet(), read.models(), order);
    List<TableRun> done = new ArrayList<>();
    Set<TableName> failed = ConcurrentHashMap.newKeySet();
    long total = needed.size();
    for (TableName table : order.tables()) {
      TableDefinition definition = clean.get(table);
      if (definition != null && needed.contains(table)) {
        progress.report("run", table.toString(), done.size(), total, "tables");
        done.add(
            load(
                table,
                definition,
                order.joins(table),
                unseen,
                failed,
                () -> loader.load(definition, progress)));
      }
    }
    read.failures()
        .forEach(
            (name, e) -> {
              if (needed.contains(name)) {
                done.add(unreadable(analytics.get(name), name, e, failed));
              }
            });
    ExecutorService pool = Executors.newFixedThreadPool(atOnce);
    try {
      Map<TableName, Future<TableRun>> runs = start(pool, read, analytics, needed, failed);
      for (Map.Entry<TableName, Future<TableRun>> run : runs.entrySet()) {
        progress.report("run", run.getKey().toString(), done.size(), total, "tables");
        done.add(ended(run.getValue()));
      }
    } finally {
      pool.shutdownNow();
    }
    return done;
  }

  /** Makes clean tables anew from raw; {@code BAD_REQUEST} for models and for none. */
  synchronized List<TableRun> backfill(
      LakeDefinition lake, List<String> wanted, Progress progress) {
    Map<TableName, TableDefinition> clean = new TreeMap<>();
    lake.tables().forEach(t -> clean.put(TableName.parse(t.table()), t));
    Set<TableName> all = new TreeSet<>(clean.keySet());
    lake.models().forEach(m -> all.add(TableName.parse(m.table())));
    Set<TableName> needed = new TreeSet<>();
    for (String name : wanted) {
      TableName table = find(name, all);
      if (!clean.containsKey(table)) {
        throw new TarnException(
            ErrorCode.BAD_REQUEST,
            table
                + " is a model, which is made anew from what it reads: `datalake run "
                + table
                + "`");
      }
      needed.add(table);
    }
    if (needed.isEmpty()) {
      throw new TarnException(ErrorCode.BAD_REQUEST, "a backfill names its tables");
    }
    Map<SourceName, TarnException> unseen = crawlNews(progress);
    List<TableRun> done = new ArrayList<>();
    LoadOrder order = new LoadOrder(clean);
    Set<TableName> failed = new HashSet<>();
    for (TableName table : order.tables()) {
      TableDefinition definition = clean.get(table);
      if (definition != null && needed.contains(table)) {
        progress.report("backfill", table.toString(), done.size(), needed.size(), "tables");
        done.add(
            load(
                table,
                definition,
                order.joins(table),
                unseen,
                failed,
                () -> loader.rebuild(definition, progress)));
      }
    }
    return done;
  }

  /** Each begins when those that it reads have ended, as many at once as there are engines. */
  private Map<TableName, Future<TableRun>> start(
      ExecutorService pool,
      ModelTexts.Read read,
      Map<TableName, ModelDefinition> definitions,
      Set<TableName> needed,
      Set<TableName> failed) {
    Map<TableName, CompletableFuture<TableRun>> runs = new LinkedHashMap<>();
    for (TableName name : read.graph().order()) {
      ModelDefinition definition = definitions.get(name);
      ModelSql sql = read.models().get(name);
      if (definition != null && sql != null && needed.contains(name)) {
        CompletableFuture<?>[] before =
            sql.reads().stream()
                .filter(runs::containsKey)
                .map(runs::get)
                .toArray(CompletableFuture<?>[]::new);
        runs.put(
            name,
            CompletableFuture.allOf(before)
                .thenApplyAsync(x -> model(definition, sql, failed), pool));
      }
    }
    return new LinkedHashMap<>(runs);
  }

  private static TableRun ended(Future<TableRun> run) {
    try {
      return run.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "interrupted while models were made", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e);
    }
  }

  /**
   * Loading takes the columns that datasets have, so what landed since the last crawl is crawled
   * first: a column that is new would be passed over for good. Returns the sources where that
   * failed.
   */
  private Map<SourceName, TarnException> crawlNews(Progress progress) {
    Map<SourceName, TarnException> failed = new HashMap<>();
    for (SourceName source : crawler.behind()) {
      try {
        crawler.crawl(Set.of(source), false, progress);
      } catch (TarnException e) {
        if (e.code() == ErrorCode.CANCELLED) {
          throw e;
        }
        failed.put(source, e);
      }
    }
    return failed;
  }

  private Set<TableName> known(Set<TableName> clean, Set<TableName> analytics) {
    Set<TableName> known = new TreeSet<>(tables.list());
    known.addAll(clean);
    known.addAll(analytics);
    datasets.list().stream().map(Dataset::name).forEach(known::add);
    return known;
  }

  private static Set<TableName> needed(
      List<String> wanted,
      Set<TableName> clean,
      Set<TableName> analytics,
      Map<TableName, ModelSql> models,
      LoadOrder order) {
    Set<TableName> all = new TreeSet<>(clean);
    all.addAll(analytics);
    if (wanted.isEmpty()) {
      return all;
    }
    Set<TableName> needed = new TreeSet<>();
    for (String name : wanted) {
      add(find(name, all), models, order, needed);
    }
    return needed;
  }

  private static void add(
      TableName name, Map<TableName, ModelSql> models, LoadOrder order, Set<TableName> needed) {
    if (needed.add(name)) {
      order.joins(name).forEach(r -> add(r, models, order, needed));
      if (models.containsKey(name)) {
        models.get(name).reads().forEach(r -> add(r, models, order, needed));
      }
    }
  }

  private static TableName find(String wanted, Set<TableName> all) {
    String lower = wanted.toLowerCase(Locale.ROOT);
    List<TableName> found =
        all.stream().filter(n -> n.toString().equals(lower) || n.name().equals(lower)).toList();
    if (found.size() == 1) {
      return found.get(0);
    } else if (found.size() > 1) {
      throw new TarnException(
          ErrorCode.NAME_AMBIGUOUS,
          "'" + wanted + "' stands for more than one table: " + found + "; write the full name");
    }
    String near =
        Nearest.to(wanted, all.stream().map(TableName::toString).toList())
            .map(n -> "; did you mean " + n + "?")
            .orElse("");
    throw new TarnException(
        ErrorCode.NOT_FOUND, "the lake folder defines no table or model '" + wanted + "'" + near);
  }

  private TableRun load(
      TableName name,
      TableDefinition definition,
      Set<TableName> joins,
      Map<SourceName, TarnException> unseen,
      Set<TableName> failed,
      Supplier<TableLoader.Report> work) {
    long started = System.nanoTime();
    for (TableName other : joins) {
      if (failed.contains(other)) {
        failed.add(name);
        return skipped(name, "it joins with " + other + ", which failed");
      }
    }
    try {
      for (Map.Entry<SourceName, TarnException> source : unseen.entrySet()) {
        if (DatasetName.isOf(source.getKey(), TableLoader.from(definition))) {
          throw source.getValue();
        }
      }
      TableLoader.Report report = work.get();
      return new TableRun(
          name.toString(),
          report.commits() > 0 ? "written" : "unchanged",
          report.read(),
          report.stored(),
          report.quarantined(),
          report.snapshot(),
          millis(started),
          report.warnings().isEmpty() ? null : String.join("; ", report.warnings()));
    } catch (TarnException e) {
      return failure(name, e, started, failed);
    }
  }

  private TableRun model(ModelDefinition definition, ModelSql sql, Set<TableName> failed) {
    long started = System.nanoTime();
    for (TableName input : sql.reads()) {
      if (failed.contains(input)) {
        failed.add(sql.model());
        return skipped(sql.model(), "it reads " + input + ", which failed");
      }
    }
    try {
      ModelRunner.Report report = models.run(definition, sql);
      return new TableRun(
          sql.model().toString(),
          report.written() ? "written" : "unchanged",
          0,
          report.rows(),
          0,
          report.snapshot(),
          millis(started),
          report.notes().isEmpty() ? null : String.join("; ", report.notes()));
    } catch (TarnException e) {
      return failure(sql.model(), e, started, failed);
    }
  }

  private static TableRun skipped(TableName name, String why) {
    return new TableRun(name.toString(), "skipped", 0, 0, 0, null, 0, why);
  }

  private static TableRun unreadable(
      @Nullable ModelDefinition definition,
      TableName name,
      TarnException e,
      Set<TableName> failed) {
    String file = definition == null ? name.toString() : definition.file();
    return failure(
        name, new TarnException(e.code(), file + ": " + e.line(), e), System.nanoTime(), failed);
  }

  private static TableRun failure(
      TableName name, TarnException e, long started, Set<TableName> failed) {
    if (e.code() == ErrorCode.CANCELLED) {
      throw e;
    }
    LOG.warn("{} failed", name, e);
    failed.add(name);
    return new TableRun(name.toString(), "failed", 0, 0, 0, null, millis(started), e.line());
  }

  private static long millis(long started) {
    return (System.nanoTime() - started) / 1_000_000;
  }
}
