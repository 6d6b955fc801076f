package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.engine.Column;
import tarn.core.engine.LoadJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.engine.WriteMode;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Rule;
import tarn.core.engine.plan.Step;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectStore;
import tarn.core.table.DataChange;
import tarn.core.table.WrittenFile;

/**
 * One load. Rows come together in the table {@code incoming}, in the ledger's order, each file
 * strictly or, if it fails, record by record; appends of clean files skip that table and stream.
 * What is rejected comes together in {@code quarantine}.
 */
final class Loader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Loader.class);

  private final LoadJob job;
  private final WorkerSession session;
  private final ObjectStore objects;
  private final TableSql tables;
  private final ParquetFiles parquet;
  private final List<FileLease> leases = new ArrayList<>();
  private final Map<RawInput, String> paths = new HashMap<>();
  private final List<Step> steps;
  private final Set<RawInput> slow = new HashSet<>();
  private long read;
  private boolean quarantineMade;

  Loader(LoadJob job, WorkerSession session, ObjectStore objects, TableSql tables) {
    this.job = job;
    this.session = session;
    this.objects = objects;
    this.tables = tables;
    this.parquet = new ParquetFiles(session, objects);
    this.steps = withOutput(job);
  }

  LoadResult load() {
    for (RawInput input : job.inputs()) {
      FileLease lease = objects.localize(input.file().key());
      leases.add(lease);
      paths.put(input, lease.path().toString());
    }
    if (canStream()) {
      LoadResult streamed = tryStream();
      if (streamed != null) {
        return streamed;
      }
    }
    makeTables();
    noteUnreadable();
    fillIncoming();
    long duplicates = uniqueRules().isEmpty() ? 0 : rejectDuplicates();
    return finish(duplicates);
  }

  // ---- streaming: an append without anything to compare ----

  private boolean canStream() {
    return !(job.mode() instanceof WriteMode.Upsert)
        && uniqueRules().isEmpty()
        && job.unreadable().isEmpty()
        && !job.inputs().isEmpty();
  }

  /** Null if some file is not clean. */
  private @org.jspecify.annotations.Nullable LoadResult tryStream() {
    List<String> selects = new ArrayList<>();
    for (List<RawInput> group : RawSql.groups(job.inputs())) {
      selects.add(strict(group));
    }
    try {
      List<WrittenFile> files = parquet.write(job.table(), String.join(" UNION ALL ", selects));
      long stored = files.stream().mapToLong(WrittenFile::rows).sum();
      long all = hasFilter() ? countRaw(job.inputs()) : stored;
      DataChange change =
          job.mode() instanceof WriteMode.OverwritePartitions
              ? new DataChange.ReplacePartitions(files)
              : new DataChange.Append(files);
      return new LoadResult(
          change, List.of(), all, stored, 0, all - stored, 0, job.inputs().size(), 0);
    } catch (TarnException e) {
      if (!isAboutData(e)) {
        throw e;
      }
      LOG.debug("not every file is clean: {}", e.line());
      if (job.inputs().size() == 1) {
        slow.addAll(job.inputs());
      }
      return null;
    }
  }

  // ---- incoming ----

  private void makeTables() {
    String columns =
        job.table().schema().columns().stream()
            .map(c -> Sql.name(c.name()) + " " + SqlTypes.sql(c.type()))
            .collect(Collectors.joining(", "));
    session.execute(
        "CREATE OR REPLACE TEMP TABLE incoming ("
            + columns
            + ", __tarn_input INTEGER, __tarn_at BIGINT, __tarn_line_at BIGINT, __tarn_bytes BIGINT)");
    session.execute(
        "CREATE OR REPLACE TEMP TABLE rejects (line BIGINT, off BIGINT, len BIGINT, reason VARCHAR, col VARCHAR, val VARCHAR)");
    session.execute(
        "CREATE OR REPLACE TEMP TABLE quarantine (ledger_seq BIGINT, file VARCHAR, line BIGINT, byte_offset BIGINT, byte_length BIGINT, reason VARCHAR,"
            + " column_name VARCHAR, value VARCHAR, record BLOB)");
    quarantineMade = true;
  }

  private void noteUnreadable() {
    for (LoadJob.Unreadable file : job.unreadable()) {
      session.execute(
          "INSERT INTO quarantine VALUES ("
              + file.ledgerSeq()
              + ", "
              + Sql.text(file.file().key().path())
              + ", NULL, NULL, NULL, "
              + Sql.text(file.reason())
              + ", NULL, NULL, NULL)");
      read++;
    }
  }

  private void fillIncoming() {
    List<List<RawInput>> groups =
        uniqueRules().isEmpty()
            ? RawSql.groups(job.inputs())
            : job.inputs().stream().map(List::of).toList();
    for (List<RawInput> group : groups) {
      if (slow.containsAll(group) || !insertStrictly(group)) {
        for (RawInput input : group) {
          if (slow.contains(input) || group.size() == 1 || !insertStrictly(List.of(input))) {
            insertSlowly(input);
          }
        }
      }
    }
  }

  private boolean insertStrictly(List<RawInput> group) {
    try {
      int first = job.inputs().indexOf(group.get(0));
      long rows =
          session.execute(
              "INSERT INTO incoming SELECT "
                  + outputNames()
                  + ", "
                  + first
                  + ", NULL, NULL, NULL FROM ("
                  + strict(group)
                  + ")");
      read += hasFilter() ? countRaw(group) : rows;
      return true;
    } catch (TarnException e) {
      if (!isAboutData(e)) {
        throw e;
      }
      LOG.debug("{} takes the slow path: {}", group.get(0).file().key(), e.line());
      return false;
    }
  }

  /**
   * Every good record goes to {@code incoming}, every bad one with its bytes to {@code quarantine}.
   */
  private void insertSlowly(RawInput input) {
    slow.add(input);
    String work = session.work().resolve("records.txt").toString();
    ObjectNode request = slowRequest("split", input).put("work", work);
    JsonNode found = session.call(request);
    read += found.path("records").asLong();
    session.execute(
        "CREATE OR REPLACE TEMP TABLE slow AS "
            + RecipeSql.tracked(
                RawSql.tracked(input, work, found.path("longest").asLong(), job.columns()),
                job.columns(),
                steps,
                job.rules()));
    session.execute(
        "INSERT INTO incoming SELECT "
            + outputNames()
            + ", "
            + job.inputs().indexOf(input)
            + ", "
            + RawSql.OFFSET
            + ", "
            + RawSql.LINE
            + ", "
            + RawSql.LENGTH
            + " FROM slow WHERE "
            + RecipeSql.REJECT
            + " IS NULL ORDER BY "
            + RawSql.OFFSET);
    session.execute(
        "INSERT INTO rejects SELECT "
            + RawSql.LINE
            + ", "
            + RawSql.OFFSET
            + ", "
            + RawSql.LENGTH
            + ", r.reason, r.col, r.val FROM (SELECT *, "
            + RecipeSql.REJECT
            + " AS r FROM slow) WHERE r IS NOT NULL");
    session.execute("DROP TABLE slow");
    quarantineRejects(input);
  }

  /** Moves what is in {@code rejects}, all of one input, to {@code quarantine}. */
  private void quarantineRejects(RawInput input) {
    session.call(
        slowRequest("bytes", input)
            .put("ledgerSeq", input.ledgerSeq())
            .put("name", input.file().key().path()));
  }

  /**
   * A file that was read strictly turns out to have records to reject: take its rows out and read
   * it record by record.
   */
  private void readAgainSlowly(int index) {
    RawInput input = job.inputs().get(index);
    if (!slow.contains(input)) {
      long rows = session.execute("DELETE FROM incoming WHERE __tarn_input = " + index);
      read -= hasFilter() ? countRaw(List.of(input)) : rows;
      insertSlowly(input);
    }
  }

  private ObjectNode slowRequest(String op, RawInput input) {
    ObjectNode request =
        WorkerSession.request(op)
            .put("path", paths.get(input))
            .put("compression", input.compression().name());
    if (input.format() instanceof RawFormat.Csv csv) {
      request
          .put("format", "csv")
          .put("delimiter", String.valueOf(csv.delimiter()))
          .put("quote", String.valueOf(csv.quote()));
      request.put("fields", csv.columns().size()).put("header", csv.header());
    } else {
      request.put("format", "json");
    }
    return request;
  }

  // ---- the end ----

  private LoadResult finish(long duplicates) {
    long incoming = session.value("SELECT count(*) FROM incoming").asLong();
    long rejected = session.value("SELECT count(*) FROM quarantine").asLong();
    DataChange change;
    long stored;
    if (job.mode() instanceof WriteMode.Upsert upsert) {
      Upserts.Result result = new Upserts(session, objects, tables, parquet, job, upsert).run();
      change = result.change();
      stored = result.stored();
    } else {
      List<WrittenFile> files =
          incoming == 0
              ? List.of()
              : parquet.write(
                  job.table(),
                  "SELECT "
                      + outputNames()
                      + " FROM incoming ORDER BY __tarn_input, __tarn_at, rowid");
      change =
          job.mode() instanceof WriteMode.OverwritePartitions
              ? new DataChange.ReplacePartitions(files)
              : new DataChange.Append(files);
      stored = incoming;
    }
    List<WrittenFile> quarantined =
        rejected == 0
            ? List.of()
            : parquet.write(job.quarantine().get(), "SELECT * FROM quarantine");
    long filtered = read - rejected - incoming;
    LOG.debug("{}: read {}, unique duplicates {}", job.table().name(), read, duplicates);
    return new LoadResult(
        change,
        quarantined,
        read,
        stored,
        incoming - stored,
        filtered,
        rejected,
        job.inputs().size() - slow.size(),
        slow.size());
  }

  private long rejectDuplicates() {
    session.execute(UniqueRules.existing(tables, job));
    return new UniqueRules(
            session, job, this::readAgainSlowly, i -> quarantineRejects(job.inputs().get(i)))
        .apply();
  }

  // ---- pieces ----

  private String strict(List<RawInput> group) {
    List<String> files = group.stream().map(i -> String.valueOf(paths.get(i))).toList();
    return "SELECT "
        + outputNames()
        + " FROM ("
        + RecipeSql.strict(
            RawSql.strict(group, files, job.columns()), job.columns(), steps, job.rules())
        + ")";
  }

  private long countRaw(List<RawInput> inputs) {
    long count = 0;
    for (List<RawInput> group : RawSql.groups(inputs)) {
      List<String> files = group.stream().map(i -> String.valueOf(paths.get(i))).toList();
      count += session.value(RawSql.count(group, files, job.columns())).asLong();
    }
    return count;
  }

  private boolean hasFilter() {
    return job.steps().stream().anyMatch(s -> s instanceof Step.Filter);
  }

  private List<Rule.Unique> uniqueRules() {
    return UniqueRules.of(job);
  }

  private String outputNames() {
    return job.table().schema().columns().stream()
        .map(c -> Sql.name(c.name()))
        .collect(Collectors.joining(", "));
  }

  /**
   * The recipe, and a last step that gives exactly the table's columns, cast where the types
   * differ.
   */
  private List<Step> withOutput(LoadJob load) {
    Map<String, Column> made = new HashMap<>();
    for (JsonNode column :
        session.rows("DESCRIBE " + RecipeSql.shape(load.columns(), load.steps()))) {
      String name = column.path(0).asText();
      made.put(
          name.toLowerCase(Locale.ROOT),
          new Column(name, SqlTypes.iceberg(column.path(1).asText())));
    }
    List<Step.Named> output = new ArrayList<>();
    for (Types.NestedField target : load.table().schema().columns()) {
      Column source = made.get(target.name().toLowerCase(Locale.ROOT));
      output.add(
          new Step.Named(
              target.name(),
              source == null ? Expr.literal(null) : converted(source, target.type())));
    }
    List<Step> all = new ArrayList<>(load.steps());
    all.add(new Step.Project(output));
    return all;
  }

  private static Expr converted(Column source, Type target) {
    boolean same = SqlTypes.sql(source.type()).equals(SqlTypes.sql(target));
    if (same || !target.isPrimitiveType()) {
      return Expr.column(source.name());
    }
    return new Expr.Cast(Expr.column(source.name()), target.asPrimitiveType(), source.name(), null);
  }

  private static boolean isAboutData(TarnException e) {
    return e.code() == ErrorCode.DATA_INVALID;
  }

  @Override
  public void close() {
    leases.forEach(FileLease::close);
    if (quarantineMade) {
      LOG.debug(
          "{}: {} of {} files took the slow path",
          job.table().name(),
          slow.size(),
          job.inputs().size());
    }
  }

  static Set<String> lower(List<String> names) {
    return names.stream()
        .map(n -> n.toLowerCase(Locale.ROOT))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
