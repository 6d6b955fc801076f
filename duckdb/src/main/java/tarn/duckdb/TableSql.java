package tarn.duckdb;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
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
    Map<Kind, List<ScanFile>> kinds = new TreeMap<>();
    for (ScanFile file : scan.files()) {
      kinds.computeIfAbsent(Kind.of(file, scan), k -> new ArrayList<>()).add(file);
    }
    List<String> parts = new ArrayList<>();
    kinds.forEach((kind, files) -> parts.add(select(scan, kind, files, columns, more)));
    if (parts.isEmpty()) {
      parts.add(empty(scan, more));
    }
    return String.join(" UNION ALL ", parts);
  }

  /** Files that are read in one way. */
  private enum Kind {
    WHOLE,
    HOLED,
    WHOLE_OF_ANOTHER_SCHEMA,
    HOLED_OF_ANOTHER_SCHEMA;

    static Kind of(ScanFile file, Scan scan) {
      boolean same = Objects.equals(file.schemaId(), scan.schema().schemaId());
      boolean whole = file.deletes().isEmpty();
      return same
          ? (whole ? WHOLE : HOLED)
          : whole ? WHOLE_OF_ANOTHER_SCHEMA : HOLED_OF_ANOTHER_SCHEMA;
    }

    boolean hasHoles() {
      return this == HOLED || this == HOLED_OF_ANOTHER_SCHEMA;
    }

    boolean hasNamesOfSchema() {
      return this == WHOLE || this == HOLED;
    }
  }

  private String select(Scan scan, Kind kind, List<ScanFile> files, String columns, String more) {
    Map<ScanFile, String> local = localize(files);
    boolean positions = kind.hasHoles() || !more.isEmpty();
    String read = read(scan, kind, local.values(), positions);
    if (!kind.hasHoles()) {
      return "SELECT " + columns + more + " FROM " + read;
    }
    return "SELECT "
        + columns
        + more
        + " FROM "
        + read
        + " r ANTI JOIN "
        + deletes(local)
        + " d ON r."
        + FILE
        + " = d.file AND r."
        + POSITION
        + " = d.pos";
  }

  private static String empty(Scan scan, String more) {
    String nulls =
        scan.schema().columns().stream()
            .map(c -> "CAST(NULL AS " + SqlTypes.sql(c.type()) + ") AS " + Sql.name(c.name()))
            .collect(Collectors.joining(", "));
    String positions = more.isEmpty() ? "" : ", '' AS " + FILE + ", 0::BIGINT AS " + POSITION;
    return "SELECT " + nulls + positions + " WHERE false";
  }

  /**
   * With {@code schema}, columns are found by field id, whatever they were called when the file was
   * written; joins are several times as fast without (DuckDB 2.0 does not push their filters).
   */
  private static String read(Scan scan, Kind kind, Collection<String> files, boolean positions) {
    String schema =
        kind.hasNamesOfSchema()
            ? ""
            : scan.schema().columns().stream()
                .map(TableSql::field)
                .collect(Collectors.joining(", ", ", schema := MAP {", "}"));
    return "read_parquet("
        + Sql.texts(files)
        + RawSql.PLAIN_PATHS
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
    PositionSets vectors = new PositionSets(session, table);
    Map<ScanFile, String> byFiles = new HashMap<>();
    local.forEach(
        (file, path) -> {
          if (file.deletes().get(0).vector()) {
            vectors.add(path, visitor -> deletedPositions(file, visitor));
          } else {
            byFiles.put(file, path);
          }
        });
    vectors.load();
    if (!byFiles.isEmpty()) {
      insertPositionDeletes(table, byFiles);
    }
    return table;
  }

  /** Format version 2: Parquet files of (file_path, pos). */
  private void insertPositionDeletes(String table, Map<ScanFile, String> local) {
    String names =
        local.entrySet().stream()
            .map(e -> "(" + Sql.text(e.getKey().uri()) + ", " + Sql.text(e.getValue()) + ")")
            .collect(Collectors.joining(", "));
    session.execute(
        "INSERT INTO "
            + table
            + " SELECT DISTINCT n.path, d.pos FROM "
            + positionDeletes(local.keySet())
            + " d JOIN (VALUES "
            + names
            + ") n(uri, path) ON d.file_path = n.uri");
  }

  /** The position delete files of some files, as something to read {@code file_path, pos} from. */
  String positionDeletes(Collection<ScanFile> files) {
    List<String> paths =
        files.stream()
            .flatMap(f -> f.deletes().stream())
            .map(d -> d.key())
            .distinct()
            .map(this::localize)
            .toList();
    return "read_parquet("
        + Sql.texts(paths)
        + ", schema := MAP {2147483546: {name: 'file_path', type: 'VARCHAR', default_value: NULL},"
        + " 2147483545: {name: 'pos', type: 'BIGINT', default_value: NULL}})";
  }

  /** Visits the positions of a file's deletion vector. */
  void deletedPositions(ScanFile file, LongConsumer visitor) {
    deletedPositions.accept(file, visitor);
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
