package tarn.duckdb.worker;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.ZipException;

/** A window over a stream of bytes that holds at least the record being looked at. */
final class RecordBuffer {
  private final InputStream in;
  private byte[] bytes = new byte[1 << 18];
  private int start;
  private int end;
  private long offset;
  private boolean ended;
  private String damage = "";

  RecordBuffer(InputStream in) {
    this.in = in;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Index in {@link #bytes} of the first byte not consumed. */
  int start() {
    return start;
  }

  int available() {
    return end - start;
  }

  /** Place of {@link #start} in the file. */
  long offset() {
    return offset;
  }

  /** Why the stream cannot be read further; empty if it ended as it should. */
  String damage() {
    return damage;
  }

  void consume(int count) {
    start += count;
    offset += count;
  }

  /**
   * Reads more behind what is there; false at the end. Indexes before are void afterwards, counts
   * from {@link #start} are not.
   */
  boolean more() throws IOException {
    if (ended) {
      return false;
    }
    if (start > 0) {
      System.arraycopy(bytes, start, bytes, 0, end - start);
      end -= start;
      start = 0;
    }
    if (end == bytes.length) {
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    int read = read();
    if (read < 0) {
      ended = true;
      return false;
    }
    end += read;
    return true;
  }

  /**
   * Consumes everything up to the next line feed and that too, however far away it is, in the room
   * that there is.
   *
   * @return how many bytes stood before it
   */
  long skipLine() throws IOException {
    long skipped = 0;
    while (true) {
      for (int i = 0; i < available(); i++) {
        if (bytes[start + i] == '\n') {
          consume(i + 1);
          return skipped + i;
        }
      }
      skipped += available();
      consume(available());
      if (!more()) {
        return skipped;
      }
    }
  }

  /**
   * The length of the next line with its break; -1 at the end; of a line that is longer than the
   * most, what shows it.
   */
  int lineLength(int most) throws IOException {
    int seen = 0;
    while (true) {
      for (int i = seen; i < available(); i++) {
        if (bytes[start + i] == '\n') {
          return i + 1;
        }
      }
      seen = available();
      if (seen > most) {
        return seen;
      }
      if (!more()) {
        return seen == 0 ? -1 : seen;
      }
    }
  }

  /** At the beginning of the stream. */
  void skipByteOrderMark() throws IOException {
    while (available() < 3 && more()) {
      // until there are three bytes or none to come
    }
    if (available() >= 3
        && bytes[start] == (byte) 0xef
        && bytes[start + 1] == (byte) 0xbb
        && bytes[start + 2] == (byte) 0xbf) {
      consume(3);
    }
  }

  private int read() throws IOException {
    try {
      return in.read(bytes, end, bytes.length - end);
    } catch (ZipException | EOFException e) {
      damage = "the file is damaged: " + e.getMessage();
      return -1;
    } catch (IOException e) {
      if (e.getClass().getName().startsWith("com.github.luben.zstd")) {
        damage = "the file is damaged: " + e.getMessage();
        return -1;
      }
      throw e;
    }
  }
}
