package tarn.duckdb;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import tarn.core.engine.Column;
import tarn.core.engine.Compression;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;

/**
 * Raw files as something to SELECT from. Most values are read as texts and cast by {@link ExprSql},
 * because DuckDB's own readers round ({@code 1.5} becomes the whole number 2); nested values and
 * doubles are read as what they are.
 */
final class RawSql {
  /** Columns of a record's place on the slow path. */
  static final String LINE = "__tarn_line";

  static final String OFFSET = "__tarn_offset";
  static final String LENGTH = "__tarn_length";

  /** On the slow path: whether the record could not be parsed. */
  static final String BROKEN = "__tarn_broken";

  /**
   * How a work file's records end, whatever stands inside their quotes: when it has to find out,
   * DuckDB takes a quoted CR LF for the end of a record.
   */
  private static final String LINE_FEED = ", new_line = '\\n'";

  private static final int MAX_OBJECT = 16 << 20;

  /** Room for a record's place before it. */
  private static final int PLACE_BYTES = 100;

  private static final long SMALLEST_BUFFER = 4 << 20;

  private RawSql() {}

  /** Whether a column is read with its own type on the strict path. */
  static boolean readNatively(Type type) {
    return !type.isPrimitiveType()
        || type.typeId() == Type.TypeID.STRING
        || type.typeId() == Type.TypeID.DOUBLE;
  }

  /**
   * Inputs that can be read in one call, in order: neighbours with the same format, compression and
   * partition values.
   */
  static List<List<RawInput>> groups(List<RawInput> inputs) {
    List<List<RawInput>> groups = new ArrayList<>();
    Shape last = null;
    for (RawInput input : inputs) {
      Shape shape = new Shape(input.format(), input.compression(), input.partitionValues());
      if (!shape.equals(last)) {
        groups.add(new ArrayList<>());
        last = shape;
      }
      groups.get(groups.size() - 1).add(input);
    }
    return groups;
  }

  private record Shape(
      RawFormat format, Compression compression, Map<String, String> partitionValues) {}

  /** Every column, as text unless it is read natively; columns that the files lack are null. */
  static String strict(List<RawInput> group, List<String> paths, List<Column> columns) {
    RawInput first = group.get(0);
    Map<String, String> present = new LinkedHashMap<>();
    String reader =
        first.format() instanceof RawFormat.Csv csv
            ? csv(csv, paths, first.compression(), columns, present)
            : json(paths, first.compression(), columns, present);
    return "SELECT " + selection(columns, present, first.partitionValues()) + " FROM " + reader;
  }

  /** How many records there are, without looking into them. */
  static String count(List<RawInput> group, List<String> paths, List<Column> columns) {
    return "SELECT count(*) FROM (" + strict(group, paths, columns) + ")";
  }

  /**
   * The work file of the slow path: the record's place, {@link #BROKEN}, and every column as text
   * (nested ones as JSON).
   *
   * @param longest bytes of its longest record
   */
  static String tracked(RawInput input, String workFile, long longest, List<Column> columns) {
    String place = LINE + ", " + OFFSET + ", " + LENGTH;
    if (input.format() instanceof RawFormat.Csv csv) {
      Map<String, String> present = new LinkedHashMap<>();
      Map<String, String> types = placeTypes();
      List<String> names = distinct(csv.columns());
      for (int i = 0; i < names.size(); i++) {
        types.put(names.get(i), "VARCHAR");
        present.put(csv.columns().get(i).toLowerCase(Locale.ROOT), names.get(i));
      }
      return "SELECT "
          + place
          + ", false AS "
          + BROKEN
          + ", "
          + selection(columns, present, input.partitionValues())
          + " FROM "
          + "read_csv("
          + Sql.text(workFile)
          + dialect(csv, false)
          + lineSizes(longest)
          + LINE_FEED
          + columnTypes(types)
          + ")";
    }
    Map<String, String> lineTypes = placeTypes();
    lineTypes.put("__tarn_text", "VARCHAR");
    String lines =
        "read_csv("
            + Sql.text(workFile)
            + ", auto_detect = false, header = false, delim = e'\\x01', quote = '', escape = ''"
            + lineSizes(longest)
            + LINE_FEED
            + columnTypes(lineTypes)
            + ")";
    List<Column> inFile =
        columns.stream().filter(c -> !input.partitionValues().containsKey(c.name())).toList();
    String scalars =
        Sql.texts(
            inFile.stream()
                .filter(c -> c.type().isPrimitiveType())
                .map(c -> jsonPath(c.name()))
                .toList());
    List<String> selected = new ArrayList<>();
    int scalar = 1;
    for (Column column : columns) {
      String partition = input.partitionValues().get(column.name());
      if (partition != null) {
        selected.add(Sql.text(partition) + " AS " + Sql.name(column.name()));
      } else if (column.type().isPrimitiveType()) {
        selected.add("__tarn_values[" + scalar++ + "] AS " + Sql.name(column.name()));
      } else {
        selected.add(
            "json_extract(__tarn_json, "
                + Sql.text(jsonPath(column.name()))
                + ") AS "
                + Sql.name(column.name()));
      }
    }
    return "SELECT "
        + place
        + ", __tarn_json IS NULL AS "
        + BROKEN
        + ", "
        + String.join(", ", selected)
        + " FROM (SELECT *, "
        + (scalars.equals("[]")
            ? "[]::VARCHAR[]"
            : "json_extract_string(__tarn_json, " + scalars + ")")
        + " AS __tarn_values FROM (SELECT "
        + place
        + ", CASE WHEN json_valid(__tarn_text) THEN __tarn_text END AS __tarn_json FROM "
        + lines
        + "))";
  }

  /** DuckDB allocates whole buffers, so they are as large as the file's longest record needs. */
  private static String lineSizes(long longest) {
    long line = longest + PLACE_BYTES;
    return ", max_line_size = " + line + ", buffer_size = " + Math.max(4 * line, SMALLEST_BUFFER);
  }

  private static Map<String, String> placeTypes() {
    Map<String, String> types = new LinkedHashMap<>();
    types.put(LINE, "BIGINT");
    types.put(OFFSET, "BIGINT");
    types.put(LENGTH, "BIGINT");
    return types;
  }

  // ---- readers ----

  private static String csv(
      RawFormat.Csv csv,
      List<String> paths,
      Compression compression,
      List<Column> columns,
      Map<String, String> present) {
    Map<String, Column> wanted =
        columns.stream()
            .collect(Collectors.toMap(c -> c.name().toLowerCase(Locale.ROOT), c -> c, (a, b) -> a));
    Map<String, String> types = new LinkedHashMap<>();
    List<String> names = distinct(csv.columns());
    for (int i = 0; i < names.size(); i++) {
      String key = csv.columns().get(i).toLowerCase(Locale.ROOT);
      Column column = wanted.get(key);
      boolean asDouble = column != null && column.type().typeId() == Type.TypeID.DOUBLE;
      types.put(names.get(i), asDouble ? "DOUBLE" : "VARCHAR");
      present.putIfAbsent(key, names.get(i));
    }
    return "read_csv("
        + Sql.texts(paths)
        + dialect(csv, csv.header())
        + compression(compression)
        + columnTypes(types)
        + ")";
  }

  private static String dialect(RawFormat.Csv csv, boolean header) {
    return ", auto_detect = false, header = "
        + header
        + ", delim = "
        + Sql.text(String.valueOf(csv.delimiter()))
        + ", quote = "
        + Sql.text(String.valueOf(csv.quote()))
        + ", escape = "
        + Sql.text(String.valueOf(csv.quote()))
        + ", nullstr = '', strict_mode = true";
  }

  private static String json(
      List<String> paths,
      Compression compression,
      List<Column> columns,
      Map<String, String> present) {
    Map<String, String> types = new LinkedHashMap<>();
    for (Column column : columns) {
      types.put(
          column.name(), readNatively(column.type()) ? SqlTypes.sql(column.type()) : "VARCHAR");
      present.put(column.name().toLowerCase(Locale.ROOT), column.name());
    }
    if (types.isEmpty()) {
      types.put("__tarn_nothing", "VARCHAR");
    }
    return "read_json("
        + Sql.texts(paths)
        + ", format = 'newline_delimited', maximum_object_size = "
        + MAX_OBJECT
        + compression(compression)
        + columnTypes(types)
        + ")";
  }

  private static String columnTypes(Map<String, String> types) {
    return types.entrySet().stream()
        .map(e -> Sql.name(e.getKey()) + ": " + Sql.text(e.getValue()))
        .collect(Collectors.joining(", ", ", columns = {", "}"));
  }

  private static String compression(Compression compression) {
    return ", compression = " + Sql.text(compression.name().toLowerCase(Locale.ROOT));
  }

  private static String selection(
      List<Column> columns, Map<String, String> present, Map<String, String> partitionValues) {
    List<String> selected = new ArrayList<>();
    for (Column column : columns) {
      String partition = partitionValues.get(column.name());
      String name = present.get(column.name().toLowerCase(Locale.ROOT));
      if (partition != null) {
        selected.add(Sql.text(partition) + " AS " + Sql.name(column.name()));
      } else if (name == null) {
        selected.add("NULL::VARCHAR AS " + Sql.name(column.name()));
      } else {
        selected.add(Sql.name(name) + " AS " + Sql.name(column.name()));
      }
    }
    return selected.isEmpty() ? "1 AS __tarn_nothing" : String.join(", ", selected);
  }

  /** A header may repeat a name; SQL may not. */
  private static List<String> distinct(List<String> names) {
    Set<String> seen = new LinkedHashSet<>();
    List<String> distinct = new ArrayList<>();
    for (String name : names) {
      String candidate = name.isEmpty() ? "column" : name;
      int n = 2;
      while (!seen.add(candidate.toLowerCase(Locale.ROOT))) {
        candidate = name + "_" + n++;
      }
      distinct.add(candidate);
    }
    return distinct;
  }

  private static String jsonPath(String key) {
    return "$.\"" + key.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
