package tarn.duckdb;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.iceberg.types.Types;
import tarn.core.engine.Column;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.duckdb.worker.Frames;

/**
 * The columns of raw files. DuckDB samples files as they are; where it stumbles over a bad record,
 * or makes columns of one ({@code read_json} gives a single column as soon as one line is no
 * object, {@code read_csv} takes data for a header), it is given copies of what can be records.
 */
final class Inference {
  private static final long SAMPLE_ROWS = 200_000;
  private static final int MANY_KEYS = 200;

  /** Of less, reading all of it costs nothing. */
  private static final long FEW_BYTES = 32 << 10;

  private static final String WHOLE_RECORD = "json";

  private final WorkerSession session;
  private final List<RawInput> inputs;
  private final List<String> paths;
  private final RawFormat format;

  /**
   * @param inputs of one format and compression
   * @param paths where each of them stands locally
   */
  Inference(WorkerSession session, List<RawInput> inputs, List<String> paths) {
    this.session = session;
    this.inputs = inputs;
    this.paths = paths;
    this.format = inputs.get(0).format();
  }

  /** Those of a CSV file are its header's, all of them and no others, whatever its rows hold. */
  List<Column> columns() {
    if (format instanceof RawFormat.Lines lines) {
      return new LineTypes(session, lines).columns(inputs, paths);
    }
    String compression = inputs.get(0).compression().name().toLowerCase(Locale.ROOT);
    Optional<List<Column>> found = ofWitnesses().or(() -> described(paths, compression, false));
    return found
        .filter(columns -> !(isJson() && Spellings.isSuspected(columns)))
        .or(this::ofGoodRecords)
        .orElseGet(this::texts);
  }

  /**
   * JSON lines by those of them that show something new, which is several times quicker than all;
   * nothing if that does not tell.
   */
  private Optional<List<Column>> ofWitnesses() {
    long bytes = inputs.stream().mapToLong(input -> input.file().bytes()).sum();
    if (!(format instanceof RawFormat.JsonLines) || bytes < FEW_BYTES) {
      return Optional.empty();
    }
    String witnesses = session.work().resolve("witnesses").toString();
    ObjectNode request = WorkerSession.request("witnesses").put("work", witnesses);
    for (int i = 0; i < inputs.size(); i++) {
      Decoding.describe(request.withArray("files").addObject(), inputs.get(i), paths.get(i));
    }
    return session.call(request).path("sure").asBoolean()
        ? described(List.of(witnesses), "none", false)
        : Optional.empty();
  }

  private boolean isJson() {
    return format instanceof RawFormat.JsonLines || format instanceof RawFormat.JsonDocuments;
  }

  private Optional<List<Column>> ofGoodRecords() {
    if (format instanceof RawFormat.Parquet) {
      RawParquet parquet = new RawParquet(session);
      List<String> good = paths.stream().filter(p -> parquet.isReadable(p)).toList();
      return good.isEmpty() ? Optional.empty() : described(good, "none", true);
    }
    List<String> copies = goodCopies();
    if (copies.isEmpty()) {
      return Optional.empty();
    }
    return isJson() ? ofGoodJson(copies) : described(copies, "none", true);
  }

  private Optional<List<Column>> ofGoodJson(List<String> copies) {
    Spellings spellings = new Spellings(structure(copies), MANY_KEYS);
    if (!spellings.isAny()) {
      return described(copies, "none", true);
    }
    List<String> respelled = new ArrayList<>();
    for (String copy : copies) {
      session.call(spellings.request(copy, copy + "-respelled"));
      respelled.add(copy + "-respelled");
    }
    return described(respelled, "none", true).map(spellings::of);
  }

  /** Every key of every record, as it is written; by one thread, in the order of the records. */
  private JsonNode structure(List<String> copies) {
    long threads = session.value("SELECT current_setting('threads')").asLong();
    session.execute("SET threads = 1");
    String text =
        session
            .value(
                "SELECT CAST(json_group_structure(record) AS VARCHAR) FROM "
                    + RawSql.objects(copies, "newline_delimited", ", ignore_errors = true"))
            .asText();
    session.execute("SET threads = " + threads);
    try {
      return Frames.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new TarnException(ErrorCode.INTERNAL, "the engine's structure of JSON is no JSON", e);
    }
  }

  private List<String> goodCopies() {
    List<String> copies = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      String copy = session.work().resolve("good" + i).toString();
      ObjectNode request = WorkerSession.request("good");
      RawSql.request(request, format);
      request
          .put("path", paths.get(i))
          .put("compression", inputs.get(i).compression().name())
          .put("work", copy)
          .put("most", format instanceof RawFormat.Csv ? SAMPLE_ROWS : Long.MAX_VALUE);
      if (session.call(request).path("records").asLong() > 0) {
        copies.add(copy);
      }
    }
    return copies;
  }

  private List<Column> texts() {
    return format instanceof RawFormat.Csv csv
        ? csv.columns().stream().map(c -> new Column(c, Types.StringType.get())).toList()
        : List.of();
  }

  /** Nothing if the files cannot be read as they are, or what was found cannot be meant. */
  private Optional<List<Column>> described(List<String> files, String compression, boolean copies) {
    return described(files, compression, copies, true);
  }

  /**
   * @param many whether an object of very many keys is a map
   */
  private Optional<List<Column>> described(
      List<String> files, String compression, boolean copies, boolean many) {
    List<Column> columns;
    try {
      columns = session.columns(select(files, compression, copies, many));
    } catch (TarnException e) {
      if (e.code() == ErrorCode.DATA_INVALID || e.code() == ErrorCode.SQL_INVALID) {
        return Optional.empty();
      }
      throw e;
    }
    if (columns.size() == 1 && columns.get(0).type().isMapType() && many) {
      return described(files, compression, copies, false); // so many keys, and all of one type
    }
    List<String> names = columns.stream().map(Column::name).toList();
    return copies && !(format instanceof RawFormat.Csv) || isMeant(names)
        ? Optional.of(columns)
        : Optional.empty();
  }

  private boolean isMeant(List<String> names) {
    if (format instanceof RawFormat.Parquet) {
      return true;
    }
    return format instanceof RawFormat.Csv csv
        ? names.equals(csv.columns())
        : !names.equals(List.of(WHOLE_RECORD));
  }

  private String select(List<String> files, String compression, boolean copies, boolean many) {
    if (format instanceof RawFormat.Parquet) {
      return "SELECT * FROM " + RawParquet.reader(files, false);
    }
    return format instanceof RawFormat.Csv csv
        ? csv(csv, files, compression, csv.header() && !copies)
        : json(
            files, compression, copies ? "newline_delimited" : RawSql.layout(format), copies, many);
  }

  private static String csv(
      RawFormat.Csv csv, List<String> files, String compression, boolean header) {
    String quote = Sql.text(String.valueOf(csv.quote()));
    return "SELECT * FROM read_csv("
        + Sql.texts(files)
        + RawSql.PLAIN_PATHS
        + ", compression = "
        + Sql.text(compression)
        + ", header = "
        + header
        + ", skip = 0, names = "
        + Sql.texts(csv.columns())
        + ", delim = "
        + Sql.text(String.valueOf(csv.delimiter()))
        + ", quote = "
        + quote
        + ", escape = "
        + quote
        + ", sample_size = "
        + SAMPLE_ROWS
        + ", union_by_name = true, null_padding = false, ignore_errors = false)";
  }

  private static String json(
      List<String> files, String compression, String layout, boolean ignoreErrors, boolean many) {
    return "SELECT * FROM read_json("
        + Sql.texts(files)
        + RawSql.PLAIN_PATHS
        + ", compression = "
        + Sql.text(compression)
        + ", format = '"
        + layout
        + "', maximum_object_size = 16777216, convert_strings_to_integers = false, map_inference_threshold = "
        + (many ? MANY_KEYS : -1)
        // How rare a key is among the records at hand says nothing of those to come.
        + ", field_appearance_threshold = 0"
        + ", union_by_name = true, ignore_errors = "
        + ignoreErrors
        + ", sample_size = -1)";
  }
}
