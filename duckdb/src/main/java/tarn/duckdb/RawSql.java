package tarn.duckdb;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
  /** Columns of a record's place on the slow path: which input, and where in it. */
  static final String INPUT = "__tarn_input";

  static final String LINE = "__tarn_line";

  static final String OFFSET = "__tarn_offset";
  static final String LENGTH = "__tarn_length";

  /** On the strict path: the local file that a record is from. */
  static final String FILE = "__tarn_file";

  /** On the slow path: why the record could not be parsed; null if it could. */
  static final String BROKEN = "__tarn_broken";

  /**
   * What stands behind an escape in a work file, and the characters meant; the escape's own last.
   */
  private static final String LETTERS = "znrse";

  private static final int[] MEANT = {0, '\n', '\r', 1, 2};

  /** Folders {@code key=value} are no columns: what is to be taken from them, we say. */
  static final String PLAIN_PATHS = ", hive_partitioning = false";

  private static final String FILE_COLUMN = ", filename = '" + FILE + "'";
  private static final int MAX_OBJECT = 16 << 20;

  private static final long SMALLEST_BUFFER = 4 << 20;

  private RawSql() {}

  /** Tells a worker how to find a file's records. */
  static void request(ObjectNode request, RawFormat format) {
    if (format instanceof RawFormat.Csv csv) {
      request
          .put("format", "csv")
          .put("delimiter", String.valueOf(csv.delimiter()))
          .put("quote", String.valueOf(csv.quote()));
      request.put("fields", csv.columns().size()).put("header", csv.header());
    } else if (format instanceof RawFormat.Lines) {
      request.put("format", "lines");
    } else {
      request.put("format", layout(format));
    }
  }

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
      Shape shape = Shape.of(input);
      if (!shape.equals(last)) {
        groups.add(new ArrayList<>());
        last = shape;
      }
      groups.get(groups.size() - 1).add(input);
    }
    return groups;
  }

  /**
   * Inputs that the slow path can take in one pass, in order: neighbours with the same format and
   * partition columns.
   */
  static List<List<RawInput>> families(List<RawInput> inputs) {
    List<List<RawInput>> families = new ArrayList<>();
    RawInput last = null;
    for (RawInput input : inputs) {
      if (last == null
          || !last.format().equals(input.format())
          || !last.partitionValues().keySet().equals(input.partitionValues().keySet())) {
        families.add(new ArrayList<>());
      }
      last = input;
      families.get(families.size() - 1).add(input);
    }
    return families;
  }

  /** What files that are read together have in common: their names may tell their batches. */
  private record Shape(
      RawFormat format, Compression compression, Map<String, String> partitionValues) {

    static Shape of(RawInput input) {
      Map<String, String> values = new LinkedHashMap<>(input.partitionValues());
      if (input.file().tellsBatch()) {
        values.put(RawInput.BATCH, "");
      }
      return new Shape(input.format(), input.compression(), values);
    }
  }

  /** SQL for each value that the files' folders have. */
  private static Map<String, String> constants(List<RawInput> group) {
    Map<String, String> constants = literals(group.get(0).partitionValues());
    if (differInBatch(group)) {
      constants.put(
          RawInput.BATCH, "ltrim(regexp_extract(" + FILE + ", '[/-]([0-9]{19})-[^/]*$', 1), '0')");
    }
    return constants;
  }

  private static boolean differInBatch(List<RawInput> group) {
    return group.get(0).file().tellsBatch() && group.size() > 1;
  }

  /**
   * A SELECT of raw records.
   *
   * @param typed columns that have their types already; the others are texts, or read natively
   */
  record Raw(String sql, Set<String> typed) {}

  /**
   * Every column, as text unless it is read natively or typed already; columns that the files lack
   * are null.
   *
   * @param withFile whether {@link #FILE} is the first column
   */
  static Raw strict(
      WorkerSession session,
      List<RawInput> group,
      List<String> paths,
      List<Column> columns,
      boolean withFile) {
    RawInput first = group.get(0);
    if (first.format() instanceof RawFormat.Parquet) {
      RawParquet.Present present = new RawParquet(session).present(paths, columns);
      Map<String, String> folders = first.partitionValues();
      return new Raw(
          "SELECT "
              + (withFile ? FILE + ", " : "")
              + selection(columns, present.values(), literals(folders))
              + " FROM "
              + RawParquet.reader(paths, withFile),
          without(present.typed(), folders.keySet()));
    }
    if (SpeltSql.isNeeded(first.format(), columns)) {
      return new Raw(speltStrictly(group, paths, columns, withFile), Set.of());
    }
    boolean readsFile = withFile || differInBatch(group);
    Map<String, String> present = new LinkedHashMap<>();
    if (first.format() instanceof RawFormat.Lines lines) {
      present.putAll(RawLines.present(lines));
    }
    String reader =
        first.format() instanceof RawFormat.Lines lines
            ? RawLines.strict(
                lines,
                RawLines.reader(
                    paths, compression(first.compression()) + (readsFile ? FILE_COLUMN : "")))
            : first.format() instanceof RawFormat.Csv csv
                ? csv(csv, paths, first.compression(), columns, present, readsFile)
                : json(first, paths, columns, present, readsFile);
    String file = withFile ? FILE + ", " : "";
    return new Raw(
        "SELECT " + file + selection(columns, present, constants(group)) + " FROM " + reader,
        Set.of());
  }

  private static String speltStrictly(
      List<RawInput> group, List<String> paths, List<Column> columns, boolean withFile) {
    RawInput first = group.get(0);
    boolean readsFile = withFile || differInBatch(group);
    String options = compression(first.compression()) + (readsFile ? FILE_COLUMN : "");
    return "SELECT "
        + (withFile ? FILE + ", " : "")
        + selection(columns, SpeltSql.strict(columns), constants(group))
        + " FROM "
        + SpeltSql.records(objects(paths, layout(first.format()), options), columns);
  }

  private static Set<String> without(Set<String> names, Set<String> others) {
    Set<String> left = new LinkedHashSet<>(names);
    left.removeAll(others);
    return left;
  }

  /** How many records there are, without looking into them. */
  static String count(
      WorkerSession session, List<RawInput> group, List<String> paths, List<Column> columns) {
    return "SELECT count(*) FROM (" + strict(session, group, paths, columns, false).sql() + ")";
  }

  /**
   * A work file of the slow path as it stands, every field a text: the records' places, {@code
   * __tarn_c0} and so on from the folders, {@code __tarn_f0} and so on from the records.
   *
   * @param longest bytes of its longest line
   */
  static String workFile(List<RawInput> group, String workFile, long longest) {
    RawInput first = group.get(0);
    Map<String, String> types = new LinkedHashMap<>();
    types.put(INPUT, "INTEGER");
    types.put(LINE, "BIGINT");
    types.put(OFFSET, "BIGINT");
    types.put(LENGTH, "BIGINT");
    for (int i = 0; i < first.partitionValues().size(); i++) {
      types.put(constant(i), "VARCHAR");
    }
    int fields = first.format() instanceof RawFormat.Csv csv ? csv.columns().size() : 1;
    for (int i = 0; i < fields; i++) {
      types.put(field(i), "VARCHAR");
    }
    return "read_csv("
        + Sql.text(workFile)
        + ", auto_detect = false, header = false, delim = e'\\x01', quote = '', escape = '', nullstr = '', new_line = '\\n'"
        + lineSizes(longest)
        + columnTypes(types)
        + ")";
  }

  /**
   * The records of {@link #workFile}: their places, why they are {@link #BROKEN}, and every column
   * as text (nested ones as JSON).
   *
   * @param work what to select from
   * @param escaped whether some byte of it stands for another
   */
  static Raw tracked(List<RawInput> group, String work, boolean escaped, List<Column> columns) {
    Map<String, String> constants = new LinkedHashMap<>();
    for (String name : group.get(0).partitionValues().keySet()) {
      constants.put(name, "coalesce(" + plain(constant(constants.size()), escaped) + ", '')");
    }
    if (group.get(0).format() instanceof RawFormat.Lines lines) {
      return new Raw(trackedLines(lines, work, escaped, columns, constants), Set.of());
    }
    String sql =
        group.get(0).format() instanceof RawFormat.Csv csv
            ? trackedCsv(csv, work, escaped, columns, constants)
            : trackedJson(
                work,
                plain(
                    field(0), escaped && group.get(0).format() instanceof RawFormat.JsonDocuments),
                columns,
                constants);
    return new Raw(sql, Set.of());
  }

  /**
   * The records of a Parquet file, as {@link #tracked} gives them.
   *
   * @param numbered what to select from, see {@link RawParquet#numbered}
   */
  static Raw trackedParquet(
      RawInput input, String numbered, RawParquet.Present present, List<Column> columns) {
    return new Raw(
        "SELECT "
            + RecipeSql.PLACE
            + ", NULL::VARCHAR AS "
            + BROKEN
            + ", "
            + selection(columns, present.values(), literals(input.partitionValues()))
            + " FROM "
            + numbered,
        without(present.typed(), input.partitionValues().keySet()));
  }

  private static String trackedLines(
      RawFormat.Lines lines,
      String work,
      boolean escaped,
      List<Column> columns,
      Map<String, String> constants) {
    return "SELECT "
        + RecipeSql.PLACE
        + ", CASE WHEN "
        + RawLines.isBroken()
        + " THEN 'the line does not match the pattern' END AS "
        + BROKEN
        + ", "
        + selection(columns, RawLines.present(lines), constants)
        + " FROM (SELECT *, "
        + RawLines.match(lines, "coalesce(" + plain(field(0), escaped) + ", '')")
        + " FROM "
        + work
        + ")";
  }

  private static String trackedCsv(
      RawFormat.Csv csv,
      String work,
      boolean escaped,
      List<Column> columns,
      Map<String, String> constants) {
    Map<String, String> present = new LinkedHashMap<>();
    for (int i = 0; i < csv.columns().size(); i++) {
      present.putIfAbsent(csv.columns().get(i).toLowerCase(Locale.ROOT), plain(field(i), escaped));
    }
    return "SELECT "
        + RecipeSql.PLACE
        + ", NULL::VARCHAR AS "
        + BROKEN
        + ", "
        + selection(columns, present, constants)
        + " FROM "
        + work;
  }

  private static String trackedJson(
      String work, String record, List<Column> columns, Map<String, String> constants) {
    List<Column> scalars =
        columns.stream()
            .filter(c -> c.type().isPrimitiveType() && !constants.containsKey(c.name()))
            .filter(c -> c.spellings().isEmpty())
            .toList();
    Map<String, String> present = new LinkedHashMap<>();
    for (Column column : columns) {
      int scalar = scalars.indexOf(column);
      present.put(
          column.name().toLowerCase(Locale.ROOT),
          scalar >= 0
              ? "__tarn_values[" + (scalar + 1) + "]"
              : SpeltSql.value(column, "__tarn_json"));
    }
    String paths = Sql.texts(scalars.stream().map(c -> jsonPath(c.name())).toList());
    return "SELECT "
        + RecipeSql.PLACE
        + ", CASE WHEN __tarn_json IS NULL THEN 'not valid JSON'"
        + SpeltSql.conflicts(columns, "__tarn_json")
        + " END AS "
        + BROKEN
        + ", "
        + selection(columns, present, constants)
        + " FROM (SELECT *, "
        + (scalars.isEmpty() ? "[]::VARCHAR[]" : "json_extract_string(__tarn_json, " + paths + ")")
        + " AS __tarn_values FROM (SELECT *, CASE WHEN json_valid(__tarn_record) THEN __tarn_record END AS __tarn_json FROM (SELECT *, "
        + record
        + " AS __tarn_record FROM "
        + work
        + ")))";
  }

  private static String constant(int i) {
    return "__tarn_c" + i;
  }

  private static String field(int i) {
    return "__tarn_f" + i;
  }

  /** The text that a field of the work file stands for. */
  private static String plain(String field, boolean escaped) {
    if (!escaped) {
      return field;
    }
    String plain = field;
    for (int i = 0; i < LETTERS.length(); i++) {
      plain = "replace(" + plain + ", e'\\x02" + LETTERS.charAt(i) + "', chr(" + MEANT[i] + "))";
    }
    return "CASE WHEN contains(" + field + ", e'\\x02') THEN " + plain + " ELSE " + field + " END";
  }

  /** DuckDB allocates whole buffers, so they are as large as the file's longest record needs. */
  private static String lineSizes(long longest) {
    return ", max_line_size = "
        + (longest + 1)
        + ", buffer_size = "
        + Math.max(4 * longest, SMALLEST_BUFFER);
  }

  // ---- readers ----

  private static String csv(
      RawFormat.Csv csv,
      List<String> paths,
      Compression compression,
      List<Column> columns,
      Map<String, String> present,
      boolean withFile) {
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
      present.putIfAbsent(key, Sql.name(names.get(i)));
    }
    return "read_csv("
        + Sql.texts(paths)
        + PLAIN_PATHS
        + dialect(csv)
        + compression(compression)
        + (withFile ? FILE_COLUMN : "")
        + columnTypes(types)
        + ")";
  }

  private static String dialect(RawFormat.Csv csv) {
    return ", auto_detect = false, header = "
        + csv.header()
        + ", delim = "
        + Sql.text(String.valueOf(csv.delimiter()))
        + ", quote = "
        + Sql.text(String.valueOf(csv.quote()))
        + ", escape = "
        + Sql.text(String.valueOf(csv.quote()))
        + ", nullstr = '', strict_mode = true";
  }

  /** The engine's word for how objects stand in a file. */
  static String layout(RawFormat format) {
    if (format instanceof RawFormat.JsonDocuments documents) {
      return documents.array() ? "array" : "unstructured";
    }
    return "newline_delimited";
  }

  private static String json(
      RawInput first,
      List<String> paths,
      List<Column> columns,
      Map<String, String> present,
      boolean withFile) {
    Map<String, String> types = new LinkedHashMap<>();
    for (Column column : columns) {
      types.put(
          column.name(), readNatively(column.type()) ? SqlTypes.sql(column.type()) : "VARCHAR");
      present.put(column.name().toLowerCase(Locale.ROOT), Sql.name(column.name()));
    }
    if (types.isEmpty()) {
      types.put("__tarn_nothing", "VARCHAR");
    }
    return "read_json("
        + Sql.texts(paths)
        + PLAIN_PATHS
        + ", format = '"
        + layout(first.format())
        + "', maximum_object_size = "
        + MAX_OBJECT
        + compression(first.compression())
        + (withFile ? FILE_COLUMN : "")
        + columnTypes(types)
        + ")";
  }

  /** Whole objects, as the column {@code record}. */
  static String objects(List<String> paths, String layout, String options) {
    return "read_json("
        + Sql.texts(paths)
        + ", format = '"
        + layout
        + "', records = 'false', maximum_object_size = "
        + MAX_OBJECT
        + PLAIN_PATHS
        + options
        + ", columns = {record: 'JSON'})";
  }

  private static String columnTypes(Map<String, String> types) {
    return types.entrySet().stream()
        .map(e -> Sql.name(e.getKey()) + ": " + Sql.text(e.getValue()))
        .collect(Collectors.joining(", ", ", columns = {", "}"));
  }

  private static String compression(Compression compression) {
    return ", compression = " + Sql.text(compression.name().toLowerCase(Locale.ROOT));
  }

  private static Map<String, String> literals(Map<String, String> texts) {
    Map<String, String> literals = new LinkedHashMap<>();
    texts.forEach((name, text) -> literals.put(name, Sql.text(text)));
    return literals;
  }

  /**
   * The columns.
   *
   * @param present SQL for each that the files have, by its name in lower case
   * @param constants SQL for each that the files' folders have, by its name
   */
  private static String selection(
      List<Column> columns, Map<String, String> present, Map<String, String> constants) {
    List<String> selected = new ArrayList<>();
    for (Column column : columns) {
      String constant = constants.get(column.name());
      String value =
          constant == null ? present.get(column.name().toLowerCase(Locale.ROOT)) : constant;
      selected.add((value == null ? "NULL::VARCHAR" : value) + " AS " + Sql.name(column.name()));
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

  static String jsonPath(String key) {
    return "$.\"" + key.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
