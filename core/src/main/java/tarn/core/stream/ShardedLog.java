package tarn.core.stream;

import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.event.EventLog.Outcome;
import tarn.core.event.EventLog.Put;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;

/**
 * Streams whose shards are split and merged while events come: routes what is put, and reads shards
 * to their ends. Safe for use by many threads, and with several servers on one database and log.
 *
 * <p><b>The rule.</b> A server routes by a map that it read from the database at most 2 s before. A
 * shard is closed by one transaction, which also opens its children. Its end is what the log has 5
 * s later, counted from when the server that says so knew the shard as closed. A put that was
 * answered within 4 s of the reading of its map therefore lies before the end. When it took longer,
 * the map is read again before the sender is told: what lies behind an end is told as failed, and
 * may be sent again. So what was acknowledged lies before its shard's end, and who reads children
 * after their parents' ends reads all of it. No two clocks are compared.
 *
 * <p>Events of one key that one server puts one after the other are read in that order. Of several
 * servers, one may put to a closed shard for up to 2 s what comes after events of its children.
 */
public final class ShardedLog {
  /** How old a map may be that routes. */
  static final Duration MAP_AGE = Duration.ofSeconds(2);

  /** How old it may be when the log has answered. */
  static final Duration TRUSTED = Duration.ofSeconds(4);

  /** How long a shard is known as closed before its end is. */
  static final Duration UNTIL_END = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(ShardedLog.class);
  private static final int ATTEMPTS = 10;

  private final EventLog log;
  private final Shards shards;
  private final Clock clock;
  private final LongSupplier nanos;
  private final Map<SourceName, Stream> streams = new ConcurrentHashMap<>();
  private final Map<SourceName, Gate> gates = new ConcurrentHashMap<>();
  private final AtomicInteger turn = new AtomicInteger();

  /** Over a log, which whoever gave it closes. */
  public ShardedLog(EventLog log, Shards shards, Clock clock) {
    this(log, shards, clock, System::nanoTime);
  }

  /**
   * With a time of its own.
   *
   * @param nanos what has passed, as {@link System#nanoTime} has it
   */
  public ShardedLog(EventLog log, Shards shards, Clock clock, LongSupplier nanos) {
    this.log = log;
    this.shards = shards;
    this.clock = clock;
    this.nanos = nanos;
  }

  /**
   * An event to put.
   *
   * @param key its partition key, kept with it; empty if it has none
   * @param hash decides the shard; null for the key's own hash, or any shard if there is no key
   */
  public record Event(String key, @Nullable BigInteger hash, byte[] bytes) {}

  /**
   * A piece of a shard.
   *
   * @param next the offset behind it, from where to read on
   * @param ended whether nothing comes from there on, ever
   */
  public record Piece(List<LogRecord> records, long next, boolean ended) {}

  /** The log behind it. */
  public EventLog log() {
    return log;
  }

  /**
   * Makes a stream's log, or lets an existing one follow.
   *
   * @param least how many shards it begins with, and has at least
   */
  public void open(SourceName stream, int least, Duration retention) {
    ShardMap before = shards.map(stream);
    log.open(stream, Math.max(least, before.logShards()), retention);
    if (before.isEmpty()) {
      // If it is not empty any more, another server was faster with the same.
      shards.replace(stream, before, ShardMap.even(least, now()));
    }
    streams.put(stream, new Stream(stream, least, retention));
    if (shards(stream).open().size() < least) {
      resize(stream, least);
    }
  }

  /** A stream's shards, as they were at most 2 s ago; {@code NOT_FOUND} if it is not open. */
  public ShardMap shards(SourceName stream) {
    return stream(stream).current().map();
  }

  /** How many shards a stream has at least. */
  public int least(SourceName stream) {
    return stream(stream).least;
  }

  private Stream stream(SourceName stream) {
    Stream known = streams.get(stream);
    if (known == null) {
      throw new TarnException(ErrorCode.NOT_FOUND, "there is no stream '" + stream + "'");
    }
    return known;
  }

  /** Nothing is put into a stream or read from it until it is opened again. Its log stays. */
  public void forget(SourceName stream) {
    streams.remove(stream);
  }

  /** While it is open, what is put into a stream fails, and may be tried again. */
  public interface Pause extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Lets nothing be put into a stream by this server, and waits until what was on its way has its
   * outcome.
   *
   * @throws TarnException {@code BUSY} if that takes too long; all is as before
   */
  public Pause pause(SourceName stream, Duration patience) {
    Gate gate = gate(stream);
    gate.shut();
    if (!gate.isEmptyWithin(patience)) {
      gate.open();
      throw new TarnException(
          ErrorCode.BUSY, "events are still being put into stream " + stream + ": try again later");
    }
    return gate::open;
  }

  private Gate gate(SourceName stream) {
    return gates.computeIfAbsent(stream, name -> new Gate());
  }

  /** Appends events, each to its shard; see {@link EventLog#append}. */
  public List<Outcome> append(SourceName stream, List<Event> events) {
    stream(stream);
    Gate gate = gate(stream);
    if (!gate.enter()) {
      Outcome paused = new Outcome.Failed(true, "the stream is being deleted");
      return events.stream().map(event -> paused).toList();
    }
    try {
      return append(stream(stream), events);
    } finally {
      gate.leave();
    }
  }

  private List<Outcome> append(Stream to, List<Event> events) {
    Known known = to.current();
    List<Outcome> outcomes = log.append(to.name, puts(known.map(), events));
    if (nanos.getAsLong() - known.readAt() <= TRUSTED.toNanos()) {
      return outcomes;
    }
    ShardMap now = to.read().map();
    return outcomes.stream().map(outcome -> checked(outcome, now)).toList();
  }

  /** Those without key go to one shard, for the sake of their batch. */
  private List<Put> puts(ShardMap map, List<Event> events) {
    Shard any = map.open().get(Math.floorMod(turn.getAndIncrement(), map.open().size()));
    return events.stream()
        .map(event -> new Put(shard(map, event, any), event.key(), event.bytes()))
        .toList();
  }

  private static int shard(ShardMap map, Event event, Shard any) {
    if (event.hash() != null) {
      return map.of(event.hash()).number();
    }
    return event.key().isEmpty() ? any.number() : map.of(event.key()).number();
  }

  private static Outcome checked(Outcome outcome, ShardMap now) {
    if (outcome instanceof Outcome.Appended in) {
      Long end = now.shard(in.shard()).endsAt();
      if (end != null && in.offset() >= end) {
        return new Outcome.Failed(
            true, "shard " + in.shard() + " was closed while the event was on its way");
      }
    }
    return outcome;
  }

  /**
   * Reads a piece of a shard; see {@link EventLog#read}. What lies behind a closed shard's end was
   * never acknowledged, and is not read.
   */
  public Piece read(SourceName stream, int shard, long from, int mostRecords, long mostBytes) {
    Long end = find(stream, shard).endsAt();
    if (end != null && from >= end) {
      return new Piece(List.of(), from, true);
    }
    List<LogRecord> records = log.read(stream, shard, from, mostRecords, mostBytes);
    if (end == null) {
      return new Piece(records, behind(records, from), false);
    }
    List<LogRecord> before = records.stream().filter(record -> record.offset() < end).toList();
    long next = before.isEmpty() ? end : behind(before, from);
    return new Piece(before, next, next >= end);
  }

  private static long behind(List<LogRecord> records, long from) {
    return records.isEmpty() ? from : records.get(records.size() - 1).offset() + 1;
  }

  /** A shard; one that another server made a moment ago too. */
  private Shard find(SourceName stream, int shard) {
    Stream of = stream(stream);
    ShardMap map = of.current().map();
    return (map.has(shard) ? map : of.read().map()).shard(shard);
  }

  /**
   * Makes two shards of one.
   *
   * @param newStartingHash where the second one's range begins
   * @throws TarnException {@code NOT_FOUND}, {@code CONFLICT} if it is closed, {@code BAD_REQUEST}
   *     if the hash is not inside its range, {@code LIMIT_EXCEEDED}; nothing was changed
   */
  public ShardMap split(SourceName stream, int shard, BigInteger newStartingHash) {
    return change(stream, (map, next) -> map.split(shard, newStartingHash, next, now()));
  }

  /**
   * Makes one shard of two whose ranges meet.
   *
   * @throws TarnException as {@link #split}; {@code BAD_REQUEST} also if there would be fewer than
   *     the stream's definition says
   */
  public ShardMap merge(SourceName stream, int shard, int adjacent) {
    return change(stream, (map, next) -> map.merge(shard, adjacent, next, now()));
  }

  /** Makes so many shards, with ranges of the same size; fails as {@link #merge} does. */
  public ShardMap resize(SourceName stream, int count) {
    if (count < 1 || count > ShardMap.MOST_OPEN) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "a stream has 1 to " + ShardMap.MOST_OPEN + " shards, not " + count);
    }
    return change(stream, (map, next) -> map.resize(count, next, now()));
  }

  /** What a map becomes; new shards are numbered from {@code next}. */
  private interface Reshard {
    ShardMap of(ShardMap map, int next);
  }

  private ShardMap change(SourceName stream, Reshard reshard) {
    Stream of = stream(stream);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      ShardMap before = shards.map(stream);
      // A shard of the log that is not in the map may be what a killed server made: it stays empty.
      int next = Math.max(before.logShards(), log.extent(stream).size());
      ShardMap after = reshard.of(before, next);
      if (after.open().size() < of.least) {
        throw new TarnException(
            ErrorCode.BAD_REQUEST,
            "streams/"
                + stream
                + ".yaml says shards: "
                + of.least
                + ", the least there may be: lower it first");
      }
      log.open(stream, after.logShards(), of.retention);
      if (shards.replace(stream, before, after)) {
        LOG.info("stream {} has {} open shards", stream, after.open().size());
        return of.read().map();
      }
    }
    throw new TarnException(
        ErrorCode.CONFLICT, "others change the shards of " + stream + " just now: try again");
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /** Who is putting events into a stream, and whether more may. */
  private static final class Gate {
    private int inside;
    private int shut;

    synchronized boolean enter() {
      if (shut > 0) {
        return false;
      }
      inside++;
      return true;
    }

    synchronized void leave() {
      inside--;
      notifyAll();
    }

    synchronized void shut() {
      shut++;
    }

    synchronized void open() {
      shut--;
    }

    synchronized boolean isEmptyWithin(Duration patience) {
      long deadline = System.nanoTime() + patience.toNanos();
      try {
        for (long left = patience.toMillis();
            inside > 0 && left > 0;
            left = (deadline - System.nanoTime()) / 1_000_000) {
          wait(left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return inside == 0;
    }
  }

  /** A map, and when it began to be read. */
  private record Known(ShardMap map, long readAt) {}

  /** What this server knows of a stream. */
  private final class Stream {
    private final SourceName name;
    private final int least;
    private final Duration retention;
    private final Map<Integer, Long> closedSince = new HashMap<>();
    private volatile @Nullable Known known;

    Stream(SourceName name, int least, Duration retention) {
      this.name = name;
      this.least = least;
      this.retention = retention;
    }

    Known current() {
      Known now = known;
      if (now != null && nanos.getAsLong() - now.readAt() <= MAP_AGE.toNanos()) {
        return now;
      }
      return readIfOld();
    }

    private synchronized Known readIfOld() {
      Known now = known;
      boolean young = now != null && nanos.getAsLong() - now.readAt() <= MAP_AGE.toNanos();
      return young && now != null ? now : read();
    }

    synchronized Known read() {
      Known fresh = readOnce();
      if (endsFound(fresh.map())) {
        fresh = readOnce();
      }
      known = fresh;
      return fresh;
    }

    private Known readOnce() {
      long readAt = nanos.getAsLong();
      ShardMap map = shards.map(name);
      long seen = nanos.getAsLong();
      for (Shard shard : map.all()) {
        if (!shard.isOpen() && shard.endsAt() == null) {
          closedSince.putIfAbsent(shard.number(), seen);
        }
      }
      return new Known(map, readAt);
    }

    /** Says where shards end that are closed for long enough; whether there were some. */
    private boolean endsFound(ShardMap map) {
      List<Integer> due = new ArrayList<>();
      for (Shard shard : map.all()) {
        Long since = closedSince.get(shard.number());
        if (shard.endsAt() != null) {
          closedSince.remove(shard.number());
        } else if (since != null && nanos.getAsLong() - since >= UNTIL_END.toNanos()) {
          due.add(shard.number());
        }
      }
      return !due.isEmpty() && end(due);
    }

    private boolean end(List<Integer> due) {
      try {
        Map<Integer, EventLog.Extent> extents = log.extent(name);
        for (int shard : due) {
          EventLog.Extent extent = extents.get(shard);
          shards.end(name, shard, extent == null ? 0 : extent.next());
        }
        return true;
      } catch (TarnException e) {
        LOG.debug("the ends of shards {} of {} are looked for later", due, name, e);
        return false;
      }
    }
  }
}
