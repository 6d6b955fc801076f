package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.SortDirection;
import org.apache.iceberg.SortField;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.UnicodeUtil;
import org.jspecify.annotations.Nullable;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.table.ColumnStats;
import tarn.core.table.TableState;
import tarn.core.table.WrittenFile;

/**
 * Writes a SELECT's rows as data files of a table: by partition, with field ids, and with the
 * statistics that a commit needs.
 */
final class ParquetFiles {
  private static final long TARGET_BYTES = 256L << 20;
  private static final int BOUND_CHARACTERS = 32;

  private final WorkerSession session;
  private final ObjectStore objects;

  ParquetFiles(WorkerSession session, ObjectStore objects) {
    this.session = session;
    this.objects = objects;
  }

  /**
   * The select must give exactly the table's columns. Files are stored and synced when this
   * returns; no rows give no files.
   */
  List<WrittenFile> write(TableState table, String select) {
    ObjectKey location = objects.key(table.location());
    Path staging = objects.stagingDirectory(location.zone());
    try {
      boolean sorted = table.sortOrder().isSorted();
      if (sorted) {
        session.execute("SET threads = 1");
      }
      JsonNode files = session.copy(copy(table, select, staging));
      if (sorted) {
        session.execute("RESET threads");
      }
      List<WrittenFile> written = new ArrayList<>();
      for (JsonNode file : files) {
        if (file.path("count").asLong() > 0) {
          written.add(store(table, location, file, sorted));
        }
      }
      return written;
    } finally {
      WorkerPool.deleteTree(staging);
    }
  }

  private WrittenFile store(TableState table, ObjectKey location, JsonNode file, boolean sorted) {
    ObjectKey key = newFile(location);
    objects.put(key, Path.of(file.path("filename").asText()));
    return new WrittenFile(
        key,
        file.path("bytes").asLong(),
        file.path("count").asLong(),
        partition(table, file.path("partition")),
        statistics(table, file.path("columns")),
        sorted);
  }

  /** A name for a data file of the table there. */
  static ObjectKey newFile(ObjectKey location) {
    return location.child("data").child(UUID.randomUUID() + ".parquet");
  }

  private static String copy(TableState table, String select, Path staging) {
    List<Types.NestedField> columns = table.schema().columns();
    List<String> selected =
        new ArrayList<>(
            columns.stream()
                .map(
                    c ->
                        "CAST("
                            + Sql.name(c.name())
                            + " AS "
                            + SqlTypes.sql(c.type())
                            + ") AS "
                            + Sql.name(c.name()))
                .toList());
    List<String> partitions = new ArrayList<>();
    for (PartitionField field : table.spec().fields()) {
      String name = "__tarn_p" + partitions.size();
      Types.NestedField source = table.schema().findField(field.sourceId());
      selected.add(
          PartitionSql.value(field.transform().toString(), Sql.name(source.name()), source.type())
              + " AS "
              + name);
      partitions.add(name);
    }
    String partitionBy =
        partitions.isEmpty()
            ? ", FILE_SIZE_BYTES " + TARGET_BYTES
            : ", PARTITION_BY ("
                + String.join(", ", partitions)
                + "), WRITE_PARTITION_COLUMNS false, HIVE_FILE_PATTERN false";
    return "COPY (SELECT "
        + String.join(", ", selected)
        + " FROM ("
        + select
        + ")"
        + orderBy(table, partitions)
        + ") TO "
        + Sql.text(staging.toString())
        + " (FORMAT parquet, COMPRESSION zstd, OVERWRITE_OR_IGNORE true, RETURN_STATS, FILENAME_PATTERN '{uuidv7}', FIELD_IDS {"
        + columns.stream().map(ParquetFiles::fieldId).collect(Collectors.joining(", "))
        + "}"
        + partitionBy
        + ")";
  }

  private static String orderBy(TableState table, List<String> partitions) {
    if (table.sortOrder().isUnsorted()) {
      return "";
    }
    List<String> keys = new ArrayList<>(partitions);
    for (SortField field : table.sortOrder().fields()) {
      boolean ascending = field.direction() == SortDirection.ASC;
      keys.add(
          Sql.name(table.schema().findColumnName(field.sourceId()))
              + (ascending ? " ASC NULLS FIRST" : " DESC NULLS LAST"));
    }
    return " ORDER BY " + String.join(", ", keys);
  }

  private static String fieldId(Types.NestedField field) {
    return Sql.name(field.name()) + ": " + fieldIds(field.fieldId(), field.type());
  }

  private static String fieldIds(int id, Type type) {
    if (type.isPrimitiveType()) {
      return Integer.toString(id);
    }
    String children;
    if (type.isStructType()) {
      children =
          type.asStructType().fields().stream()
              .map(ParquetFiles::fieldId)
              .collect(Collectors.joining(", "));
    } else if (type.isListType()) {
      Types.ListType list = type.asListType();
      children = "element: " + fieldIds(list.elementId(), list.elementType());
    } else {
      Types.MapType map = type.asMapType();
      children =
          "key: "
              + fieldIds(map.keyId(), map.keyType())
              + ", value: "
              + fieldIds(map.valueId(), map.valueType());
    }
    return "{__duckdb_field_id: " + id + ", " + children + "}";
  }

  // ---- what was written ----

  private static List<@Nullable Object> partition(TableState table, JsonNode values) {
    List<@Nullable Object> partition = new ArrayList<>();
    for (PartitionField field : table.spec().fields()) {
      Type source = table.schema().findType(field.sourceId());
      JsonNode value = values.path("__tarn_p" + partition.size());
      partition.add(
          value.isNull() || value.isMissingNode()
              ? null
              : DuckValues.parse(field.transform().getResultType(source), value.asText()));
    }
    return partition;
  }

  private static Map<Integer, ColumnStats> statistics(TableState table, JsonNode columns) {
    Map<Integer, ColumnStats> statistics = new HashMap<>();
    for (Map.Entry<String, JsonNode> column : columns.properties()) {
      Types.NestedField field = table.schema().findField(unquote(column.getKey()));
      if (field != null && field.type().isPrimitiveType()) {
        statistics.put(field.fieldId(), statistics(field.type(), column.getValue()));
      }
    }
    return statistics;
  }

  private static ColumnStats statistics(Type type, JsonNode s) {
    boolean nan = s.path("has_nan").asBoolean(false);
    Long nans = s.has("nan_count") ? Long.valueOf(s.path("nan_count").asLong()) : null;
    Long bytes =
        s.has("column_size_bytes") ? Long.valueOf(s.path("column_size_bytes").asLong()) : null;
    ByteBuffer lower =
        nan || !s.hasNonNull("min") ? null : bound(type, s.path("min").asText(), false);
    ByteBuffer upper =
        nan || !s.hasNonNull("max") ? null : bound(type, s.path("max").asText(), true);
    return new ColumnStats(
        s.path("num_values").asLong(), s.path("null_count").asLong(), nans, bytes, lower, upper);
  }

  /** A value's text as a bound of a column; null for types that have none. */
  static @Nullable ByteBuffer bound(Type type, String text, boolean upper) {
    return switch (type.typeId()) {
      case BINARY, FIXED, UUID, TIME -> null;
      case STRING -> {
        CharSequence cut =
            upper
                ? UnicodeUtil.truncateStringMax(text, BOUND_CHARACTERS)
                : UnicodeUtil.truncateStringMin(text, BOUND_CHARACTERS);
        yield cut == null ? null : Conversions.toByteBuffer(type, cut);
      }
      default -> Conversions.toByteBuffer(type, DuckValues.parse(type, text));
    };
  }

  /** {@code "st"."b"."element"} as Iceberg names nested fields: {@code st.b.element}. */
  private static String unquote(String path) {
    StringBuilder name = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '"' && quoted && i + 1 < path.length() && path.charAt(i + 1) == '"') {
        name.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else {
        name.append(c);
      }
    }
    return name.toString();
  }
}
