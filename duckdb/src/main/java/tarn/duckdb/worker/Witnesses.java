package tarn.duckdb.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The lines of JSON files by which their columns can be told: of each {@link Shapes shape} the
 * first. An engine that reads only these finds the types that it would find in all.
 */
final class Witnesses {
  /** With more of them than this the files are read as they are. */
  private static final int MOST = 50_000;

  private static final long MOST_BYTES = 64L << 20;
  private static final int LONGEST_LINE = 16 << 20;

  private Witnesses() {}

  /**
   * Copies the witnesses of some files, in their order, to one.
   *
   * @param request {@code files} (each with path and compression) and {@code work}, where they go
   * @param answer {@code sure}: whether all was understood; if not, the copy is of no use
   */
  static void copy(JsonNode request, ObjectNode answer) throws IOException {
    Shapes shapes = new Shapes();
    long witnesses = 0;
    try (OutputStream out =
        new BufferedOutputStream(
            Files.newOutputStream(Path.of(request.path("work").asText())), 1 << 16)) {
      for (JsonNode file : request.path("files")) {
        try (InputStream in = RawRecords.open(file)) {
          long found = copy(in, shapes, out);
          witnesses += found;
          if (found < 0 || witnesses > MOST) {
            answer.put("sure", false);
            return;
          }
        }
      }
    }
    answer.put("sure", witnesses > 0);
  }

  /** How many there were; -1 if the file cannot be read to its end. */
  private static long copy(InputStream in, Shapes shapes, OutputStream out) throws IOException {
    RecordBuffer buffer = new RecordBuffer(in);
    buffer.skipByteOrderMark();
    long witnesses = 0;
    long bytes = 0;
    for (int length = buffer.lineLength(LONGEST_LINE);
        length >= 0;
        length = buffer.lineLength(LONGEST_LINE)) {
      if (length > LONGEST_LINE || witnesses > MOST || bytes > MOST_BYTES) {
        return -1;
      }
      int text = length;
      byte[] from = buffer.bytes();
      while (text > 0 && isBreak(from[buffer.start() + text - 1])) {
        text--;
      }
      if (text > 0 && shapes.isNew(from, buffer.start(), text)) {
        out.write(from, buffer.start(), text);
        out.write('\n');
        witnesses++;
        bytes += text;
      }
      buffer.consume(length);
    }
    return buffer.damage().isEmpty() ? witnesses : -1;
  }

  private static boolean isBreak(byte b) {
    return b == '\n' || b == '\r';
  }
}
