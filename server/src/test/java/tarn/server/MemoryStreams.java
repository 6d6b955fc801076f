package tarn.server;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import tarn.core.ledger.SourceName;
import tarn.core.stream.IdIndex;
import tarn.core.stream.IdIndexes;
import tarn.testkit.MemoryEventLog;
import tarn.testkit.MemoryIdIndex;

/** A log and indexes in memory, in the place of a broker that takes seconds to start. */
final class MemoryStreams {
  private MemoryStreams() {}

  static Arrivals parts(MemoryEventLog log) {
    Map<SourceName, IdIndex> indexes = new HashMap<>();
    return new Arrivals(
        () -> log,
        new IdIndexes() {
          @Override
          public synchronized IdIndex open(SourceName stream) {
            return indexes.computeIfAbsent(stream, name -> new MemoryIdIndex());
          }

          @Override
          public synchronized void discard(SourceName stream) {
            indexes.remove(stream);
          }
        },
        NoStreams.PARTS.databases());
  }

  static MemoryEventLog log() {
    MemoryEventLog log = new MemoryEventLog(Clock.systemUTC());
    log.patient();
    return log;
  }
}
