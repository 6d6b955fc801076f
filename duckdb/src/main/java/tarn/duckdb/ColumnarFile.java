package tarn.duckdb;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.types.Type;
import tarn.core.engine.ChangeColumns;
import tarn.core.engine.Column;
import tarn.core.engine.ColumnarJob;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.Hashes;
import tarn.core.storage.ObjectStore;

/**
 * Rows of text as a Parquet file: strictly, or, if that fails, with those values apart that do not
 * fit.
 */
final class ColumnarFile {
  /** DuckDB's own longest line and the buffer that it reads into. */
  private static final long LINE_BYTES = 2_000_000;

  private static final long BUFFER_BYTES = 16 * LINE_BYTES;
  private static final int CHUNK = 1 << 16;
  private static final Pattern PLACE =
      Pattern.compile("line (\\d+): (Expected Number of Columns: \\d+ Found: \\d+)?");

  /** What no column is called. */
  private static final String ROW = "__row";

  private static final String VALUES = "__values";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final WorkerSession session;
  private final ObjectStore objects;
  private final ColumnarJob job;

  ColumnarFile(WorkerSession session, ObjectStore objects, ColumnarJob job) {
    this.session = session;
    this.objects = objects;
    this.job = job;
  }

  ColumnarJob.Stored store() {
    Path staging = objects.stagingDirectory(job.target().zone());
    try {
      Path file = staging.resolve("rows.parquet");
      boolean allFit = wrote(file, strict(""));
      if (!allFit) {
        Shape shape = shape();
        if (!wrote(file, tracked(roomy(shape, true)))) {
          last(file, shape);
        }
      }
      return stored(file, allFit);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read '" + job.text() + "' or what was made of it", e);
    } finally {
      WorkerPool.deleteTree(staging);
    }
  }

  private ColumnarJob.Stored stored(Path file, boolean allFit) throws IOException {
    String written = " FROM read_parquet(" + Sql.text(file.toString()) + ")";
    long rows = session.value("SELECT count(*)" + written).asLong();
    Map<String, Long> unfit = allFit ? Map.of() : unfit(written);
    Hashes.Summed summed = Hashes.of(file);
    objects.put(job.target(), file);
    return new ColumnarJob.Stored(rows, summed.bytes(), summed.sha256(), unfit);
  }

  /** How many values of which columns. */
  private Map<String, Long> unfit(String written) throws IOException {
    String counts =
        session
            .value(
                "SELECT COALESCE(CAST(json_group_object(name, n) AS VARCHAR), '{}') FROM (SELECT name, count(*) AS n"
                    + " FROM (SELECT unnest(json_keys("
                    + ChangeColumns.UNFIT
                    + ")) AS name"
                    + written
                    + ") GROUP BY name)")
            .asText();
    return JSON.readValue(counts, new TypeReference<Map<String, Long>>() {});
  }

  /** False if the text's rows or values are not what they should be, as far as this could tell. */
  private boolean wrote(Path file, String select) {
    try {
      copy(file, select);
      return true;
    } catch (TarnException e) {
      if (e.code() != ErrorCode.DATA_INVALID) {
        throw e;
      }
      return false;
    }
  }

  /**
   * One thread reads what several could not divide. It drops a last row whose quote is not closed
   * and says nothing (2.0.0.1), so rows are counted.
   */
  private void last(Path file, Shape shape) {
    long rows;
    try {
      rows = copy(file, tracked(roomy(shape, false)));
    } catch (TarnException e) {
      throw e.code() == ErrorCode.DATA_INVALID ? invalid(e.line()) : e;
    }
    if (shape.open() || rows != shape.rows()) {
      throw invalid("");
    }
  }

  /** DuckDB's message has the row's values, so neither it nor its cause goes on. */
  private TarnException invalid(String said) {
    Matcher place = PLACE.matcher(said);
    boolean found = place.find();
    return new TarnException(
        ErrorCode.DATA_INVALID,
        "the text for '"
            + job.target()
            + "' is not CSV with "
            + job.columns().size()
            + " values in each row"
            + (found ? ": line " + place.group(1) : "")
            + (found && place.group(2) != null ? ", " + place.group(2) : ""));
  }

  private long copy(Path file, String select) {
    return session.execute(
        "COPY ("
            + select
            + ") TO "
            + Sql.text(file.toString())
            + " (FORMAT parquet, COMPRESSION zstd, FIELD_IDS {"
            + fieldIds()
            + "})");
  }

  /** As a new table has them: so the file can be a data file of it as it is. */
  private String fieldIds() {
    return IntStream.range(0, job.columns().size())
        .mapToObj(i -> Sql.name(job.columns().get(i).name()) + ": " + (i + 1))
        .collect(Collectors.joining(", "));
  }

  // ---- statements ----

  private String strict(String options) {
    return "SELECT "
        + job.columns().stream()
            .map(
                c ->
                    SourceTexts.isReadAsItIs(c.type())
                        ? Sql.name(c.name())
                        : SourceTexts.strict(Sql.name(c.name()), c.type())
                            + " AS "
                            + Sql.name(c.name()))
            .collect(Collectors.joining(", "))
        + " FROM "
        + reader(options, type -> SourceTexts.isReadAsItIs(type) ? SqlTypes.sql(type) : "VARCHAR");
  }

  private String tracked(String options) {
    List<Column> typed =
        job.columns().stream().filter(c -> c.type().typeId() != Type.TypeID.STRING).toList();
    if (typed.isEmpty()) {
      return "SELECT *, CAST(NULL AS VARCHAR) AS "
          + ChangeColumns.UNFIT
          + " FROM ("
          + strict(options)
          + ")";
    }
    String unfit =
        typed.stream()
            .map(
                c ->
                    "{name: "
                        + Sql.text(c.name())
                        + ", text: CASE WHEN "
                        + VALUES
                        + "."
                        + Sql.name(c.name())
                        + " IS NULL THEN "
                        + ROW
                        + "."
                        + Sql.name(c.name())
                        + " END}")
            .collect(Collectors.joining(", ", "list_filter([", "], lambda e: e.text IS NOT NULL)"));
    return "SELECT "
        + VALUES
        + ".*, CASE WHEN len("
        + unfit
        + ") > 0 THEN CAST(to_json(map_from_entries("
        + unfit
        + ")) AS VARCHAR) END AS "
        + ChangeColumns.UNFIT
        + " FROM (SELECT "
        + ROW
        + ", {"
        + job.columns().stream()
            .map(
                c ->
                    Sql.name(c.name())
                        + ": "
                        + SourceTexts.lenient(ROW + "." + Sql.name(c.name()), c.type()))
            .collect(Collectors.joining(", "))
        + "} AS "
        + VALUES
        + " FROM "
        + reader(options, type -> "VARCHAR")
        + " "
        + ROW
        + ")";
  }

  private String reader(String options, Function<Type, String> sqlType) {
    return "read_csv("
        + Sql.text(job.text().toString())
        + ", auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', nullstr = '',"
        + " allow_quoted_nulls = false, strict_mode = true, compression = 'none'"
        + RawSql.PLAIN_PATHS
        + options
        + ", columns = {"
        + job.columns().stream()
            .map(c -> Sql.name(c.name()) + ": " + Sql.text(sqlType.apply(c.type())))
            .collect(Collectors.joining(", "))
        + "})";
  }

  /** Room for the longest row; whoever has none so long does not pay for it. */
  private static String roomy(Shape shape, boolean parallel) {
    long line = Math.max(LINE_BYTES, shape.longest() + 1);
    return ", max_line_size = "
        + line
        + ", buffer_size = "
        + Math.max(BUFFER_BYTES, line + CHUNK)
        + ", parallel = "
        + parallel;
  }

  /**
   * A text's rows.
   *
   * @param longest the bytes of the longest one
   * @param open whether the last one has a quote that is not closed
   */
  private record Shape(long rows, long longest, boolean open) {}

  private Shape shape() throws IOException {
    long longest = 0;
    long row = 0;
    long rows = 0;
    boolean quoted = false;
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = Files.newInputStream(job.text())) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        for (int i = 0; i < n; i++) {
          quoted ^= chunk[i] == '"';
          row++;
          if (chunk[i] == '\n' && !quoted) {
            longest = Math.max(longest, row);
            row = 0;
            rows++;
          }
        }
      }
    }
    return new Shape(row > 0 ? rows + 1 : rows, Math.max(longest, row), quoted);
  }
}
