package tarn.core.stream;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tarn.core.event.EventLog;
import tarn.core.event.LogRecord;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;

/**
 * What of a stream is in its log and not yet read by somebody.
 *
 * @param events how many; those that the log lost before they were read are not counted
 * @param age how long ago the oldest of them arrived; zero if there are none
 */
public record StreamLag(long events, Duration age) {

  /** How many events are not in the ledger. */
  public static long of(SourceName stream, EventLog log, Ledger ledger) {
    Map<Integer, Long> next = delivered(stream, ledger);
    return log.extent(stream).entrySet().stream()
        .mapToLong(shard -> waiting(next.getOrDefault(shard.getKey(), 0L), shard.getValue()))
        .sum();
  }

  /** Up to where the ledger has the events of each shard. */
  public static Map<Integer, Long> delivered(SourceName stream, Ledger ledger) {
    return StreamOffsets.parse(ledger.offset(stream, Delivery.PARTITION).value());
  }

  /** What is behind the places of a reader; a shard without one is not read at all. */
  public static StreamLag behind(
      SourceName stream, EventLog log, Map<Integer, Long> places, Instant now) {
    long events = 0;
    Duration age = Duration.ZERO;
    for (Map.Entry<Integer, EventLog.Extent> shard : log.extent(stream).entrySet()) {
      long place = places.getOrDefault(shard.getKey(), 0L);
      long waiting = waiting(place, shard.getValue());
      if (waiting > 0) {
        events += waiting;
        long from = Math.max(place, shard.getValue().oldest());
        List<LogRecord> first = log.read(stream, shard.getKey(), from, 1, 1);
        if (!first.isEmpty()) {
          Duration since = Duration.between(first.get(0).arrived(), now);
          age = since.compareTo(age) > 0 ? since : age;
        }
      }
    }
    return new StreamLag(events, age);
  }

  private static long waiting(long place, EventLog.Extent extent) {
    return Math.max(0, extent.next() - Math.max(place, extent.oldest()));
  }
}
