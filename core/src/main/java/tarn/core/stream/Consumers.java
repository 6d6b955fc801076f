package tarn.core.stream;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;

/**
 * How far the consumers of streams are: for each shard the offset that is read next, in the lake's
 * SQL database. A shard that a consumer has no offset of is one made after it, and is read from the
 * beginning. Safe for use by many threads and servers.
 */
public final class Consumers {
  /** The most consumers of a stream. */
  static final int MOST = 1_000;

  private static final Duration RATE_OVER = Duration.ofMinutes(1);

  private final Database database;
  private final Clock clock;

  public Consumers(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * How far a consumer is with a shard.
   *
   * @param next the offset it reads next
   * @param lastMinute offsets it advanced by within the last minute, or nearly so
   */
  public record Progress(long next, long lastMinute) {}

  /**
   * A step in a shard.
   *
   * @param from where the consumer has to be; null: at {@code next} or before it
   * @param next where it is then
   */
  public record Step(int shard, @Nullable Long from, long next) {}

  /** A stream's consumers, by name, each with its shards. */
  public SortedMap<String, Map<Integer, Progress>> all(SourceName stream) {
    Instant now = clock.instant();
    return database.read(
        handle -> {
          SortedMap<String, Map<Integer, Progress>> all = new TreeMap<>();
          handle
              .createQuery("SELECT consumer FROM stream_consumer WHERE stream = :stream")
              .bind("stream", stream.value())
              .mapTo(String.class)
              .forEach(name -> all.put(name, new TreeMap<>()));
          handle
              .createQuery("SELECT * FROM stream_consumer_offset WHERE stream = :stream")
              .bind("stream", stream.value())
              .map(
                  (row, context) ->
                      Map.entry(
                          row.getString("consumer"),
                          Map.entry(row.getInt("shard"), Mark.of(row).progress(now))))
              .forEach(
                  one ->
                      all.computeIfAbsent(one.getKey(), name -> new TreeMap<>())
                          .put(one.getValue().getKey(), one.getValue().getValue()));
          return all;
        });
  }

  /** How many events of a stream were delivered to the ledger within the last minute. */
  public long deliveredLastMinute(SourceName stream) {
    Instant since = clock.instant().minus(RATE_OVER);
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT COALESCE(SUM(events_received), 0) FROM (
                      SELECT events_received, landed_at FROM ledger_batch
                      WHERE source = :source ORDER BY seq DESC LIMIT 1000) newest
                    WHERE landed_at >= :since""")
                .bind("source", stream.value())
                .bind("since", Shards.micros(since))
                .mapTo(Long.class)
                .one());
  }

  /** Where a consumer is; empty if there is none of that name. */
  public Optional<Map<Integer, Long>> places(SourceName stream, ConsumerName consumer) {
    return database.read(
        handle ->
            exists(handle, stream, consumer)
                ? Optional.of(places(handle, stream, consumer))
                : Optional.empty());
  }

  /** Makes a consumer, unless there is one; where it is. {@code LIMIT_EXCEEDED} beyond 1,000. */
  public Map<Integer, Long> begin(
      SourceName stream, ConsumerName consumer, Map<Integer, Long> places) {
    Instant now = clock.instant();
    return database.write(
        handle -> {
          if (!exists(handle, stream, consumer)) {
            make(handle, stream, consumer, now);
            places.forEach(
                (shard, next) -> enter(handle, stream, consumer, shard, Mark.first(next, now)));
          }
          return places(handle, stream, consumer);
        });
  }

  private static void make(Handle handle, SourceName stream, ConsumerName consumer, Instant now) {
    long count =
        handle
            .createQuery("SELECT COUNT(*) FROM stream_consumer WHERE stream = :stream")
            .bind("stream", stream.value())
            .mapTo(Long.class)
            .one();
    if (count >= MOST) {
      throw new TarnException(
          ErrorCode.LIMIT_EXCEEDED,
          "stream " + stream + " has " + count + " consumers, the most there may be: delete some");
    }
    handle
        .createUpdate(
            """
            INSERT INTO stream_consumer (stream, consumer, created_at)
            VALUES (:stream, :consumer, :now)""")
        .bind("stream", stream.value())
        .bind("consumer", consumer.value())
        .bind("now", Shards.micros(now))
        .execute();
  }

  /**
   * Moves a consumer on, in all the shards or in none.
   *
   * @throws TarnException {@code NOT_FOUND} if there is no such consumer, {@code CONFLICT} if it is
   *     not where a step begins: another reader of its name was faster
   */
  public void commit(SourceName stream, ConsumerName consumer, List<Step> steps) {
    Instant now = clock.instant();
    database.write(
        handle -> {
          if (!exists(handle, stream, consumer)) {
            throw noConsumer(stream, consumer);
          }
          Map<Integer, Mark> marks = marks(handle, stream, consumer);
          for (Step step : steps) {
            Mark mark = marks.getOrDefault(step.shard(), Mark.first(0, now));
            check(consumer, step, mark.next());
            enter(handle, stream, consumer, step.shard(), mark.moved(step.next(), now));
          }
          return steps.size();
        });
  }

  private static void check(ConsumerName consumer, Step step, long at) {
    Long from = step.from();
    if (from == null ? step.next() < at : from != at) {
      throw new TarnException(
          ErrorCode.CONFLICT,
          "consumer "
              + consumer
              + " is at "
              + at
              + " in shard "
              + step.shard()
              + ", not "
              + (from == null ? "before " + step.next() : "at " + from)
              + ": another reader of that name was faster; read again");
    }
  }

  static TarnException noConsumer(SourceName stream, ConsumerName consumer) {
    return new TarnException(
        ErrorCode.NOT_FOUND, "stream " + stream + " has no consumer '" + consumer + "'");
  }

  /** Forgets a consumer; {@code NOT_FOUND} if there is none of that name. */
  public void remove(SourceName stream, ConsumerName consumer) {
    database.write(
        handle -> {
          if (!exists(handle, stream, consumer)) {
            throw noConsumer(stream, consumer);
          }
          for (String table : List.of("stream_consumer", "stream_consumer_offset")) {
            handle
                .createUpdate(
                    "DELETE FROM " + table + " WHERE stream = :stream AND consumer = :consumer")
                .bind("stream", stream.value())
                .bind("consumer", consumer.value())
                .execute();
          }
          return true;
        });
  }

  private static boolean exists(Handle handle, SourceName stream, ConsumerName consumer) {
    return handle
        .createQuery(
            "SELECT 1 FROM stream_consumer WHERE stream = :stream AND consumer = :consumer")
        .bind("stream", stream.value())
        .bind("consumer", consumer.value())
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  private static Map<Integer, Long> places(
      Handle handle, SourceName stream, ConsumerName consumer) {
    Map<Integer, Long> places = new TreeMap<>();
    marks(handle, stream, consumer).forEach((shard, mark) -> places.put(shard, mark.next()));
    return places;
  }

  private static Map<Integer, Mark> marks(Handle handle, SourceName stream, ConsumerName consumer) {
    Map<Integer, Mark> marks = new LinkedHashMap<>();
    handle
        .createQuery(
            """
            SELECT * FROM stream_consumer_offset
            WHERE stream = :stream AND consumer = :consumer""")
        .bind("stream", stream.value())
        .bind("consumer", consumer.value())
        .map((row, context) -> Map.entry(row.getInt("shard"), Mark.of(row)))
        .forEach(one -> marks.put(one.getKey(), one.getValue()));
    return marks;
  }

  private static void enter(
      Handle handle, SourceName stream, ConsumerName consumer, int shard, Mark mark) {
    handle
        .createUpdate(
            """
            INSERT INTO stream_consumer_offset
              (stream, consumer, shard, next, committed_at, since_next, since_at, mark_next, mark_at)
            VALUES (:stream, :consumer, :shard, :next, :committed, :sinceNext, :sinceAt, :markNext, :markAt)
            ON CONFLICT (stream, consumer, shard) DO UPDATE SET
              next = excluded.next, committed_at = excluded.committed_at,
              since_next = excluded.since_next, since_at = excluded.since_at,
              mark_next = excluded.mark_next, mark_at = excluded.mark_at""")
        .bind("stream", stream.value())
        .bind("consumer", consumer.value())
        .bind("shard", shard)
        .bind("next", mark.next())
        .bind("committed", mark.committedAt())
        .bind("sinceNext", mark.sinceNext())
        .bind("sinceAt", mark.sinceAt())
        .bind("markNext", mark.markNext())
        .bind("markAt", mark.markAt())
        .execute();
  }

  /**
   * A row: where a consumer is, and two places it was at. The older one is 1 to 2 minutes old while
   * it commits often, so that a rate needs no history. Times in microseconds.
   */
  private record Mark(
      long next, long committedAt, long sinceNext, long sinceAt, long markNext, long markAt) {

    static Mark of(java.sql.ResultSet row) throws java.sql.SQLException {
      return new Mark(
          row.getLong("next"),
          row.getLong("committed_at"),
          row.getLong("since_next"),
          row.getLong("since_at"),
          row.getLong("mark_next"),
          row.getLong("mark_at"));
    }

    static Mark first(long next, Instant now) {
      long at = Shards.micros(now);
      return new Mark(next, at, next, at, next, at);
    }

    Mark moved(long to, Instant now) {
      long at = Shards.micros(now);
      return at - markAt < micros(RATE_OVER)
          ? new Mark(to, at, sinceNext, sinceAt, markNext, markAt)
          : new Mark(to, at, markNext, markAt, to, at);
    }

    Progress progress(Instant now) {
      long at = Shards.micros(now);
      // What was long ago says nothing of the last minute.
      boolean still = at - committedAt > micros(RATE_OVER);
      boolean old = at - markAt >= micros(RATE_OVER);
      long fromAt = old ? markAt : sinceAt;
      long from = old ? markNext : sinceNext;
      double minutes = Math.max(1, (double) (at - fromAt) / micros(RATE_OVER));
      return new Progress(next, still ? 0 : Math.max(0, Math.round((next - from) / minutes)));
    }

    private static long micros(Duration duration) {
      return duration.toNanos() / 1_000;
    }
  }

  /** Steps for a commit, of what a reader has read. */
  static List<Step> steps(Map<Integer, Long> before, Map<Integer, Long> after) {
    List<Step> steps = new ArrayList<>();
    after.forEach(
        (shard, next) -> {
          long from = before.getOrDefault(shard, 0L);
          if (from != next) {
            steps.add(new Step(shard, from, next));
          }
        });
    return steps;
  }
}
