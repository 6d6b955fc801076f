package tarn.duckdb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import tarn.core.engine.Compression;
import tarn.core.engine.RawInput;

/**
 * Raw files whose text is not UTF-8, for readers that know nothing else: they are given a copy in
 * UTF-8. DuckDB's own decoding of UTF-16 loses rows and characters beyond 16 bits (2.0.0.1).
 */
final class Decoding {
  private Decoding() {}

  static boolean isNeeded(RawInput input) {
    return !input.format().encoding().equals(StandardCharsets.UTF_8);
  }

  /** The input as which the copy is read. */
  static RawInput plain(RawInput input) {
    return isNeeded(input)
        ? new RawInput(
            input.ledgerSeq(),
            input.file(),
            input.format().inUtf8(),
            Compression.NONE,
            input.partitionValues())
        : input;
  }

  /** Where a file can be read in UTF-8: at its path, or in a copy in the session's folder. */
  static String path(WorkerSession session, RawInput input, String path, int number) {
    if (!isNeeded(input)) {
      return path;
    }
    String copy = session.work().resolve("utf8-" + number).toString();
    ObjectNode request = WorkerSession.request("decode");
    describe(request, input, path).put("work", copy);
    session.call(request);
    return copy;
  }

  /** How a worker opens the file itself. */
  static ObjectNode describe(ObjectNode node, RawInput input, String path) {
    return node.put("path", path)
        .put("compression", input.compression().name())
        .put("encoding", input.format().encoding().name());
  }
}
