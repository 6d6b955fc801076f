package tarn.duckdb.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * The byte-preserving reading of raw files. Their records are found by their bytes; those that can
 * be records at all are copied to a work file, each with its input, line, offset and length before
 * it, for DuckDB to read; the others go straight to the table of rejects.
 *
 * <p>{@code split} needs a table {@code rejects (input INTEGER, line BIGINT, off BIGINT, len
 * BIGINT, reason VARCHAR, col VARCHAR, val VARCHAR)}. {@code bytes} reads that table and fills the
 * quarantine.
 */
final class RawRecords {
  private static final int LARGEST_KEPT = 1 << 20;
  private static final String NOT_KEPT = " (longer than 1 MiB: its bytes are in the raw file)";
  private static final int PAGE = 10_000;

  private RawRecords() {}

  /** Copies the first so many records of one file that can be records to a work file. */
  static void copyGood(JsonNode request, ObjectNode answer) throws IOException {
    try (InputStream in = open(request);
        GoodRecords good = GoodRecords.of(request)) {
      reader(request, in).forEach(good);
      answer.put("records", good.records());
    }
  }

  /** Which of some compressed files were changed, by their input numbers. */
  static void corrupt(JsonNode request, ObjectNode answer) throws IOException {
    ArrayNode corrupt = answer.putArray("corrupt");
    for (JsonNode file : request.path("files")) {
      if (!corruption(file).isEmpty()) {
        corrupt.add(file.path("input").asInt());
      }
    }
  }

  static void split(JsonNode request, DuckDBConnection connection, ObjectNode answer)
      throws SQLException, IOException {
    try (DuckDBAppender rejects = connection.createAppender("temp", "main", "rejects");
        WorkFile work = new WorkFile(Path.of(request.path("work").asText()), rejects)) {
      for (JsonNode file : request.path("files")) {
        List<String> constants = new ArrayList<>();
        file.path("constants").forEach(c -> constants.add(c.asText()));
        work.input(file.path("input").asInt(), constants);
        String corrupt = corruption(file);
        if (corrupt.isEmpty()) {
          try (InputStream in = open(file)) {
            read(request, file, in, work);
          }
        } else {
          work.damaged(0, corrupt);
        }
      }
      answer.put("records", work.records());
      answer.put("longest", work.longest());
      answer.put("escaped", work.escaped());
    }
  }

  /**
   * Why nothing of a compressed file can be believed. One that only ends too early is right as far
   * as it goes; in one that was changed, so may be values that were read before it was noticed.
   */
  private static String corruption(JsonNode file) throws IOException {
    if (file.path("compression").asText().equals("NONE")) {
      return "";
    }
    try (InputStream in = open(file)) {
      byte[] buffer = new byte[1 << 16];
      while (in.read(buffer) >= 0) {
        // only whether it can be read
      }
      return "";
    } catch (EOFException e) {
      return "";
    } catch (ZipException | ZstdIOException e) {
      return String.valueOf(e.getMessage()).contains("Truncated")
          ? ""
          : "the file is damaged and nothing of it was taken: "
              + e.getMessage()
              + "; upload it again";
    }
  }

  private static void read(JsonNode request, JsonNode file, InputStream in, RecordReader.Sink sink)
      throws IOException {
    String encoding = file.path("encoding").asText("UTF-8");
    if (encoding.equals("UTF-8")) {
      reader(request, in).forEach(sink);
    } else {
      Decoded decoded = new Decoded(in, encoding);
      reader(request, decoded).forEach(decoded.inFile(sink));
    }
  }

  /** Writes a file's text anew in UTF-8; what is behind a damage is left to the other path. */
  static void decode(JsonNode request) throws IOException {
    try (InputStream in = open(request);
        OutputStream out = Files.newOutputStream(Path.of(request.path("work").asText()))) {
      new Decoded(in, request.path("encoding").asText()).transferTo(out);
    } catch (EOFException | ZipException | ZstdIOException e) {
      Files.write(
          Path.of(request.path("work").asText()),
          new byte[] {(byte) 0xff},
          StandardOpenOption.APPEND);
    }
  }

  private static RecordReader reader(JsonNode request, InputStream in) {
    return switch (request.path("format").asText()) {
      case "csv" ->
          new CsvRecords(
              in,
              (byte) request.path("delimiter").asText().charAt(0),
              (byte) request.path("quote").asText().charAt(0),
              request.path("fields").asInt(),
              request.path("header").asBoolean());
      case "array", "unstructured" ->
          new JsonDocuments(in, request.path("format").asText().equals("array"));
      case "lines" -> new LineRecords(in);
      default -> new JsonRecords(in);
    };
  }

  /**
   * Appends every row of {@code rejects} to {@code quarantine}, with its bytes read again from the
   * raw files, and empties {@code rejects}. Rejects are fetched by pages: while a result is open,
   * its connection cannot append.
   */
  static void quarantineBytes(JsonNode request, DuckDBConnection connection)
      throws SQLException, IOException {
    execute(
        connection,
        "CREATE OR REPLACE TEMP TABLE ordered_rejects AS SELECT row_number() OVER (PARTITION BY input ORDER BY off NULLS FIRST, line) AS n, * FROM rejects");
    execute(connection, "DELETE FROM rejects");
    for (JsonNode file : request.path("files")) {
      quarantineFile(file, connection);
    }
    execute(connection, "DROP TABLE ordered_rejects");
  }

  private static void quarantineFile(JsonNode file, DuckDBConnection connection)
      throws SQLException, IOException {
    long appended = 0;
    int input = file.path("input").asInt();
    try (InputStream in = open(file)) {
      SkippingReader bytes = new SkippingReader(in);
      for (List<Reject> page = page(connection, input, 0);
          !page.isEmpty();
          page = page(connection, input, appended)) {
        try (DuckDBAppender quarantine = connection.createAppender("temp", "main", "quarantine")) {
          for (Reject reject : page) {
            append(quarantine, file, reject, bytes);
          }
        }
        appended += page.size();
      }
    }
  }

  /** A rejected record; a place is null where the whole file is meant. */
  private record Reject(
      @Nullable Long line,
      @Nullable Long offset,
      @Nullable Long length,
      String reason,
      @Nullable String column,
      @Nullable String value) {}

  private static List<Reject> page(DuckDBConnection connection, int input, long after)
      throws SQLException {
    List<Reject> page = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT line, off, len, reason, col, val FROM ordered_rejects WHERE input = "
                    + input
                    + " AND n > "
                    + after
                    + " AND n <= "
                    + (after + PAGE)
                    + " ORDER BY n")) {
      while (row.next()) {
        page.add(
            new Reject(
                nullableLong(row, 1),
                nullableLong(row, 2),
                nullableLong(row, 3),
                row.getString(4),
                row.getString(5),
                row.getString(6)));
      }
    }
    return page;
  }

  private static @Nullable Long nullableLong(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : Long.valueOf(value);
  }

  private static void append(
      DuckDBAppender quarantine, JsonNode file, Reject reject, SkippingReader bytes)
      throws SQLException, IOException {
    quarantine.beginRow();
    Long offset = reject.offset();
    Long length = reject.length();
    if (length != null && length < 0) { // a row of a format whose records have no bytes
      offset = null;
      length = null;
    }
    boolean tooLong = length != null && length > LARGEST_KEPT;
    quarantine.append(file.path("ledgerSeq").asLong());
    quarantine.append(file.path("name").asText());
    appendLong(quarantine, reject.line());
    appendLong(quarantine, offset);
    appendLong(quarantine, length);
    quarantine.append(tooLong ? reject.reason() + NOT_KEPT : reject.reason());
    appendText(quarantine, reject.column());
    appendText(quarantine, reject.value());
    if (offset == null || length == null || tooLong) {
      quarantine.appendNull();
    } else {
      quarantine.append(bytes.read(offset, length.intValue()));
    }
    quarantine.endRow();
  }

  private static void appendLong(DuckDBAppender appender, @Nullable Long value)
      throws SQLException {
    if (value == null) {
      appender.appendNull();
    } else {
      appender.append(value.longValue());
    }
  }

  private static void appendText(DuckDBAppender appender, @Nullable String value)
      throws SQLException {
    if (value == null) {
      appender.appendNull();
    } else {
      appender.append(value);
    }
  }

  private static void execute(DuckDBConnection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The uncompressed bytes of a file. */
  static InputStream open(JsonNode of) throws IOException {
    InputStream file =
        new BufferedInputStream(Files.newInputStream(Path.of(of.path("path").asText())), 1 << 18);
    return switch (of.path("compression").asText()) {
      case "GZIP" -> new GZIPInputStream(file, 1 << 16);
      case "ZSTD" -> new ZstdInputStream(file);
      default -> file;
    };
  }

  /** Reads ranges of a stream in ascending order. */
  private static final class SkippingReader {
    private final InputStream in;
    private long at;

    SkippingReader(InputStream in) {
      this.in = in;
    }

    byte[] read(long offset, int length) throws IOException {
      in.skipNBytes(offset - at);
      byte[] bytes = in.readNBytes(length);
      at = offset + bytes.length;
      return bytes;
    }
  }
}
