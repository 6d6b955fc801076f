package tarn.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import tarn.core.database.Database;
import tarn.core.database.SqliteDatabase;
import tarn.core.event.EventLog;
import tarn.core.event.LogRecord;
import tarn.core.lake.LakeFolder;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.stream.Consumers;
import tarn.core.stream.IdIndex;
import tarn.core.stream.IdIndexes;
import tarn.core.stream.Shards;
import tarn.testkit.MemoryEventLog;
import tarn.testkit.MemoryIdIndex;

/** The streams of a lake folder over a log in memory, without the rest of a server. */
final class StreamsWorld implements AutoCloseable {
  final MemoryEventLog log;
  final Ledger ledger;
  final LakeStreams streams;
  final Consumption consumption;
  final Path folder;
  private final Database database;
  private final Streams running;

  StreamsWorld(Path folder, Clock clock) throws IOException {
    this.folder = folder;
    Files.writeString(folder.resolve(LakeFolder.LAKE_FILE), "name: memory\n");
    log = new MemoryEventLog(clock);
    database = SqliteDatabase.open(folder.resolve("catalog.db"));
    ledger = new SqlLedger(database);
    running =
        new Streams(
            () -> new Patient(log),
            new Shards(database),
            ledger,
            new LocalObjectStore(folder.resolve("zones"), new Buckets("memory", "dev"), false),
            new MemoryIndexes(),
            Clock.systemUTC(),
            new TableFeed(some -> List.of()));
    consumption = new Consumption(running, new Consumers(database, clock), ledger, clock);
    streams =
        new LakeStreams(
            running,
            () -> Wiring.read(folder, null).definition().streams(),
            folder.resolve("streams"));
  }

  @Override
  public void close() {
    running.close();
    database.close();
  }

  private static final class MemoryIndexes implements IdIndexes {
    private final Map<SourceName, IdIndex> open = new ConcurrentHashMap<>();

    @Override
    public IdIndex open(SourceName stream) {
      return open.computeIfAbsent(stream, name -> new MemoryIdIndex());
    }

    @Override
    public void discard(SourceName stream) {
      open.remove(stream);
    }
  }

  /** A log whose reader waits a little when there is nothing. */
  private record Patient(EventLog log) implements EventLog {
    @Override
    public void open(SourceName stream, int shards, Duration retention) {
      log.open(stream, shards, retention);
    }

    @Override
    public List<Outcome> append(SourceName stream, List<Put> records) {
      return log.append(stream, records);
    }

    @Override
    public Tail tail(SourceName stream, Map<Integer, Long> from) {
      Tail tail = log.tail(stream, from);
      return new Tail() {
        @Override
        public List<LogRecord> poll(Duration patience) {
          List<LogRecord> records = tail.poll(patience);
          if (records.isEmpty()) {
            pause();
          }
          return records;
        }

        @Override
        public void close() {
          tail.close();
        }
      };
    }

    private static void pause() {
      try {
        TimeUnit.MILLISECONDS.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public List<LogRecord> read(
        SourceName stream, int shard, long from, int mostRecords, long mostBytes) {
      return log.read(stream, shard, from, mostRecords, mostBytes);
    }

    @Override
    public long offsetAt(SourceName stream, int shard, Instant time) {
      return log.offsetAt(stream, shard, time);
    }

    @Override
    public Map<Integer, Extent> extent(SourceName stream) {
      return log.extent(stream);
    }

    @Override
    public void close() {
      log.close();
    }
  }
}
