package tarn.core.stream;

import java.util.Map;
import tarn.core.event.EventLog;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;

/** What of a stream is in its log and not in the ledger. */
public final class StreamLag {
  private StreamLag() {}

  /** How many records; those that the log lost before they were delivered are not counted. */
  public static long of(SourceName stream, EventLog log, Ledger ledger) {
    Map<Integer, Long> next =
        StreamOffsets.parse(ledger.offset(stream, Delivery.PARTITION).value());
    long waiting = 0;
    for (Map.Entry<Integer, EventLog.Extent> shard : log.extent(stream).entrySet()) {
      long from = Math.max(next.getOrDefault(shard.getKey(), 0L), shard.getValue().oldest());
      waiting += Math.max(0, shard.getValue().next() - from);
    }
    return waiting;
  }
}
