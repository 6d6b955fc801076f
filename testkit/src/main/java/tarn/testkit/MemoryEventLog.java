package tarn.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;

/**
 * A log in memory, for simulations: nothing of it depends on time or chance but the clock and the
 * source of lost replies it is given. A poll that finds nothing returns at once.
 */
public final class MemoryEventLog implements EventLog {
  private static final int MAX_RECORD_BYTES = 1 << 20;

  private final Clock clock;
  private final Map<SourceName, List<Shard>> streams = new HashMap<>();
  private BooleanSupplier lost = () -> false;
  private boolean down;
  private volatile boolean patient;

  /** Arrival times come from the clock. */
  public MemoryEventLog(Clock clock) {
    this.clock = clock;
  }

  /** For each record: whether it is appended and its sender told that it failed. */
  public synchronized void loseReplies(BooleanSupplier lost) {
    this.lost = lost;
  }

  /** While it is down, records fail and all else is {@code LOG_UNAVAILABLE}. */
  public synchronized void down(boolean down) {
    this.down = down;
  }

  /** A poll that finds nothing waits a moment from now on: for a server, beside other work. */
  public void patient() {
    patient = true;
  }

  /** As retention does. */
  public synchronized void removeBefore(SourceName stream, int shard, long offset) {
    Shard kept = shards(stream).get(shard);
    while (kept.oldest < offset && !kept.records.isEmpty()) {
      kept.records.remove(0);
      kept.oldest++;
    }
  }

  /** As if its files had been deleted; the stream is there, with nothing in it. */
  public synchronized void removeAll(SourceName stream) {
    shards(stream).replaceAll(shard -> new Shard());
  }

  @Override
  public synchronized void open(SourceName stream, int shards, Duration retention) {
    checkUp();
    List<Shard> list = streams.computeIfAbsent(stream, name -> new ArrayList<>());
    while (list.size() < shards) {
      list.add(new Shard());
    }
  }

  @Override
  public synchronized List<Outcome> append(SourceName stream, List<Put> records) {
    if (down) {
      return records.stream()
          .<Outcome>map(put -> new Outcome.Failed(true, "the log does not answer"))
          .toList();
    }
    List<Shard> shards = shards(stream);
    return records.stream().map(put -> append(shards, put)).toList();
  }

  private Outcome append(List<Shard> shards, Put put) {
    Optional<String> refusal = put.refusal(MAX_RECORD_BYTES);
    if (refusal.isPresent()) {
      return new Outcome.Failed(false, refusal.get());
    } else if (put.shard() < 0 || put.shard() >= shards.size()) {
      return new Outcome.Failed(false, "there is no shard " + put.shard());
    }
    long offset = shards.get(put.shard()).add(put, clock);
    return lost.getAsBoolean()
        ? new Outcome.Failed(true, "the log's answer was lost")
        : new Outcome.Appended(put.shard(), offset);
  }

  @Override
  public synchronized Tail tail(SourceName stream, Map<Integer, Long> from) {
    checkUp();
    shards(stream);
    return new MemoryTail(stream, from);
  }

  @Override
  public synchronized Map<Integer, Extent> extent(SourceName stream) {
    checkUp();
    List<Shard> shards = shards(stream);
    Map<Integer, Extent> extent = new TreeMap<>();
    for (int shard = 0; shard < shards.size(); shard++) {
      extent.put(shard, new Extent(shards.get(shard).oldest, shards.get(shard).next()));
    }
    return extent;
  }

  @Override
  public synchronized List<LogRecord> read(
      SourceName stream, int shard, long from, int mostRecords, long mostBytes) {
    checkUp();
    Shard log = shard(stream, shard);
    if (from > log.next()) {
      throw new TarnException(
          ErrorCode.EVENTS_LOST, "stream " + stream + ": " + gone(shard, from, log));
    }
    List<LogRecord> found = new ArrayList<>();
    long bytes = 0;
    for (long at = Math.max(from, log.oldest);
        at < log.next() && found.size() < mostRecords;
        at++) {
      LogRecord next = log.record(shard, at);
      bytes += next.bytes().length;
      if (bytes > mostBytes && !found.isEmpty()) {
        break;
      }
      found.add(next);
    }
    return found;
  }

  @Override
  public synchronized long offsetAt(SourceName stream, int shard, Instant time) {
    checkUp();
    Shard log = shard(stream, shard);
    long at = log.oldest;
    while (at < log.next() && log.record(shard, at).arrived().isBefore(time)) {
      at++;
    }
    return at;
  }

  private Shard shard(SourceName stream, int shard) {
    List<Shard> shards = shards(stream);
    if (shard < 0 || shard >= shards.size()) {
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          "there is no shard " + shard + " of stream " + stream + ": it has " + shards.size());
    }
    return shards.get(shard);
  }

  private List<Shard> shards(SourceName stream) {
    List<Shard> shards = streams.get(stream);
    if (shards == null) {
      throw new TarnException(
          ErrorCode.NOT_FOUND, "there is no log of stream " + stream + ": it was never opened");
    }
    return shards;
  }

  private void checkUp() {
    if (down) {
      throw new TarnException(ErrorCode.LOG_UNAVAILABLE, "the log does not answer");
    }
  }

  private synchronized List<LogRecord> read(
      SourceName stream, Map<Integer, Long> places, int atMost) {
    checkUp();
    List<Shard> shards = shards(stream);
    List<LogRecord> found = new ArrayList<>();
    for (int shard = 0; shard < shards.size(); shard++) {
      Shard log = shards.get(shard);
      long place = places.getOrDefault(shard, log.oldest);
      if (place < log.oldest || place > log.next()) {
        places.put(shard, log.oldest);
        throw new TarnException(
            ErrorCode.EVENTS_LOST,
            "stream " + stream + ": " + gone(shard, place, log) + "; goes on from the oldest");
      }
      for (; place < log.next() && found.size() < atMost; place++) {
        found.add(log.record(shard, place));
      }
      places.put(shard, place);
    }
    return found;
  }

  private static String gone(int shard, long place, Shard log) {
    return place < log.oldest
        ? "shard " + shard + " has lost its events " + place + " to " + (log.oldest - 1)
        : "the log of shard " + shard + " ends at " + log.next() + ", but was read up to " + place;
  }

  @Override
  public void close() {
    // What is in memory goes with it.
  }

  private record Kept(Instant arrived, String key, byte[] bytes) {}

  private static final class Shard {
    private final List<Kept> records = new ArrayList<>();
    private long oldest;

    long add(Put put, Clock clock) {
      records.add(new Kept(Instant.ofEpochMilli(clock.millis()), put.key(), put.bytes().clone()));
      return next() - 1;
    }

    LogRecord record(int shard, long offset) {
      Kept kept = records.get((int) (offset - oldest));
      return new LogRecord(shard, offset, kept.arrived(), kept.key(), kept.bytes().clone());
    }

    long next() {
      return oldest + records.size();
    }
  }

  private final class MemoryTail implements Tail {
    private static final int AT_MOST = 1000;
    private static final long A_MOMENT_NANOS = 10_000_000;

    private final SourceName stream;
    private final Map<Integer, Long> places;

    MemoryTail(SourceName stream, Map<Integer, Long> from) {
      this.stream = stream;
      this.places = new HashMap<>(from);
    }

    @Override
    public List<LogRecord> poll(Duration patience) {
      List<LogRecord> found = read(stream, places, AT_MOST);
      if (patient && found.isEmpty()) {
        LockSupport.parkNanos(Math.min(patience.toNanos(), A_MOMENT_NANOS));
      }
      return found;
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
