package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;
import tarn.core.table.TableState;
import tarn.core.table.WrittenFile;

/**
 * The rows of a table that have certain keys: where they are, and how others come in their place.
 * They are found by a join on the key, in the files whose bounds allow it.
 */
final class OldVersions {
  private static final int FORMAT_WITH_VECTORS = 3;

  /** So many positions are asked for in one answer. */
  private static final int POSITIONS_AT_ONCE = 200_000;

  private final WorkerSession session;
  private final ObjectStore objects;
  private final TableSql tables;
  private final ParquetFiles parquet;
  private final Keyed keyed;
  private final String columns;

  OldVersions(WorkerSession session, ObjectStore objects, TableSql tables, Keyed keyed) {
    this.session = session;
    this.objects = objects;
    this.tables = tables;
    this.parquet = new ParquetFiles(session, objects);
    this.keyed = keyed;
    this.columns =
        Sql.names(keyed.table().schema().columns().stream().map(Types.NestedField::name).toList());
  }

  /**
   * A table whose rows have keys.
   *
   * @param existing plans its rows
   */
  record Keyed(
      TableState table,
      List<String> key,
      Function<Expression, Scan> existing,
      boolean mergeOnRead) {}

  /**
   * Makes the table {@code hits}: file and pos of every row of the table that has a key of {@code
   * keys}, and more.
   *
   * @param more expressions over {@code e}, the table's row, and {@code k}, the one with its key
   * @return the files that were looked at; if there are none, {@code hits} is not made
   */
  List<ScanFile> find(String keys, String more) {
    if (keyed.table().snapshotId().isEmpty()) {
      return List.of();
    }
    Scan scan = keyed.existing().apply(keyRange(keys));
    List<ScanFile> files = scan.files();
    if (files.isEmpty()) {
      return files;
    }
    boolean vectors =
        files.stream().flatMap(f -> f.deletes().stream()).allMatch(ScanFile.DeleteSource::vector);
    if (vectors && isTold(keys)) {
      find(scan(files.stream().map(ScanFile::withoutDeletes).toList()), keys, more);
      if (isTold("hits")) {
        passDeleted(files);
        return files;
      }
    }
    find(scan, keys, more);
    return files;
  }

  /** Whether a relation is small enough for one answer. */
  private boolean isTold(String relation) {
    return session.value("SELECT count(*) FROM " + relation).asLong() <= POSITIONS_AT_ONCE;
  }

  private void find(Scan scan, String keys, String more) {
    session.execute(
        "CREATE OR REPLACE TEMP TABLE hits AS SELECT e."
            + TableSql.FILE
            + " AS file, e."
            + TableSql.POSITION
            + " AS pos, "
            + more
            + " FROM ("
            + tables.withPositions(scan)
            + ") e JOIN "
            + keys
            + " k ON "
            + sameKey(keys));
  }

  /**
   * Takes out of {@code hits} the rows that are deleted already. For few keys this is quicker than
   * not to read them: most of the deleted rows have other keys.
   */
  private void passDeleted(List<ScanFile> files) {
    Map<String, ScanFile> holed =
        byPath(files.stream().filter(f -> !f.deletes().isEmpty()).toList());
    PositionSets deleted = new PositionSets(session, "deleted");
    boolean any = false;
    for (JsonNode row :
        holed.isEmpty()
            ? List.<JsonNode>of()
            : session.rows("SELECT file, list(pos) FROM hits GROUP BY file")) {
      String path = row.path(0).asText();
      ScanFile file = holed.get(path);
      if (file != null) {
        BitSet here = bits(longs(row.path(1)));
        deleted.add(
            path,
            visitor ->
                tables.deletedPositions(
                    file,
                    position -> {
                      if (here.get(Math.toIntExact(position))) {
                        visitor.accept(position);
                      }
                    }));
        any = true;
      }
    }
    if (any) {
      deleted.load();
      session.execute(
          "DELETE FROM hits USING deleted d WHERE hits.file = d.file AND hits.pos = d.pos");
    }
  }

  private static BitSet bits(long[] positions) {
    BitSet bits = new BitSet();
    for (long position : positions) {
      bits.set(Math.toIntExact(position));
    }
    return bits;
  }

  private Map<String, ScanFile> byPath(List<ScanFile> files) {
    Map<String, ScanFile> byPath = new HashMap<>();
    tables.localize(files).forEach((file, path) -> byPath.put(path, file));
    return byPath;
  }

  private String sameKey(String keys) {
    String nullable =
        keyed.key().stream().map(c -> Sql.name(c) + " IS NULL").collect(Collectors.joining(" OR "));
    boolean nulls =
        session.value("SELECT count(*) FROM " + keys + " WHERE " + nullable).asLong() > 0;
    return keyed.key().stream()
        .map(
            c ->
                "e."
                    + Sql.name(c)
                    + (nulls ? " IS NOT DISTINCT FROM " : " = ")
                    + "k."
                    + Sql.name(c))
        .collect(Collectors.joining(" AND "));
  }

  /**
   * Bounds of the first key column among the keys, so that files outside them are not looked at.
   */
  private Expression keyRange(String keys) {
    String column = keyed.key().get(0);
    Types.NestedField field = keyed.table().schema().caseInsensitiveFindField(column);
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
                    + ") FROM "
                    + keys)
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

  /**
   * The change that brings rows and takes old ones away.
   *
   * @param rows a SELECT of the table's columns
   * @param old a SELECT of file and pos of {@code hits}
   * @param files those that {@link #find} looked at
   */
  DataChange replace(String rows, String old, List<ScanFile> files) {
    if (files.isEmpty()) {
      return new DataChange.Append(write(rows));
    }
    session.execute("CREATE OR REPLACE TEMP TABLE old AS " + old);
    Map<String, ScanFile> touched = touched("old", files);
    if (touched.isEmpty()) {
      return new DataChange.Append(write(rows));
    }
    return keyed.mergeOnRead() ? mergeOnRead(rows, touched) : copyOnWrite(rows, touched);
  }

  /** Those of the files that rows of a table with a column {@code file} are in, by local path. */
  Map<String, ScanFile> touched(String relation, List<ScanFile> files) {
    Map<String, ScanFile> byPath = byPath(files);
    Map<String, ScanFile> touched = new HashMap<>();
    for (JsonNode row : session.rows("SELECT DISTINCT file FROM " + relation)) {
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

  /** The table as if it had only these files. */
  Scan scan(Collection<ScanFile> files) {
    TableState table = keyed.table();
    return new Scan(
        table.name(), table.snapshotId(), table.schema(), List.copyOf(files), files.size());
  }

  private DataChange mergeOnRead(String rows, Map<String, ScanFile> touched) {
    List<WrittenFile> files = write(rows);
    if (keyed.table().formatVersion() < FORMAT_WITH_VECTORS) {
      List<DataChange.PositionDeletes> deletes = new ArrayList<>();
      touched.forEach((path, file) -> deletes.add(positionDeletes(path, file)));
      return new DataChange.MergeOnRead(List.of(), deletes, files);
    }
    return new DataChange.MergeOnRead(rowDeletes(touched), List.of(), files);
  }

  private List<DataChange.RowDeletes> rowDeletes(Map<String, ScanFile> touched) {
    List<DataChange.RowDeletes> deletes = new ArrayList<>();
    if (session.value("SELECT count(*) FROM old").asLong() > POSITIONS_AT_ONCE) {
      touched.forEach(
          (path, file) -> deletes.add(new DataChange.RowDeletes(file, positions(path))));
      return deletes;
    }
    for (JsonNode row :
        session.rows("SELECT file, list(pos ORDER BY pos) FROM old GROUP BY file")) {
      ScanFile file = touched.get(row.path(0).asText());
      if (file != null) {
        deletes.add(new DataChange.RowDeletes(file, longs(row.path(1))));
      }
    }
    return deletes;
  }

  /** Those of one file, some at a time: an answer is held as a whole, here and in the worker. */
  private long[] positions(String path) {
    String here = " FROM old WHERE file = " + Sql.text(path);
    LongStream.Builder all = LongStream.builder();
    long last = -1;
    while (true) {
      long[] some =
          longs(
              session
                  .rows(
                      "SELECT list(pos ORDER BY pos) FROM (SELECT pos"
                          + here
                          + " AND pos > "
                          + last
                          + " ORDER BY pos LIMIT "
                          + POSITIONS_AT_ONCE
                          + ")")
                  .path(0)
                  .path(0));
      if (some.length == 0) {
        return all.build().toArray();
      }
      for (long position : some) {
        all.add(position);
      }
      last = some[some.length - 1];
    }
  }

  /** A Parquet file with Iceberg's reserved field ids for file_path and pos. */
  private DataChange.PositionDeletes positionDeletes(String path, ScanFile file) {
    ObjectKey location = objects.key(keyed.table().location());
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

  private DataChange copyOnWrite(String rows, Map<String, ScanFile> touched) {
    List<WrittenFile> files =
        write(
            "SELECT "
                + columns
                + " FROM ("
                + tables.withPositions(scan(touched.values()))
                + ") e ANTI JOIN old o ON e."
                + TableSql.FILE
                + " = o.file AND e."
                + TableSql.POSITION
                + " = o.pos UNION ALL ("
                + rows
                + ")");
    return new DataChange.CopyOnWrite(List.copyOf(touched.values()), files);
  }

  private List<WrittenFile> write(String select) {
    return parquet.write(keyed.table(), select);
  }

  private static long[] longs(JsonNode array) {
    long[] values = new long[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asLong();
    }
    return values;
  }
}
