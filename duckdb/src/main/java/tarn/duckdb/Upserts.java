package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.LoadJob;
import tarn.core.engine.WriteMode;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;
import tarn.core.table.WrittenFile;

/**
 * Rows of {@code incoming} into a table with a key. Old versions are found by a semi join on the
 * key, in the files whose bounds allow it.
 */
final class Upserts {
  private static final int FORMAT_WITH_VECTORS = 3;

  private final WorkerSession session;
  private final ObjectStore objects;
  private final TableSql tables;
  private final ParquetFiles parquet;
  private final LoadJob job;
  private final WriteMode.Upsert upsert;
  private final String columns;
  private final String key;

  Upserts(
      WorkerSession session,
      ObjectStore objects,
      TableSql tables,
      ParquetFiles parquet,
      LoadJob job,
      WriteMode.Upsert upsert) {
    this.session = session;
    this.objects = objects;
    this.tables = tables;
    this.parquet = parquet;
    this.job = job;
    this.upsert = upsert;
    this.columns =
        Sql.names(job.table().schema().columns().stream().map(Types.NestedField::name).toList());
    this.key = Sql.names(upsert.key());
  }

  /** The change, and how many rows of {@code incoming} it brings in. */
  record Result(DataChange change, long stored) {}

  Result run() {
    session.execute(
        "CREATE OR REPLACE TEMP TABLE winners AS SELECT "
            + columns
            + " FROM incoming QUALIFY row_number() OVER (PARTITION BY "
            + key
            + " ORDER BY "
            + ordering("")
            + "__tarn_input DESC, __tarn_at DESC, rowid DESC) = 1");
    Scan scan = job.table().snapshotId().isEmpty() ? null : job.existing().apply(keyRange());
    if (scan == null || scan.files().isEmpty()) {
      return new Result(
          new DataChange.Append(write("SELECT " + columns + " FROM winners")), count("winners"));
    }
    findOldVersions(scan);
    long stored = count("winners");
    Map<String, ScanFile> touched = touched(scan);
    if (touched.isEmpty()) {
      return new Result(
          new DataChange.Append(write("SELECT " + columns + " FROM winners")), stored);
    }
    return new Result(
        upsert.mergeOnRead() ? mergeOnRead(touched) : copyOnWrite(scan, touched), stored);
  }

  /**
   * {@code old}: file and position of every old version that goes. Winners older than what is there
   * leave {@code winners}.
   */
  private void findOldVersions(Scan scan) {
    String same =
        upsert.key().stream()
            .map(c -> "e." + Sql.name(c) + " IS NOT DISTINCT FROM w." + Sql.name(c))
            .collect(Collectors.joining(" AND "));
    boolean nullable =
        session
                .value(
                    "SELECT count(*) FROM winners WHERE "
                        + upsert.key().stream()
                            .map(c -> Sql.name(c) + " IS NULL")
                            .collect(Collectors.joining(" OR ")))
                .asLong()
            > 0;
    String join = nullable ? same : same.replace("IS NOT DISTINCT FROM", "=");
    String existing = tables.withPositions(scan);
    String ordering = upsert.ordering();
    String stale =
        ordering == null
            ? "false"
            : "coalesce(e."
                + Sql.name(ordering)
                + " > w."
                + Sql.name(ordering)
                + ", e."
                + Sql.name(ordering)
                + " IS NOT NULL AND w."
                + Sql.name(ordering)
                + " IS NULL)";
    session.execute(
        "CREATE OR REPLACE TEMP TABLE hits AS SELECT e."
            + TableSql.FILE
            + " AS file, e."
            + TableSql.POSITION
            + " AS pos, w.rowid AS winner, "
            + stale
            + " AS stale FROM ("
            + existing
            + ") e JOIN winners w ON "
            + join);
    session.execute("DELETE FROM winners WHERE rowid IN (SELECT winner FROM hits WHERE stale)");
    session.execute(
        "CREATE OR REPLACE TEMP TABLE old AS SELECT file, pos FROM hits WHERE NOT stale");
  }

  private Map<String, ScanFile> touched(Scan scan) {
    Map<String, ScanFile> byPath = new HashMap<>();
    tables.localize(scan.files()).forEach((file, path) -> byPath.put(path, file));
    Map<String, ScanFile> touched = new HashMap<>();
    for (JsonNode row : session.rows("SELECT DISTINCT file FROM old")) {
      String path = row.path(0).asText();
      ScanFile file = byPath.get(path);
      if (file == null) {
        throw new IllegalStateException(
            "the engine found a row in " + path + ", which is not part of the scan");
      }
      touched.put(path, file);
    }
    return touched;
  }

  private DataChange mergeOnRead(Map<String, ScanFile> touched) {
    List<WrittenFile> files = write("SELECT " + columns + " FROM winners");
    if (job.table().formatVersion() < FORMAT_WITH_VECTORS) {
      List<DataChange.PositionDeletes> deletes = new ArrayList<>();
      touched.forEach((path, file) -> deletes.add(positionDeletes(path, file)));
      return new DataChange.MergeOnRead(List.of(), deletes, files);
    }
    List<DataChange.RowDeletes> deletes = new ArrayList<>();
    for (JsonNode row :
        session.rows("SELECT file, list(pos ORDER BY pos) FROM old GROUP BY file")) {
      ScanFile file = touched.get(row.path(0).asText());
      if (file != null) {
        deletes.add(new DataChange.RowDeletes(file, longs(row.path(1))));
      }
    }
    return new DataChange.MergeOnRead(deletes, List.of(), files);
  }

  /** A Parquet file with Iceberg's reserved field ids for file_path and pos. */
  private DataChange.PositionDeletes positionDeletes(String path, ScanFile file) {
    ObjectKey location = objects.key(job.table().location());
    Path staging = objects.stagingDirectory(location.zone());
    try {
      Path target = staging.resolve("deletes.parquet");
      JsonNode written =
          session
              .copy(
                  "COPY (SELECT "
                      + Sql.text(file.uri())
                      + " AS file_path, pos FROM old WHERE file = "
                      + Sql.text(path)
                      + " ORDER BY pos) TO "
                      + Sql.text(target.toString())
                      + " (FORMAT parquet, COMPRESSION zstd, RETURN_STATS, FIELD_IDS {file_path: 2147483546, pos: 2147483545})")
              .path(0);
      ObjectKey key = location.child("data").child(UUID.randomUUID() + "-deletes.parquet");
      objects.put(key, target);
      return new DataChange.PositionDeletes(
          file, key, written.path("bytes").asLong(), written.path("count").asLong());
    } finally {
      WorkerPool.deleteTree(staging);
    }
  }

  private DataChange copyOnWrite(Scan scan, Map<String, ScanFile> touched) {
    Scan part =
        new Scan(
            scan.table(),
            scan.snapshotId(),
            scan.schema(),
            List.copyOf(touched.values()),
            scan.filesBeforePruning());
    List<WrittenFile> files =
        write(
            "SELECT "
                + columns
                + " FROM ("
                + tables.withPositions(part)
                + ") e ANTI JOIN old o ON e."
                + TableSql.FILE
                + " = o.file AND e."
                + TableSql.POSITION
                + " = o.pos UNION ALL SELECT "
                + columns
                + " FROM winners");
    return new DataChange.CopyOnWrite(List.copyOf(touched.values()), files);
  }

  /**
   * Bounds of the first key column among the winners, so that files outside them are not looked at.
   */
  private Expression keyRange() {
    String column = upsert.key().get(0);
    Types.NestedField field = job.table().schema().caseInsensitiveFindField(column);
    Type.TypeID type = field.type().typeId();
    boolean comparable =
        type == Type.TypeID.LONG || type == Type.TypeID.INTEGER || type == Type.TypeID.STRING;
    JsonNode bounds =
        session
            .rows(
                "SELECT min("
                    + Sql.name(column)
                    + "), max("
                    + Sql.name(column)
                    + "), count(*) - count("
                    + Sql.name(column)
                    + ") FROM winners")
            .path(0);
    if (!comparable || bounds.path(0).isNull() || bounds.path(2).asLong() > 0) {
      return Expressions.alwaysTrue();
    }
    Object low =
        type == Type.TypeID.STRING ? bounds.path(0).asText() : (Object) bounds.path(0).asLong();
    Object high =
        type == Type.TypeID.STRING ? bounds.path(1).asText() : (Object) bounds.path(1).asLong();
    return Expressions.and(
        Expressions.greaterThanOrEqual(field.name(), low),
        Expressions.lessThanOrEqual(field.name(), high));
  }

  private List<WrittenFile> write(String select) {
    return parquet.write(job.table(), select);
  }

  private String ordering(String prefix) {
    return upsert.ordering() == null
        ? ""
        : prefix + Sql.name(upsert.ordering()) + " DESC NULLS LAST, ";
  }

  private long count(String table) {
    return session.value("SELECT count(*) FROM " + table).asLong();
  }

  private static long[] longs(JsonNode array) {
    long[] values = new long[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asLong();
    }
    return values;
  }
}
