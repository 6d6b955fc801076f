package tarn.duckdb;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tarn.core.engine.ApplyJob;
import tarn.core.engine.BuildJob;
import tarn.core.engine.Classified;
import tarn.core.engine.Column;
import tarn.core.engine.ColumnarJob;
import tarn.core.engine.CompareJob;
import tarn.core.engine.Engine;
import tarn.core.engine.LoadJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.MeasureJob;
import tarn.core.engine.QueryJob;
import tarn.core.engine.QueryOutcome;
import tarn.core.engine.RawInput;
import tarn.core.engine.Relation;
import tarn.core.engine.ResultColumn;
import tarn.core.engine.RewriteJob;
import tarn.core.engine.RowSink;
import tarn.core.engine.View;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Step;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;
import tarn.core.table.WrittenFile;
import tarn.duckdb.worker.Frames;

/** The engine on one machine: DuckDB, in processes that may die. */
public final class DuckDbEngine implements Engine {
  private static final Duration INFER = Duration.ofMinutes(30);
  private static final Duration SHORT = Duration.ofSeconds(30);
  private static final String HIDDEN_FAILURE = "Invalid result set";

  private final WorkerPool pool;
  private final ObjectStore objects;
  private final BiConsumer<ScanFile, LongConsumer> deletedPositions;

  /**
   * Starts the engine, and a first process in the background.
   *
   * @param deletedPositions reads a file's deletion vector
   */
  public DuckDbEngine(
      EngineSettings settings,
      ObjectStore objects,
      BiConsumer<ScanFile, LongConsumer> deletedPositions) {
    this.pool = new WorkerPool(settings);
    this.objects = objects;
    this.deletedPositions = deletedPositions;
  }

  @Override
  public JsonNode parse(String sql, Duration timeout) {
    try (WorkerSession session = pool.openTexts(shorter(timeout))) {
      return tree(session, sql);
    }
  }

  @Override
  public Text unparse(JsonNode tree, Duration timeout) {
    try (WorkerSession session = pool.openTexts(shorter(timeout))) {
      String json = Frames.MAPPER.writeValueAsString(tree);
      String sql = session.text("SELECT json_deserialize_sql(CAST(? AS JSON))", List.of(json));
      return new Text(sql, tree(session, sql));
    } catch (JsonProcessingException e) {
      throw new TarnException(ErrorCode.INTERNAL, "a parsed tree cannot be written as JSON", e);
    }
  }

  private static Duration shorter(Duration timeout) {
    return timeout.compareTo(SHORT) < 0 ? timeout : SHORT;
  }

  /** All fields are asked for: what a tree leaves out cannot be told from what it does not say. */
  private static JsonNode tree(WorkerSession session, String sql) {
    try {
      String text =
          session.text(
              "SELECT json_serialize_sql(CAST(? AS VARCHAR), skip_default := false)", List.of(sql));
      JsonNode tree = Frames.MAPPER.readTree(text);
      if (tree.path("error").asBoolean()) {
        throw SqlErrors.of(sql, tree);
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw new TarnException(
          ErrorCode.SQL_REFUSED,
          "the SQL text is nested too deeply: split it, for example into models that build on each other",
          e);
    }
  }

  @Override
  public List<Column> infer(List<RawInput> inputs) {
    return reading(
        inputs, (session, plain, paths) -> new Inference(session, plain, paths).columns());
  }

  @Override
  public List<Classified> classify(List<RawInput> inputs, List<Column> columns) {
    return reading(
        inputs, (session, plain, paths) -> new ColumnKinds(session).of(plain, paths, columns));
  }

  /** What is found out about files that stand locally. */
  private interface Finding<T> {
    T find(WorkerSession session, List<RawInput> inputs, List<String> paths);
  }

  private <T> T reading(List<RawInput> inputs, Finding<T> finding) {
    List<FileLease> leases = new ArrayList<>();
    try (WorkerSession session = pool.open(INFER)) {
      inputs.forEach(
          i ->
              leases.add(
                  DamagedFiles.localize(
                      objects, i.file().key(), "batch " + i.ledgerSeq() + " of the ledger")));
      List<String> paths = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        paths.add(Decoding.path(session, inputs.get(i), leases.get(i).path().toString(), i));
      }
      return finding.find(session, inputs.stream().map(Decoding::plain).toList(), paths);
    } finally {
      leases.forEach(FileLease::close);
    }
  }

  @Override
  public List<Column> describe(List<Column> columns, List<Step> steps) {
    try (WorkerSession session = pool.openTexts(SHORT)) {
      return session.columns(RecipeSql.shape(columns, steps));
    }
  }

  @Override
  public List<Column> describe(QueryJob query) {
    try (WorkerSession session = pool.open(query.timeout());
        Views views = new Views(session, query.views())) {
      views.closeOutside();
      return session.columns(query.sql());
    }
  }

  @Override
  public QueryOutcome query(QueryJob query, RowSink sink) {
    try (WorkerSession session = pool.open(query.timeout().plusMillis(700));
        Views views = new Views(session, query.views())) {
      session.execute("SET max_execution_time = " + query.timeout().toMillis());
      views.closeOutside();
      long start = System.nanoTime();
      try {
        JsonNode end =
            session.stream(
                query.sql(),
                query.maxRows(),
                query.maxBytes(),
                forward(session, query, views, sink));
        return new QueryOutcome(end.path("rows").asLong(), end.path("truncated").asBoolean());
      } catch (TarnException e) {
        TarnException failure =
            e.line().contains(HIDDEN_FAILURE) ? whatFailed(session, query, start, e) : e;
        throw DamagedFiles.explained(
            session, views.owners(), views.explained(failure, query.sql()));
      }
    }
  }

  /**
   * A streamed result that fails while it is computed does not say why (DuckDB 2.0.0.1): it was the
   * time, or the same work without a stream tells.
   */
  private static TarnException whatFailed(
      WorkerSession session, QueryJob query, long start, TarnException hidden) {
    if (System.nanoTime() - start >= query.timeout().toNanos()) {
      return new TarnException(
          ErrorCode.TIMEOUT, "the query took longer than its time limit and was stopped", hidden);
    }
    try {
      session.execute("CREATE TEMP TABLE __tarn_again AS\n" + query.sql());
      return hidden;
    } catch (TarnException e) {
      return new TarnException(e.code(), e.line().replace("\nLINE 2: ", "\nLINE 1: "), e);
    }
  }

  private static WorkerProcess.Rows forward(
      WorkerSession session, QueryJob query, Views views, RowSink sink) {
    boolean plan = query.sql().startsWith("EXPLAIN ");
    return new WorkerProcess.Rows() {
      @Override
      public void columns(JsonNode columns) {
        List<ResultColumn> list = new ArrayList<>();
        columns.forEach(
            c -> list.add(new ResultColumn(c.path("name").asText(), c.path("type").asText())));
        stoppingOnFailure(() -> sink.columns(list));
      }

      @Override
      public void rows(byte[] rows, int count) {
        byte[] shown = plan ? PlanText.withoutFolders(rows, views.paths()) : rows;
        stoppingOnFailure(() -> sink.rows(shown, count));
      }

      private void stoppingOnFailure(Runnable delivery) {
        try {
          delivery.run();
        } catch (RuntimeException e) {
          session.kill();
          throw e;
        }
      }
    };
  }

  @Override
  public LoadResult load(LoadJob job) {
    try (WorkerSession session = pool.open(job.timeout());
        TableSql tables = new TableSql(session, objects, deletedPositions);
        Loader loader = new Loader(job, session, objects, tables)) {
      return explaining(session, tables.owners(), loader::load);
    }
  }

  @Override
  public List<WrittenFile> build(BuildJob job) {
    try (WorkerSession session = pool.open(job.timeout());
        Views views = new Views(session, job.views())) {
      String columns =
          job.table().schema().columns().stream()
              .map(c -> Sql.name(c.name()))
              .collect(Collectors.joining(", "));
      return explaining(
          session,
          views.owners(),
          () ->
              new ParquetFiles(session, objects)
                  .write(job.table(), "SELECT " + columns + " FROM (" + job.sql() + ")"));
    }
  }

  @Override
  public Map<Measure, BigDecimal> measure(MeasureJob job) {
    try (WorkerSession session = pool.open(job.timeout());
        TableSql tables = new TableSql(session, objects, deletedPositions);
        Measures measures = new Measures(session, objects, tables, job)) {
      return explaining(session, tables.owners(), measures::take);
    }
  }

  @Override
  public ColumnarJob.Stored columnar(ColumnarJob job) {
    try (WorkerSession session = pool.open(job.timeout())) {
      return new ColumnarFile(session, objects, job).store();
    }
  }

  @Override
  public ApplyJob.Result apply(ApplyJob job) {
    try (WorkerSession session = pool.open(job.timeout());
        TableSql tables = new TableSql(session, objects, deletedPositions);
        ChangeRows changes = new ChangeRows(job, session, objects)) {
      return explaining(
          session,
          tables.owners(),
          job.key().isEmpty()
              ? new BagApplier(job, session, objects, tables, changes)::apply
              : new Applier(job, session, objects, tables, changes)::apply);
    }
  }

  @Override
  public CompareJob.Result compare(CompareJob job) {
    try (WorkerSession session = pool.open(job.timeout());
        TableSql tables = new TableSql(session, objects, deletedPositions);
        Comparison comparison = new Comparison(job, session, objects, tables)) {
      return explaining(session, tables.owners(), comparison::compare);
    }
  }

  @Override
  public List<WrittenFile> rewrite(RewriteJob job) {
    try (WorkerSession session = pool.open(job.timeout());
        TableSql tables = new TableSql(session, objects, deletedPositions)) {
      Scan scan =
          new Scan(
              job.table().name(),
              job.table().snapshotId(),
              job.table().schema(),
              job.files(),
              job.files().size());
      String rows = tables.rows(scan);
      return explaining(
          session,
          tables.owners(),
          () -> new ParquetFiles(session, objects).write(job.table(), rows));
    }
  }

  @Override
  public void close() {
    pool.close();
  }

  private static <T> T explaining(
      WorkerSession session, Map<String, String> owners, Supplier<T> work) {
    try {
      return work.get();
    } catch (TarnException e) {
      throw DamagedFiles.explained(session, owners, e);
    }
  }

  /** A query's views, and the walls around them. */
  private final class Views implements AutoCloseable {
    private final WorkerSession session;
    private final TableSql tables;
    private final List<FileLease> leases = new ArrayList<>();
    private final Map<String, ObjectKey> rawFiles = new HashMap<>();
    private final List<String> copies = new ArrayList<>();

    Views(WorkerSession session, List<View> views) {
      this.session = session;
      this.tables = new TableSql(session, objects, deletedPositions);
      try {
        for (View view : views) {
          session.execute("CREATE VIEW " + Sql.name(view.name()) + " AS " + select(view));
        }
      } catch (TarnException e) {
        TarnException explained =
            DamagedFiles.explained(session, tables.owners(), explained(e, ""));
        close();
        throw explained;
      }
    }

    private String select(View view) {
      if (view.rows() instanceof Relation.OfTable table) {
        return tables.rows(table.scan());
      } else if (view.rows() instanceof Relation.OfChanges changes) {
        return new ChangelogSql(session, tables, changes, view.name()).rows();
      }
      Relation.OfFiles files = (Relation.OfFiles) view.rows();
      List<String> selects = new ArrayList<>();
      for (List<RawInput> inputs : RawSql.groups(files.inputs())) {
        List<String> paths = inputs.stream().map(this::localize).toList();
        List<RawInput> group = inputs.stream().map(Decoding::plain).toList();
        selects.add(
            RecipeSql.strict(
                RawSql.strict(session, group, paths, files.columns(), false), files.columns()));
      }
      return selects.isEmpty()
          ? "SELECT * FROM (" + RecipeSql.shape(files.columns(), List.of()) + ") WHERE false"
          : String.join(" UNION ALL ", selects);
    }

    Map<String, String> owners() {
      return tables.owners();
    }

    private String localize(RawInput input) {
      FileLease lease =
          DamagedFiles.localize(
              objects, input.file().key(), "batch " + input.ledgerSeq() + " of the ledger");
      leases.add(lease);
      String path = Decoding.path(session, input, lease.path().toString(), copies.size());
      if (Decoding.isNeeded(input)) {
        copies.add(path);
      }
      rawFiles.put(path, input.file().key());
      return path;
    }

    /** Names the raw file that does not fit, not the place where it was read nor how. */
    TarnException explained(TarnException failure, String sql) {
      String said = failure.line();
      int excerpt = said.indexOf("\nLINE 1: ...");
      boolean ofViews =
          excerpt >= 0
              && !sql.contains(said.substring(excerpt + 12, Math.min(said.length(), excerpt + 32)));
      if (failure.code() != ErrorCode.DATA_INVALID || rawFiles.isEmpty()) {
        return failure;
      }
      for (Map.Entry<String, ObjectKey> file : rawFiles.entrySet()) {
        String path = '"' + file.getKey() + '"';
        if (said.contains(path)) {
          return ofRaw(said.replace(path, "'" + file.getValue() + "'"), failure);
        }
      }
      return ofViews ? ofRaw("a raw file: " + said.substring(0, excerpt), failure) : failure;
    }

    private static TarnException ofRaw(String said, TarnException failure) {
      return new TarnException(
          ErrorCode.DATA_INVALID,
          said
              + "; raw files are read as they are: make a clean table of them (tables/*.yaml), which puts such records into quarantine",
          failure);
    }

    /** From here on the session reads these files and nothing else. */
    void closeOutside() {
      session.execute(
          "SET allowed_paths = "
              + Sql.texts(paths())
              + "; SET enable_external_access = false; SET lock_configuration = true");
    }

    List<String> paths() {
      List<String> paths = new ArrayList<>(tables.paths());
      paths.addAll(copies);
      leases.forEach(l -> paths.add(l.path().toString()));
      return paths;
    }

    @Override
    public void close() {
      tables.close();
      leases.forEach(FileLease::close);
    }
  }

  /** Positions in a text, for people. */
  private static final class SqlErrors {
    static TarnException of(String sql, JsonNode error) {
      String message = error.path("error_message").asText();
      if (error.path("error_type").asText().equals("not implemented")) {
        return new TarnException(
            ErrorCode.SQL_REFUSED, "this kind of statement is not allowed: ask with a SELECT");
      } else if (message.startsWith("Max expression depth")) {
        return new TarnException(
            ErrorCode.SQL_REFUSED,
            "the SQL text is nested too deeply: split it, for example into models that build on each other");
      }
      return new TarnException(
          ErrorCode.SQL_INVALID, at(sql, message, error.path("position").asText("")));
    }

    static String at(String sql, String message, String position) {
      if (position.isEmpty()) {
        return message;
      }
      int offset = Math.min(Integer.parseInt(position), sql.length());
      String before = sql.substring(0, offset);
      long line = before.chars().filter(c -> c == '\n').count() + 1;
      int column = offset - before.lastIndexOf('\n');
      return message + " (line " + line + ", column " + column + ")";
    }
  }
}
