package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.engine.Column;
import tarn.core.engine.Compression;
import tarn.core.engine.LoadJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.MeasureJob;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.engine.WriteMode;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Rule;
import tarn.core.engine.plan.Step;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.RawFile;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectStore;
import tarn.core.table.DataChange;
import tarn.core.table.WrittenFile;

/**
 * One load. Rows come together in the table {@code incoming}, in the ledger's order, files strictly
 * or, if that fails, record by record; appends of clean files skip that table and stream. What is
 * rejected comes together in {@code quarantine}.
 */
final class Loader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Loader.class);

  /** Files that together are no larger are not worth finding out which of them are clean. */
  private static final long SMALL_BYTES = 32 << 20;

  private final LoadJob job;
  private final WorkerSession session;
  private final ObjectStore objects;
  private final TableSql tables;
  private final ParquetFiles parquet;
  private final List<FileLease> leases = new ArrayList<>();
  private final Map<RawInput, String> paths = new HashMap<>();
  private final Map<RawInput, String> originals = new HashMap<>();
  private final List<Step> steps;
  private LookupSql lookups = LookupSql.NONE;
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

  /** Writes the files, and measures the table as it would be with them. */
  LoadResult load() {
    LoadResult result = write();
    if (job.measures().isEmpty()) {
      return result;
    }
    MeasureJob asked =
        new MeasureJob(
            job.table(),
            result.change(),
            job.measures(),
            () -> job.existing().apply(Expressions.alwaysTrue()),
            job.others(),
            job.timeout());
    try (Measures measures = new Measures(session, objects, tables, asked)) {
      return result.with(measures.take());
    }
  }

  private LoadResult write() {
    SecretSql.define(session, job.steps());
    lookups = LookupSql.prepare(session, tables, job);
    for (RawInput input : job.inputs()) {
      FileLease lease =
          DamagedFiles.localize(
              objects, input.file().key(), "batch " + input.ledgerSeq() + " of the ledger");
      leases.add(lease);
      String path = lease.path().toString();
      originals.put(input, path);
      paths.put(input, Decoding.path(session, input, path, originals.size()));
    }
    findCorrupt();
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

  /** The engine's own reading of gzip does not compare checksums: wrong values would be stored. */
  private void findCorrupt() {
    ObjectNode request = WorkerSession.request("corrupt");
    ArrayNode files = request.putArray("files");
    for (RawInput input : job.inputs()) {
      if (input.compression() == Compression.GZIP) {
        file(files.addObject(), input);
      }
    }
    if (!files.isEmpty()) {
      for (JsonNode input : session.call(request).path("corrupt")) {
        slow.add(job.inputs().get(input.asInt()));
      }
    }
  }

  // ---- streaming: an append without anything to compare ----

  private boolean canStream() {
    return !(job.mode() instanceof WriteMode.Upsert)
        && uniqueRules().isEmpty()
        && job.unreadable().isEmpty()
        && slow.isEmpty()
        && !job.inputs().isEmpty();
  }

  /** Null if some file is not clean. */
  private @org.jspecify.annotations.Nullable LoadResult tryStream() {
    try {
      List<String> selects = new ArrayList<>();
      for (List<RawInput> group : RawSql.groups(job.inputs())) {
        selects.add("SELECT " + outputNames() + " FROM (" + strict(group, false) + ")");
      }
      List<WrittenFile> files =
          new AdoptedFiles(job, session, objects)
              .adopt(localPaths(job.inputs()))
              .orElseGet(() -> parquet.write(job.table(), String.join(" UNION ALL ", selects)));
      long stored = files.stream().mapToLong(WrittenFile::rows).sum();
      long all = hasFilter() ? countRaw(job.inputs()) : stored;
      DataChange change =
          job.mode() instanceof WriteMode.OverwritePartitions
              ? new DataChange.ReplacePartitions(files)
              : new DataChange.Append(files);
      return new LoadResult(
          change,
          List.of(),
          all,
          stored,
          0,
          all - stored,
          0,
          job.inputs().size(),
          0,
          Map.of(),
          Map.of());
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
        "CREATE OR REPLACE TEMP TABLE rejects (input INTEGER, line BIGINT, off BIGINT, len BIGINT, reason VARCHAR, col VARCHAR, val VARCHAR)");
    session.execute(
        "CREATE OR REPLACE TEMP TABLE quarantine (ledger_seq BIGINT, file VARCHAR, line BIGINT, byte_offset BIGINT, byte_length BIGINT, reason VARCHAR,"
            + " column_name VARCHAR, value VARCHAR, record BLOB)");
    quarantineMade = true;
  }

  private void noteUnreadable() {
    for (LoadJob.Unreadable file : job.unreadable()) {
      noteUnreadable(file.ledgerSeq(), file.file(), file.reason());
    }
  }

  private void noteUnreadable(long ledgerSeq, RawFile file, String reason) {
    session.execute(
        "INSERT INTO quarantine VALUES ("
            + ledgerSeq
            + ", "
            + Sql.text(file.key().path())
            + ", NULL, NULL, NULL, "
            + Sql.text(reason)
            + ", NULL, NULL, NULL)");
    read++;
  }

  private void fillIncoming() {
    for (List<RawInput> family : RawSql.families(job.inputs())) {
      take(family);
    }
  }

  /** Strictly as far as possible: what fails is halved until it is one file, or small. */
  private void take(List<RawInput> inputs) {
    boolean known = inputs.stream().anyMatch(slow::contains);
    if (known || !insertStrictly(inputs)) {
      if (inputs.size() == 1 || bytes(inputs) <= SMALL_BYTES) {
        insertSlowly(inputs);
      } else {
        take(inputs.subList(0, inputs.size() / 2));
        take(inputs.subList(inputs.size() / 2, inputs.size()));
      }
    }
  }

  private static long bytes(List<RawInput> inputs) {
    return inputs.stream().mapToLong(i -> i.file().bytes()).sum();
  }

  /** Which of two rows landed first decides what a table with a key or a unique rule keeps. */
  private boolean insertStrictly(List<RawInput> inputs) {
    boolean ordered = lookups.reorders() && !job.columns().isEmpty();
    try {
      List<String> selects = new ArrayList<>();
      for (List<RawInput> group : RawSql.groups(inputs)) {
        selects.add(
            "SELECT "
                + outputNames()
                + ", "
                + inputNumber(group)
                + ", NULL, NULL, NULL FROM ("
                + strict(group, ordered)
                + (ordered ? " ORDER BY " + RecipeSql.ROW : "")
                + ")");
      }
      long rows = session.execute("INSERT INTO incoming " + String.join(" UNION ALL ", selects));
      read += hasFilter() ? countRaw(inputs) : rows;
      return true;
    } catch (TarnException e) {
      if (!isAboutData(e)) {
        throw e;
      }
      LOG.debug("{} takes the slow path: {}", inputs.get(0).file().key(), e.line());
      return false;
    }
  }

  /** Only uniqueness asks which file a row is from; otherwise the group's first stands for all. */
  private String inputNumber(List<RawInput> group) {
    int first = job.inputs().indexOf(group.get(0));
    return withFile()
        ? first - 1 + " + list_position(" + Sql.texts(localPaths(group)) + ", " + RawSql.FILE + ")"
        : String.valueOf(first);
  }

  private boolean withFile() {
    return !uniqueRules().isEmpty();
  }

  private List<String> localPaths(List<RawInput> inputs) {
    return inputs.stream().map(i -> String.valueOf(paths.get(i))).toList();
  }

  /**
   * Every good record goes to {@code incoming}, every bad one with its bytes to {@code quarantine}.
   */
  private void insertSlowly(List<RawInput> inputs) {
    slow.addAll(inputs);
    if (inputs.get(0).format() instanceof RawFormat.Parquet) {
      inputs.forEach(this::insertParquet);
      quarantineRejects();
      return;
    }
    String work = session.work().resolve("records.txt").toString();
    JsonNode found = session.call(splitRequest(inputs).put("work", work));
    read += found.path("records").asLong();
    new TrackedRows(session, job, steps, lookups, outputNames())
        .take(
            inputs,
            RawSql.workFile(inputs, work, found.path("longest").asLong()),
            found.path("escaped").asLong() > 0);
    quarantineRejects();
  }

  private void insertParquet(RawInput input) {
    String path = String.valueOf(paths.get(input));
    Optional<String> damage = new RawParquet(session).damage(path);
    if (damage.isPresent()) {
      noteUnreadable(input.ledgerSeq(), input.file(), damage.get());
      return;
    }
    read += session.value("SELECT count(*) FROM read_parquet(" + Sql.text(path) + ")").asLong();
    new TrackedRows(session, job, steps, lookups, outputNames())
        .takeParquet(input, job.inputs().indexOf(input), path);
  }

  /** Moves what is in {@code rejects} to {@code quarantine}. */
  private void quarantineRejects() {
    ObjectNode request = WorkerSession.request("bytes");
    ArrayNode files = request.putArray("files");
    for (JsonNode row : session.rows("SELECT DISTINCT input FROM rejects ORDER BY 1")) {
      RawInput input = job.inputs().get(row.path(0).asInt());
      file(files.addObject(), input)
          .put("ledgerSeq", input.ledgerSeq())
          .put("name", input.file().key().path());
    }
    if (!files.isEmpty()) {
      session.call(request);
    }
  }

  /**
   * Files that were read strictly turn out to have records to reject: take their rows out and read
   * them record by record.
   */
  private void readAgainSlowly(List<Integer> indexes) {
    List<RawInput> again = new ArrayList<>();
    for (int index : indexes) {
      RawInput input = job.inputs().get(index);
      if (!slow.contains(input)) {
        long rows = session.execute("DELETE FROM incoming WHERE __tarn_input = " + index);
        read -= hasFilter() ? countRaw(List.of(input)) : rows;
        again.add(input);
      }
    }
    for (List<RawInput> family : RawSql.families(again)) {
      portions(family).forEach(this::insertSlowly);
    }
  }

  private static List<List<RawInput>> portions(List<RawInput> inputs) {
    List<List<RawInput>> portions = new ArrayList<>();
    long bytes = 0;
    for (RawInput input : inputs) {
      bytes += input.file().bytes();
      if (portions.isEmpty() || bytes > SMALL_BYTES) {
        portions.add(new ArrayList<>());
        bytes = input.file().bytes();
      }
      portions.get(portions.size() - 1).add(input);
    }
    return portions;
  }

  private ObjectNode splitRequest(List<RawInput> inputs) {
    ObjectNode request = WorkerSession.request("split");
    RawSql.request(request, inputs.get(0).format());
    ArrayNode files = request.putArray("files");
    for (RawInput input : inputs) {
      ArrayNode constants = file(files.addObject(), input).putArray("constants");
      for (String name : inputs.get(0).partitionValues().keySet()) {
        constants.add(input.partitionValues().get(name));
      }
    }
    return request;
  }

  private ObjectNode file(ObjectNode node, RawInput input) {
    return Decoding.describe(
        node.put("input", job.inputs().indexOf(input)),
        input,
        String.valueOf(originals.get(input)));
  }

  // ---- the end ----

  private LoadResult finish(long duplicates) {
    long incoming = session.value("SELECT count(*) FROM incoming").asLong();
    long rejected = session.value("SELECT count(*) FROM quarantine").asLong();
    DataChange change;
    long stored;
    if (job.mode() instanceof WriteMode.Upsert upsert) {
      Upserts.Result result = new Upserts(session, objects, tables, job, upsert).run();
      change = result.change();
      stored = result.stored();
    } else {
      List<WrittenFile> files =
          incoming == 0
              ? List.of()
              : parquet.write(
                  job.table(), "SELECT " + outputNames() + " FROM incoming" + inLedgerOrder());
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
        slow.size(),
        rejected == 0 ? Map.of() : reasons(),
        Map.of());
  }

  private Map<String, Long> reasons() {
    Map<String, Long> reasons = new HashMap<>();
    for (JsonNode row : session.rows("SELECT reason, count(*) FROM quarantine GROUP BY 1")) {
      reasons.put(row.path(0).asText(), row.path(1).asLong());
    }
    return reasons;
  }

  /** Rows come in the ledger's order, but for those of files that were read again. */
  private String inLedgerOrder() {
    return withFile() ? " ORDER BY __tarn_input, __tarn_at, rowid" : "";
  }

  private long rejectDuplicates() {
    session.execute(UniqueRules.existing(tables, job));
    return new UniqueRules(session, job, this::readAgainSlowly, this::quarantineRejects).apply();
  }

  // ---- pieces ----

  /**
   * @param numbered whether {@link RecipeSql#ROW} is among the columns
   */
  private String strict(List<RawInput> group, boolean numbered) {
    List<String> kept = new ArrayList<>();
    RawSql.Raw raw =
        RawSql.strict(session, plain(group), localPaths(group), job.columns(), withFile());
    if (withFile()) {
      kept.add(RawSql.FILE);
    }
    if (numbered) {
      kept.add(RecipeSql.ROW);
      raw = RecipeSql.numbered(raw);
    }
    return RecipeSql.strict(
        raw, job.columns(), steps, job.rules(), lookups, String.join(", ", kept));
  }

  private static List<RawInput> plain(List<RawInput> group) {
    return group.stream().map(Decoding::plain).toList();
  }

  private long countRaw(List<RawInput> inputs) {
    long count = 0;
    for (List<RawInput> group : RawSql.groups(inputs)) {
      count +=
          session
              .value(RawSql.count(session, plain(group), localPaths(group), job.columns()))
              .asLong();
    }
    return count;
  }

  private boolean hasFilter() {
    return job.steps().stream()
        .anyMatch(
            s -> s instanceof Step.Filter || s instanceof Step.Lookup join && join.onlyFound());
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
    if (same) {
      return Expr.column(source.name());
    } else if (!target.isPrimitiveType()
        || target.typeId() == Type.TypeID.STRING && !source.type().isPrimitiveType()) {
      return new Expr.Reshape(Expr.column(source.name()), source.type(), target, source.name());
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
