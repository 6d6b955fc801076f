package tarn.core.stream;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** How far a stream is delivered: the next offset of each shard, as the ledger keeps it. */
final class StreamOffsets {
  private StreamOffsets() {}

  /** {@code 0:128 1:97}; empty before the first event. */
  static String text(SortedMap<Integer, Long> next) {
    return next.entrySet().stream()
        .map(e -> e.getKey() + ":" + e.getValue())
        .collect(Collectors.joining(" "));
  }

  static SortedMap<Integer, Long> parse(String text) {
    SortedMap<Integer, Long> next = new TreeMap<>();
    if (text.isEmpty()) {
      return next;
    }
    for (String part : text.split(" ")) {
      String[] pair = part.split(":", -1);
      try {
        next.put(Integer.parseInt(pair[0]), Long.parseLong(pair[1]));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new TarnException(
            ErrorCode.CATALOG_CORRUPT, "the ledger has '" + text + "' as a stream's offsets", e);
      }
    }
    return next;
  }

  /** A copy. */
  static SortedMap<Integer, Long> copy(Map<Integer, Long> next) {
    return new TreeMap<>(next);
  }
}
