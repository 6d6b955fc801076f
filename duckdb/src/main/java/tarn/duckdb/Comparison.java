package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.change.Lsn;
import tarn.core.engine.ApplyJob;
import tarn.core.engine.Column;
import tarn.core.engine.CompareJob;
import tarn.core.engine.RawInput;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectStore;
import tarn.core.table.Scan;

/**
 * Rows of a source against those of its copy: a hash for each row of either, gathered by key in the
 * table {@code pairs}, in order of key; then only the rows of keys that differ are looked at again.
 */
final class Comparison implements AutoCloseable {
  private static final String DIFFERS =
      "(source_rows <> copy_rows OR source_hash IS DISTINCT FROM copy_hash)";

  private final CompareJob job;
  private final WorkerSession session;
  private final ObjectStore objects;
  private final TableSql tables;
  private final List<FileLease> leases = new ArrayList<>();
  private final List<Compared> columns = new ArrayList<>();

  /** Those of {@link #columns} that are the key, in its order. */
  private final List<Compared> key = new ArrayList<>();

  /**
   * A column of both sides, each as SQL of the same type.
   *
   * @param at names it in what is selected
   */
  private record Compared(String name, String at, String source, String copy) {}

  Comparison(CompareJob job, WorkerSession session, ObjectStore objects, TableSql tables) {
    this.job = job;
    this.session = session;
    this.objects = objects;
    this.tables = tables;
  }

  CompareJob.Result compare() {
    findColumns();
    if (!findTouched()) {
      return new CompareJob.Result(true, 0, List.of(), 0, List.of());
    }
    String source = source();
    String copy = "SELECT " + selected(Compared::copy) + " FROM (" + tables.rows(job.copy()) + ")";
    findPairs(source, copy);
    long passed = session.value("SELECT count(*) FROM touched").asLong();
    long differing = session.value("SELECT count(*) FROM pairs WHERE " + DIFFERS).asLong();
    return new CompareJob.Result(
        false, passed, ranges(), differing, differing == 0 ? List.of() : differences(source, copy));
  }

  // ---- columns ----

  private void findColumns() {
    Map<String, Compared> byName = new LinkedHashMap<>();
    for (Column column : job.columns()) {
      Types.NestedField field = job.copy().schema().caseInsensitiveFindField(column.name());
      Compared compared = compared(column, field, "c" + byName.size());
      byName.put(column.name(), compared);
      columns.add(compared);
    }
    for (String name : job.key()) {
      Compared column = byName.get(name);
      if (column == null) {
        throw new IllegalArgumentException(
            "the key's column " + name + " is not among the columns");
      }
      key.add(column);
    }
  }

  private Compared compared(Column column, Types.@Nullable NestedField field, String at) {
    String name = Sql.name(column.name());
    if (field == null) {
      return new Compared(
          column.name(), at, name, "CAST(NULL AS " + SqlTypes.sql(column.type()) + ")");
    }
    String copy = Sql.name(field.name());
    Type type = field.type();
    String sourceType = SqlTypes.sql(column.type());
    String copyType = SqlTypes.sql(type);
    if (sourceType.equals(copyType)) {
      return new Compared(column.name(), at, name, copy);
    } else if (isWider(type, column.type())) {
      return new Compared(column.name(), at, name, "CAST(" + copy + " AS " + sourceType + ")");
    } else if (isWider(column.type(), type)) {
      return new Compared(column.name(), at, "CAST(" + name + " AS " + copyType + ")", copy);
    }
    throw new TarnException(
        ErrorCode.CONFLICT,
        job.table().name()
            + "."
            + column.name()
            + " is "
            + type
            + ", and "
            + column.type()
            + " in its source now: it waits until its table has been loaded anew");
  }

  private static boolean isWider(Type from, Type to) {
    return from.isPrimitiveType() && TypeUtil.isPromotionAllowed(from, to.asPrimitiveType());
  }

  private String selected(java.util.function.Function<Compared, String> side) {
    return columns.stream()
        .map(c -> side.apply(c) + " AS " + c.at())
        .collect(Collectors.joining(", "));
  }

  private String keys() {
    return key.stream().map(Compared::at).collect(Collectors.joining(", "));
  }

  // ---- rows ----

  /** {@code touched}: keys of changes since the rows' moment. False if there was a truncate. */
  private boolean findTouched() {
    boolean comparable = true;
    if (job.changes().isEmpty()) {
      session.execute(
          "CREATE TEMP TABLE touched AS SELECT "
              + keys()
              + " FROM (SELECT "
              + selected(Compared::copy)
              + " FROM ("
              + tables.rows(
                  new Scan(
                      job.table().name(), OptionalLong.empty(), job.copy().schema(), List.of(), 0))
              + "))");
      return true;
    }
    ApplyJob changes =
        new ApplyJob(
            job.table(),
            job.changes(),
            job.key(),
            job.moment(),
            Lsn.ZERO,
            filter -> job.copy(),
            true,
            job.timeout());
    try (ChangeRows rows = new ChangeRows(changes, session, objects)) {
      comparable = new Applier(changes, session, objects, tables, rows).findTouched("touched_rows");
      session.execute(
          "CREATE TEMP TABLE touched AS SELECT DISTINCT "
              + key.stream().map(c -> c.copy() + " AS " + c.at()).collect(Collectors.joining(", "))
              + " FROM touched_rows");
    }
    return comparable;
  }

  private String source() {
    List<String> paths = new ArrayList<>();
    for (RawInput input : job.rows()) {
      FileLease lease = DamagedFiles.localize(objects, input.file().key(), "rows of a source");
      leases.add(lease);
      paths.add(lease.path().toString());
    }
    Map<String, String> values = new RawParquet(session).present(paths, job.columns()).values();
    String typed =
        job.columns().stream()
            .map(
                c ->
                    "CAST("
                        + values.getOrDefault(c.name().toLowerCase(Locale.ROOT), "NULL")
                        + " AS "
                        + SqlTypes.sql(c.type())
                        + ") AS "
                        + Sql.name(c.name()))
            .collect(Collectors.joining(", "));
    return "SELECT "
        + selected(Compared::source)
        + " FROM (SELECT "
        + typed
        + " FROM "
        + RawParquet.reader(paths, false)
        + ")";
  }

  private void findPairs(String source, String copy) {
    String hashed =
        "SELECT "
            + keys()
            + ", hash("
            + columns.stream().map(Compared::at).collect(Collectors.joining(", "))
            + ") AS h, ";
    String same =
        key.stream()
            .map(c -> "t." + c.at() + " = b." + c.at())
            .collect(Collectors.joining(" AND "));
    session.execute(
        "CREATE TEMP TABLE pairs AS SELECT b.* FROM (SELECT "
            + keys()
            + ", count(*) FILTER (WHERE s) AS source_rows, count(*) FILTER (WHERE NOT s) AS copy_rows,"
            + " bit_xor(h) FILTER (WHERE s) AS source_hash, bit_xor(h) FILTER (WHERE NOT s) AS copy_hash FROM ("
            + hashed
            + "true AS s FROM ("
            + source
            + ") UNION ALL "
            + hashed
            + "false AS s FROM ("
            + copy
            + ")) GROUP BY "
            + keys()
            + ") b ANTI JOIN touched t ON "
            + same
            + " ORDER BY "
            + keys());
  }

  // ---- what is told ----

  private List<CompareJob.Range> ranges() {
    long keys = session.value("SELECT count(*) FROM pairs").asLong();
    long size = Math.max(1, (keys + job.ranges() - 1) / job.ranges());
    List<CompareJob.Range> ranges = new ArrayList<>();
    for (JsonNode row :
        session.rows(
            "SELECT arg_min("
                + keyTexts("")
                + ", rowid), arg_max("
                + keyTexts("")
                + ", rowid), sum(source_rows)::BIGINT, sum(copy_rows)::BIGINT, "
                + hex("source_hash")
                + ", "
                + hex("copy_hash")
                + ", count(*) FILTER (WHERE "
                + DIFFERS
                + ") FROM pairs GROUP BY rowid // "
                + size
                + " ORDER BY rowid // "
                + size)) {
      ranges.add(
          new CompareJob.Range(
              texts(row.path(0)),
              texts(row.path(1)),
              row.path(2).asLong(),
              row.path(3).asLong(),
              row.path(4).asText(),
              row.path(5).asText(),
              row.path(6).asLong()));
    }
    return ranges;
  }

  private static String hex(String hash) {
    return "printf('%016x', coalesce(bit_xor(" + hash + "), 0))";
  }

  private String keyTexts(String relation) {
    return key.stream()
        .map(c -> "CAST(" + relation + c.at() + " AS VARCHAR)")
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private List<CompareJob.Difference> differences(String source, String copy) {
    session.execute(
        "CREATE TEMP TABLE differing AS SELECT rowid AS place, * FROM pairs WHERE "
            + DIFFERS
            + " ORDER BY rowid LIMIT "
            + job.mostKeys());
    for (String side : List.of("source", "copy")) {
      session.execute(
          "CREATE TEMP TABLE "
              + side
              + "_rows AS SELECT r.*, d.place FROM ("
              + (side.equals("source") ? source : copy)
              + ") r JOIN differing d ON "
              + key.stream()
                  .map(c -> "r." + c.at() + " = d." + c.at())
                  .collect(Collectors.joining(" AND "))
              + " WHERE d.source_rows = 1 AND d.copy_rows = 1");
    }
    String others =
        columns.stream()
            .map(
                c ->
                    "CASE WHEN s."
                        + c.at()
                        + " IS DISTINCT FROM l."
                        + c.at()
                        + " THEN "
                        + Sql.text(c.name())
                        + " END")
            .collect(Collectors.joining(", ", "list_filter([", "], lambda n: n IS NOT NULL)"));
    List<CompareJob.Difference> differences = new ArrayList<>();
    for (JsonNode row :
        session.rows(
            "SELECT "
                + keyTexts("d.")
                + ", CASE WHEN d.source_rows > 1 OR d.copy_rows > 1 THEN 'REPEATED' WHEN d.copy_rows = 0 THEN 'ONLY_IN_SOURCE'"
                + " WHEN d.source_rows = 0 THEN 'ONLY_IN_LAKE' ELSE 'DIFFERENT' END, "
                + others
                + " FROM differing d LEFT JOIN source_rows s ON s.place = d.place LEFT JOIN copy_rows l ON l.place = d.place"
                + " ORDER BY d.place")) {
      CompareJob.Kind kind = CompareJob.Kind.valueOf(row.path(1).asText());
      differences.add(
          new CompareJob.Difference(
              texts(row.path(0)),
              kind,
              kind == CompareJob.Kind.DIFFERENT ? texts(row.path(2)) : List.of()));
    }
    return differences;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(value -> texts.add(value.asText()));
    return texts;
  }

  @Override
  public void close() {
    leases.forEach(FileLease::close);
  }
}
