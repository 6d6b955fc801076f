package tarn.duckdb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Types;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;

/**
 * A table's files as something to SELECT from: columns by field id, deleted rows left out. Leases
 * its files until it is closed.
 */
final class TableSql implements AutoCloseable {
  /**
   * The local path of the file that a row is in, and the row's position there: columns of {@link
   * #withPositions}.
   */
  static final String FILE = "__tarn_file";

  static final String POSITION = "file_row_number";

  private final WorkerSession session;
  private final ObjectStore objects;
  private final BiConsumer<ScanFile, LongConsumer> deletedPositions;
  private final List<FileLease> leases = new ArrayList<>();
  private final List<String> paths = new ArrayList<>();
  private final Map<String, String> owners = new LinkedHashMap<>();
  private String owner = "a table";
  private int tables;

  TableSql(
      WorkerSession session,
      ObjectStore objects,
      BiConsumer<ScanFile, LongConsumer> deletedPositions) {
    this.session = session;
    this.objects = objects;
    this.deletedPositions = deletedPositions;
  }

  /** Every file that the session may read. */
  List<String> paths() {
    return paths;
  }

  /** A SELECT of all live rows. */
  String rows(Scan scan) {
    return select(scan, "");
  }

  /** A SELECT of all live rows with {@link #FILE} and {@link #POSITION}. */
  String withPositions(Scan scan) {
    return select(scan, ", " + FILE + ", " + POSITION);
  }

  /** Local paths of the scan's files. They stay leased. */
  Map<ScanFile, String> localize(List<ScanFile> files) {
    Map<ScanFile, String> local = new HashMap<>();
    for (ScanFile file : files) {
      local.put(file, localize(file.key()));
    }
    return local;
  }

  /** Whose the files are that the session may read, by their local paths. */
  Map<String, String> owners() {
    return owners;
  }

  private String select(Scan scan, String more) {
    owner = scan.table().toString();
    String columns =
        scan.schema().columns().stream()
            .map(c -> Sql.name(c.name()))
            .collect(Collectors.joining(", "));
    List<ScanFile> whole = scan.files().stream().filter(f -> f.deletes().isEmpty()).toList();
    List<ScanFile> holed = scan.files().stream().filter(f -> !f.deletes().isEmpty()).toList();
    List<String> parts = new ArrayList<>();
    if (!whole.isEmpty()) {
      parts.add(
          "SELECT "
              + columns
              + more
              + " FROM "
              + read(scan, localize(whole).values(), !more.isEmpty()));
    }
    if (!holed.isEmpty()) {
      Map<ScanFile, String> local = localize(holed);
      String deletes = deletes(local);
      parts.add(
          "SELECT "
              + columns
              + more
              + " FROM "
              + read(scan, local.values(), true)
              + " r ANTI JOIN "
              + deletes
              + " d ON r."
              + FILE
              + " = d.file AND r."
              + POSITION
              + " = d.pos");
    }
    if (parts.isEmpty()) {
      parts.add(empty(scan, more));
    }
    return String.join(" UNION ALL ", parts);
  }

  private static String empty(Scan scan, String more) {
    String nulls =
        scan.schema().columns().stream()
            .map(c -> "CAST(NULL AS " + SqlTypes.sql(c.type()) + ") AS " + Sql.name(c.name()))
            .collect(Collectors.joining(", "));
    String positions = more.isEmpty() ? "" : ", '' AS " + FILE + ", 0::BIGINT AS " + POSITION;
    return "SELECT " + nulls + positions + " WHERE false";
  }

  private static String read(Scan scan, java.util.Collection<String> files, boolean positions) {
    String schema =
        scan.schema().columns().stream()
            .map(TableSql::field)
            .collect(Collectors.joining(", ", "MAP {", "}"));
    return "read_parquet("
        + Sql.texts(files)
        + ", schema := "
        + schema
        + (positions ? ", filename = " + Sql.text(FILE) + ", file_row_number = true" : "")
        + ")";
  }

  private static String field(Types.NestedField column) {
    return column.fieldId()
        + ": {name: "
        + Sql.text(column.name())
        + ", type: "
        + Sql.text(SqlTypes.sql(column.type()))
        + ", default_value: NULL}";
  }

  // ---- deleted rows ----

  private String deletes(Map<ScanFile, String> local) {
    String table = "__tarn_deletes_" + tables++;
    ObjectNode request = WorkerSession.request("positions").put("table", table);
    ArrayNode vectors = request.putArray("files");
    Map<ScanFile, String> byFiles = new HashMap<>();
    local.forEach(
        (file, path) -> {
          if (file.deletes().get(0).vector()) {
            vectors.addObject().put("file", path).put("positions", writePositions(file).toString());
          } else {
            byFiles.put(file, path);
          }
        });
    session.call(request);
    if (!byFiles.isEmpty()) {
      insertPositionDeletes(table, byFiles);
    }
    return table;
  }

  /** Format version 2: Parquet files of (file_path, pos). */
  private void insertPositionDeletes(String table, Map<ScanFile, String> local) {
    List<String> files =
        local.keySet().stream()
            .flatMap(f -> f.deletes().stream())
            .map(d -> d.key())
            .distinct()
            .map(this::localize)
            .toList();
    String names =
        local.entrySet().stream()
            .map(e -> "(" + Sql.text(e.getKey().uri()) + ", " + Sql.text(e.getValue()) + ")")
            .collect(Collectors.joining(", "));
    session.execute(
        "INSERT INTO "
            + table
            + " SELECT DISTINCT n.path, d.pos FROM read_parquet("
            + Sql.texts(files)
            + ", schema := MAP {2147483546: {name: 'file_path', type: 'VARCHAR', default_value: NULL},"
            + " 2147483545: {name: 'pos', type: 'BIGINT', default_value: NULL}}) d JOIN (VALUES "
            + names
            + ") n(uri, path) ON d.file_path = n.uri");
  }

  private Path writePositions(ScanFile file) {
    try {
      Path target = Files.createTempFile(session.work(), "positions-", ".bin");
      try (OutputStream stream = Files.newOutputStream(target);
          DataOutputStream out = new DataOutputStream(new BufferedOutputStream(stream, 1 << 16))) {
        deletedPositions.accept(file, position -> writeLittleEndian(out, position));
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write deleted positions to " + session.work(), e);
    }
  }

  private static void writeLittleEndian(DataOutputStream out, long value) {
    try {
      out.writeLong(Long.reverseBytes(value));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write deleted positions", e);
    }
  }

  private String localize(ObjectKey key) {
    FileLease lease = DamagedFiles.localize(objects, key, owner);
    leases.add(lease);
    String path = lease.path().toString();
    paths.add(path);
    owners.put(path, owner + ": the file '" + key + "'");
    return path;
  }

  @Override
  public void close() {
    leases.forEach(FileLease::close);
  }
}
