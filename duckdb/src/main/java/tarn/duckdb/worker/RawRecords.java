package tarn.duckdb.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * The byte-preserving reading of a raw file. Its records are found by their bytes; those that can
 * be records at all are copied to a work file, each with its line, offset and length before it, for
 * DuckDB to read; the others go straight to the table of rejects.
 *
 * <p>{@code split} needs a table {@code rejects (line BIGINT, off BIGINT, len BIGINT, reason
 * VARCHAR, col VARCHAR, val VARCHAR)}. {@code bytes} reads that table and fills the quarantine.
 */
final class RawRecords {
  private static final int LARGEST_KEPT = 1 << 20;
  private static final int PAGE = 10_000;

  private RawRecords() {}

  static void split(JsonNode request, DuckDBConnection connection, ObjectNode answer)
      throws SQLException, IOException {
    Path work = Path.of(request.path("work").asText());
    try (InputStream in = open(request);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(work), 1 << 18);
        DuckDBAppender rejects = connection.createAppender("temp", "main", "rejects")) {
      RecordCopier copier = new RecordCopier(out, rejects);
      RecordReader reader =
          request.path("format").asText().equals("csv")
              ? new CsvRecords(
                  in,
                  (byte) request.path("delimiter").asText().charAt(0),
                  (byte) request.path("quote").asText().charAt(0),
                  request.path("fields").asInt(),
                  request.path("header").asBoolean())
              : new JsonRecords(in);
      reader.forEach(copier);
      answer.put("records", copier.records());
      answer.put("rejected", copier.rejected());
      answer.put("longest", copier.longest());
    }
  }

  /**
   * Appends every row of {@code rejects} to {@code quarantine}, with its bytes read again from the
   * raw file, and empties {@code rejects}. Rejects are fetched by pages: while a result is open,
   * its connection cannot append.
   */
  static void quarantineBytes(JsonNode request, DuckDBConnection connection, ObjectNode answer)
      throws SQLException, IOException {
    execute(
        connection,
        "CREATE OR REPLACE TEMP TABLE ordered_rejects AS SELECT row_number() OVER (ORDER BY off NULLS FIRST, line) AS n, * FROM rejects");
    execute(connection, "DELETE FROM rejects");
    long appended = 0;
    try (InputStream in = open(request)) {
      SkippingReader bytes = new SkippingReader(in);
      for (List<Reject> page = page(connection, 0);
          !page.isEmpty();
          page = page(connection, appended)) {
        try (DuckDBAppender quarantine = connection.createAppender("temp", "main", "quarantine")) {
          for (Reject reject : page) {
            append(quarantine, request, reject, bytes);
          }
        }
        appended += page.size();
      }
    }
    execute(connection, "DROP TABLE ordered_rejects");
    answer.put("appended", appended);
  }

  /** A rejected record; a place is null where the whole file is meant. */
  private record Reject(
      @Nullable Long line,
      @Nullable Long offset,
      @Nullable Long length,
      String reason,
      @Nullable String column,
      @Nullable String value) {}

  private static List<Reject> page(DuckDBConnection connection, long after) throws SQLException {
    List<Reject> page = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT line, off, len, reason, col, val FROM ordered_rejects WHERE n > "
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
      DuckDBAppender quarantine, JsonNode request, Reject reject, SkippingReader bytes)
      throws SQLException, IOException {
    quarantine.beginRow();
    quarantine.append(request.path("ledgerSeq").asLong());
    quarantine.append(request.path("name").asText());
    appendLong(quarantine, reject.line());
    appendLong(quarantine, reject.offset());
    appendLong(quarantine, reject.length());
    quarantine.append(reject.reason());
    appendText(quarantine, reject.column());
    appendText(quarantine, reject.value());
    Long offset = reject.offset();
    Long length = reject.length();
    if (offset == null || length == null || length > LARGEST_KEPT) {
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

  private static InputStream open(JsonNode request) throws IOException {
    InputStream file =
        new BufferedInputStream(
            Files.newInputStream(Path.of(request.path("path").asText())), 1 << 18);
    return switch (request.path("compression").asText()) {
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

  /** Where records go. */
  static final class RecordCopier implements RecordReader.Sink {
    private final OutputStream out;
    private final DuckDBAppender rejects;
    private long records;
    private long rejected;
    private long longest;

    RecordCopier(OutputStream out, DuckDBAppender rejects) {
      this.out = out;
      this.rejects = rejects;
    }

    @Override
    public void good(long line, long offset, byte[] buffer, int start, int length, byte separator)
        throws IOException {
      records++;
      longest = Math.max(longest, length);
      out.write(
          (Long.toString(line)
                  + (char) separator
                  + offset
                  + (char) separator
                  + length
                  + (char) separator)
              .getBytes(StandardCharsets.US_ASCII));
      out.write(buffer, start, length);
      out.write('\n');
    }

    @Override
    public void bad(long line, long offset, long length, String reason) {
      records++;
      rejected++;
      reject(line, offset, length, reason);
    }

    @Override
    public void damaged(long offset, String reason) {
      records++;
      rejected++;
      reject(null, offset, null, reason);
    }

    private void reject(@Nullable Long line, long offset, @Nullable Long length, String reason) {
      try {
        rejects.beginRow();
        if (line == null || length == null) {
          rejects.appendNull();
          rejects.appendNull();
          rejects.appendNull();
        } else {
          rejects.append(line.longValue());
          rejects.append(offset);
          rejects.append(length.longValue());
        }
        rejects.append(reason);
        rejects.appendNull();
        rejects.appendNull();
        rejects.endRow();
      } catch (SQLException e) {
        throw new IllegalStateException("cannot note a rejected record: " + e.getMessage(), e);
      }
    }

    long longest() {
      return longest;
    }

    long records() {
      return records;
    }

    long rejected() {
      return rejected;
    }
  }
}
