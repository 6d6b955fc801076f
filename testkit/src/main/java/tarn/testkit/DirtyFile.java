package tarn.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file put together from records of which some are bad, knowing where each one is. */
final class DirtyFile {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final List<Bad> bad = new ArrayList<>();
  private long line = 1;

  /** Where a bad record must be found, and what is wrong. */
  record Bad(
      long line,
      long offset,
      String reason,
      @Nullable String column,
      @Nullable String value,
      @SuppressWarnings("ArrayRecordComponent") byte[] bytes) {}

  /** Bytes that are no bad record: good ones, headers, line breaks. */
  DirtyFile good(String text) {
    return write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A bad record without its line break, which follows as {@code end}. */
  DirtyFile bad(
      String record, String end, String reason, @Nullable String column, @Nullable String value) {
    return bad(record.getBytes(StandardCharsets.UTF_8), end, reason, column, value);
  }

  DirtyFile bad(
      byte[] record, String end, String reason, @Nullable String column, @Nullable String value) {
    bad.add(new Bad(line, bytes.size(), reason, column, value, record));
    return write(record).good(end);
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  List<Bad> bad() {
    return bad;
  }

  private DirtyFile write(byte[] some) {
    bytes.writeBytes(some);
    for (byte b : some) {
      line += b == '\n' ? 1 : 0;
    }
    return this;
  }
}
