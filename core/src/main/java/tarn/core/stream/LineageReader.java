package tarn.core.stream;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog.Extent;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;

/**
 * Reads a stream on from some place of each shard: the events of a shard in order, and those of a
 * shard's parents before its own, so that the events of one key keep their order whatever was split
 * and merged. It remembers nothing. Safe for use by many threads.
 */
public final class LineageReader {
  private static final long MOST_BYTES = 4 << 20;

  private final ShardedLog log;
  private final AtomicInteger turn = new AtomicInteger();

  public LineageReader(ShardedLog log) {
    this.log = log;
  }

  /** Where reading begins. */
  public sealed interface Start {
    /** At the oldest event that is kept. */
    record Oldest() implements Start {}

    /** Behind what is there now. */
    record Latest() implements Start {}

    /** At the first event that arrived at a time or after it. */
    record At(Instant time) implements Start {}

    /** {@code oldest}, {@code latest}, or a time as {@code 2026-03-01T12:00:00Z}. */
    static Start parse(String text) {
      try {
        return switch (text) {
          case "oldest" -> new Oldest();
          case "latest" -> new Latest();
          default -> new At(Instant.parse(text));
        };
      } catch (java.time.format.DateTimeParseException e) {
        throw new TarnException(
            ErrorCode.BAD_REQUEST,
            "'"
                + text
                + "' is not where to begin: oldest, latest, or a time as 2026-03-01T12:00:00Z",
            e);
      }
    }
  }

  /**
   * What was read.
   *
   * @param steps how far, by shard; there may be some without events
   * @param lost what the log lost before it was read, a line each
   */
  public record Portion(List<LogRecord> events, List<Consumers.Step> steps, List<String> lost) {}

  /** The places at which reading begins, one for every shard there is. */
  public Map<Integer, Long> places(SourceName stream, Start start) {
    Map<Integer, Extent> extents = log.log().extent(stream);
    Map<Integer, Long> places = new TreeMap<>();
    for (Shard shard : log.shards(stream).all()) {
      Extent extent = extents.getOrDefault(shard.number(), new Extent(0, 0));
      places.put(shard.number(), place(stream, shard, start, extent));
    }
    return places;
  }

  private long place(SourceName stream, Shard shard, Start start, Extent extent) {
    if (start instanceof Start.At at) {
      return log.log().offsetAt(stream, shard.number(), at.time());
    }
    return start instanceof Start.Latest ? extent.next() : extent.oldest();
  }

  /**
   * The next events, at most so many and 4 MiB; waits for nothing to come.
   *
   * @param from where to read on in each shard; one that is not there is read from its beginning
   */
  public Portion read(SourceName stream, Map<Integer, Long> from, int most) {
    Reading reading = new Reading(stream, from, most);
    while (reading.pass()) {
      // those that have more, and the children of those that have ended
    }
    return new Portion(reading.events, Consumers.steps(from, reading.places), reading.lost);
  }

  /** One call. */
  private final class Reading {
    private final SourceName stream;
    private final ShardMap map;
    private final Map<Integer, Long> places;
    private final List<LogRecord> events = new ArrayList<>();
    private final List<String> lost = new ArrayList<>();
    private final Map<Integer, Boolean> more = new HashMap<>();
    private int most;
    private long bytes = MOST_BYTES;

    Reading(SourceName stream, Map<Integer, Long> from, int most) {
      this.stream = stream;
      this.map = log.shards(stream);
      this.places = new TreeMap<>(from);
      this.most = most;
    }

    /** Reads from each shard that may be read and may have something; whether to go on. */
    boolean pass() {
      List<Shard> ready = ready();
      int first = ready.isEmpty() ? 0 : Math.floorMod(turn.getAndIncrement(), ready.size());
      for (int i = 0; i < ready.size() && most > 0 && bytes > 0; i++) {
        int left = ready.size() - i;
        read(
            ready.get((first + i) % ready.size()),
            Math.max(1, most / left),
            Math.max(1, bytes / left));
      }
      return most > 0 && bytes > 0 && !ready().isEmpty();
    }

    private List<Shard> ready() {
      // Parents have lower numbers. A shard is done with when its parents are, even an empty one.
      Set<Integer> done = new HashSet<>();
      List<Shard> ready = new ArrayList<>();
      for (Shard shard : map.all()) {
        if (shard.parents().allMatch(done::contains)) {
          if (ended(shard)) {
            done.add(shard.number());
          } else if (more.getOrDefault(shard.number(), true)) {
            ready.add(shard);
          }
        }
      }
      return ready;
    }

    private boolean ended(Shard shard) {
      Long end = shard.endsAt();
      return end != null && place(shard) >= end;
    }

    private long place(Shard shard) {
      return places.getOrDefault(shard.number(), 0L);
    }

    private void read(Shard shard, int share, long mostBytes) {
      long from = place(shard);
      ShardedLog.Piece piece = piece(shard, from, share, mostBytes);
      if (piece == null) {
        return;
      }
      List<LogRecord> records = piece.records();
      if (!records.isEmpty() && records.get(0).offset() > from) {
        tellLost(shard, from, records.get(0).offset());
      }
      for (LogRecord record : records) {
        bytes -= record.bytes().length;
      }
      most -= records.size();
      events.addAll(records);
      if (piece.next() != from) {
        places.put(shard.number(), piece.next());
      }
      more.put(shard.number(), !records.isEmpty());
    }

    /** Null if the log ends before the place: then the place is another. */
    private ShardedLog.@Nullable Piece piece(Shard shard, long from, int share, long mostBytes) {
      try {
        return log.read(stream, shard.number(), from, share, mostBytes);
      } catch (TarnException e) {
        if (e.code() != ErrorCode.EVENTS_LOST) {
          throw e;
        }
        lost.add(e.line());
        Long end = shard.endsAt();
        places.put(shard.number(), end == null ? 0L : end);
        return null;
      }
    }

    /** Offsets do not always grow by one: what the log keeps decides. */
    private void tellLost(Shard shard, long from, long found) {
      Extent extent = log.log().extent(stream).get(shard.number());
      if (extent != null && extent.oldest() > from) {
        lost.add(
            "shard "
                + shard.number()
                + " has lost its events "
                + from
                + " to "
                + (Math.min(found, extent.oldest()) - 1)
                + " to retention before they were read");
      }
    }
  }
}
