package tarn.duckdb.worker;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps the first records that can be records, for DuckDB to find their types, and forgets the
 * others: those of delimited text with every field in quotes, those of JSON and other lines as they
 * are.
 */
final class GoodRecords implements RecordReader.Sink, AutoCloseable {
  /** A longer value can be nothing but text, whatever it says. */
  private static final int LONGEST_VALUE = 4096;

  private static final byte[] ANY_TEXT = "text".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private final boolean lines;
  private final boolean delimited;
  private final int delimiter;
  private final int quote;
  private final long most;
  private final ByteArrayOutputStream value = new ByteArrayOutputStream();
  private int fields;
  private long records;

  private GoodRecords(
      Path file, boolean lines, boolean delimited, int delimiter, int quote, long most)
      throws IOException {
    this.lines = lines;
    this.out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 18);
    this.delimited = delimited;
    this.delimiter = delimiter;
    this.quote = quote;
    this.most = most;
  }

  /** To the file, of the format, and as many as a request says. */
  static GoodRecords of(JsonNode request) throws IOException {
    boolean delimited = request.path("format").asText().equals("csv");
    return new GoodRecords(
        Path.of(request.path("work").asText()),
        request.path("format").asText().equals("lines"),
        delimited,
        delimited ? request.path("delimiter").asText().charAt(0) : 0,
        delimited ? request.path("quote").asText().charAt(0) : 0,
        request.path("most").asLong());
  }

  @Override
  public void begin(long line, long offset, int length) {
    fields = 0;
    value.reset();
  }

  @Override
  public void field() throws IOException {
    if (fields++ > 0) {
      endOfField();
      out.write(delimiter);
    }
  }

  @Override
  public void text(byte[] buffer, int start, int length) {
    value.write(buffer, start, length);
  }

  @Override
  public void plain(byte[] buffer, int start, int length) {
    value.write(buffer, start, length);
  }

  @Override
  public void end() throws IOException {
    if (delimited) {
      endOfField();
      out.write('\n');
      records++;
    } else if (lines ? isPlain(value.toByteArray()) : isJson(value.toByteArray())) {
      writeInOneLine(value.toByteArray());
      out.write('\n');
      records++;
    }
  }

  /** An empty one stays without quotes: no value. */
  private void endOfField() throws IOException {
    byte[] text = value.size() > LONGEST_VALUE ? ANY_TEXT : value.toByteArray();
    value.reset();
    if (text.length > 0) {
      out.write(quote);
      for (byte b : text) {
        out.write(b);
        if (b == quote) {
          out.write(quote);
        }
      }
      out.write(quote);
    }
  }

  private static boolean isPlain(byte[] text) {
    for (byte b : text) {
      if (b >= 0 && b < 0x20 && b != '\t') {
        return false;
      }
    }
    return text.length <= 1 << 20;
  }

  /** Ends of lines stand between the tokens of an object, and nowhere else. */
  private void writeInOneLine(byte[] json) throws IOException {
    for (int i = 0; i < json.length; i++) {
      if (json[i] == '\n' || json[i] == '\r') {
        json[i] = ' ';
      }
    }
    out.write(json);
  }

  /** Whether it is one object and nothing else. */
  private static boolean isJson(byte[] record) {
    try (JsonParser parser = Frames.MAPPER.createParser(record)) {
      parser.nextToken();
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void bad(long line, long offset, long length, String reason) {}

  @Override
  public void damaged(long offset, String reason) {}

  @Override
  public boolean enough() {
    return records >= most;
  }

  long records() {
    return records;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
