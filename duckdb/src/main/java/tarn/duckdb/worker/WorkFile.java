package tarn.duckdb.worker;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/**
 * Records on their way to DuckDB: a line for each, its place first, fields between {@link
 * #SEPARATOR}s. What could be taken for a separator or a line's end is written as {@link #ESCAPE}
 * and a letter, and nothing is quoted, so that there is one way to read it. Records that cannot be
 * read go to the table of rejects instead.
 */
final class WorkFile implements RecordReader.Sink, AutoCloseable {
  static final byte SEPARATOR = 1;
  static final byte ESCAPE = 2;

  private final OutputStream out;
  private final DuckDBAppender rejects;
  private byte[] place = {};
  private byte[] constants = {};
  private int input;
  private long written;
  private long longest;
  private long escaped;
  private long records;

  WorkFile(Path file, DuckDBAppender rejects) throws IOException {
    this.out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 18);
    this.rejects = rejects;
  }

  /** The records that follow are of this input, each with these texts before its own fields. */
  void input(int number, List<String> texts) throws IOException {
    input = number;
    place = Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    for (String text : texts) {
      bytes.write(SEPARATOR);
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      writeEscaped(bytes, utf8, 0, utf8.length);
    }
    constants = bytes.toByteArray();
  }

  @Override
  public void begin(long line, long offset, int length) throws IOException {
    records++;
    byte[] where =
        ((char) SEPARATOR
                + Long.toString(line)
                + (char) SEPARATOR
                + offset
                + (char) SEPARATOR
                + length)
            .getBytes(StandardCharsets.US_ASCII);
    out.write(place);
    out.write(where);
    out.write(constants);
    written = place.length + where.length + constants.length;
  }

  @Override
  public void field() throws IOException {
    out.write(SEPARATOR);
    written++;
  }

  @Override
  public void text(byte[] buffer, int start, int length) throws IOException {
    written += writeEscaped(out, buffer, start, length);
  }

  @Override
  public void plain(byte[] buffer, int start, int length) throws IOException {
    written += length;
    out.write(buffer, start, length);
  }

  @Override
  public void end() throws IOException {
    out.write('\n');
    longest = Math.max(longest, written + 1);
  }

  /** How many bytes it became. */
  private long writeEscaped(OutputStream to, byte[] bytes, int start, int length)
      throws IOException {
    int from = start;
    long more = 0;
    for (int i = start; i < start + length; i++) {
      byte letter = letter(bytes[i]);
      if (letter != 0) {
        to.write(bytes, from, i - from);
        to.write(ESCAPE);
        to.write(letter);
        from = i + 1;
        more++;
      }
    }
    to.write(bytes, from, start + length - from);
    escaped += more;
    return length + more;
  }

  /** 0 if the byte stands for itself. */
  private static byte letter(byte b) {
    return switch (b) {
      case 0 -> 'z';
      case '\n' -> 'n';
      case '\r' -> 'r';
      case SEPARATOR -> 's';
      case ESCAPE -> 'e';
      default -> 0;
    };
  }

  @Override
  public void bad(long line, long offset, long length, String reason) {
    reject(line, offset, length, reason);
  }

  @Override
  public void damaged(long offset, String reason) {
    reject(null, offset, null, reason);
  }

  private void reject(@Nullable Long line, long offset, @Nullable Long length, String reason) {
    records++;
    try {
      rejects.beginRow();
      rejects.append(input);
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

  /** Records that came, bad ones too. */
  long records() {
    return records;
  }

  /** Bytes of the longest line. */
  long longest() {
    return longest;
  }

  /** How many bytes stand for others. */
  long escaped() {
    return escaped;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
