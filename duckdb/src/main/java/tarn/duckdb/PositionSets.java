package tarn.duckdb;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Positions of rows in files, put into a table {@code (file VARCHAR, pos BIGINT)} of a session.
 * They go through a text that the engine reads: several times as fast as row by row.
 */
final class PositionSets {
  private static final int BUFFER = 1 << 16;

  /** Two numbers of 64 bits, a comma and a line feed. */
  private static final int LONGEST_LINE = 42;

  private final WorkerSession session;
  private final String table;
  private final List<String> files = new ArrayList<>();
  private final Path text;
  private long written;
  private boolean made;

  PositionSets(WorkerSession session, String table) {
    this.session = session;
    this.table = table;
    this.text = session.work().resolve(table + ".csv");
  }

  /**
   * Writes positions down for the next {@link #load}.
   *
   * @param positions visits each once
   */
  void add(String file, Consumer<LongConsumer> positions) {
    byte[] number = (files.size() + ",").getBytes(StandardCharsets.US_ASCII);
    files.add(file);
    try (OutputStream out =
        Files.newOutputStream(text, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      ByteBuffer lines = ByteBuffer.allocate(BUFFER);
      positions.accept(
          position -> {
            if (lines.remaining() < LONGEST_LINE) {
              flush(lines, out);
            }
            lines.put(number).put(Long.toString(position).getBytes(StandardCharsets.US_ASCII));
            lines.put((byte) '\n');
            written++;
          });
      flush(lines, out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write deleted positions to " + text, e);
    }
  }

  private void flush(ByteBuffer lines, OutputStream out) {
    try {
      out.write(lines.array(), 0, lines.position());
      lines.clear();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write deleted positions to " + text, e);
    }
  }

  /** Makes the table, if it is not there, and puts into it what was added since the last time. */
  void load() {
    if (!made) {
      session.execute("CREATE OR REPLACE TEMP TABLE " + table + " (file VARCHAR, pos BIGINT)");
      made = true;
    }
    if (written > 0) {
      session.execute(
          "INSERT INTO "
              + table
              + " SELECT "
              + Sql.texts(files)
              + "[number + 1], pos FROM read_csv("
              + Sql.text(text.toString())
              + ", auto_detect = false, header = false, delim = ',', columns = {number: 'BIGINT', pos: 'BIGINT'}"
              + RawSql.PLAIN_PATHS
              + ")");
    }
    try {
      Files.deleteIfExists(text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + text, e);
    }
    files.clear();
    written = 0;
  }
}
