package tarn.core.event;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import tarn.core.ledger.SourceName;

/**
 * The log that keeps events, in the order of their arrival in each shard, until they are in the
 * ledger and for as long as the stream's retention says.
 *
 * <p><b>Atomic:</b> a record is in the log whole or not at all. A batch of {@link #append} is not
 * atomic: each record has its own outcome. <b>Durable:</b> an appended record survives the death of
 * every process; with {@code durability: fsync} it is on disk before it is answered. <b>Order:</b>
 * records of one call for one shard keep their order; offsets of a shard grow, not always by one.
 * <b>Empty answers</b> of {@link Tail#poll} mean that nothing came in time. <b>After a failure</b>
 * the record may be in the log: whoever sends it again may put it there twice, and the second is
 * found by its id. Safe for use by many threads; a {@link Tail} is for one.
 */
public interface EventLog extends AutoCloseable {

  /**
   * Makes a stream's log, or lets an existing one follow: shards are added and never removed.
   *
   * @param shards at least 1
   * @param retention how long a record stays after its arrival
   */
  void open(SourceName stream, int shards, Duration retention);

  /**
   * Appends records and waits until each has its outcome, in the order of the records. {@code
   * NOT_FOUND} for a stream that was never opened; other failures are outcomes.
   */
  List<Outcome> append(SourceName stream, List<Put> records);

  /** Reads a stream on from the given offsets; a shard without one from its oldest record. */
  Tail tail(SourceName stream, Map<Integer, Long> from);

  /** What a stream's log has now, by shard; {@code NOT_FOUND} if it was never opened. */
  Map<Integer, Extent> extent(SourceName stream);

  @Override
  void close();

  /**
   * A record to append.
   *
   * @param shard from 0
   */
  record Put(int shard, byte[] bytes) {}

  /** What became of a record. */
  sealed interface Outcome {

    /** It is in the log. */
    record Appended(int shard, long offset) implements Outcome {}

    /**
     * It is not known to be in the log.
     *
     * @param retry whether the same may succeed later
     * @param reason one line
     */
    record Failed(boolean retry, String reason) implements Outcome {}
  }

  /**
   * The offsets of a shard.
   *
   * @param oldest of the oldest record that is kept
   * @param next that the next record gets; equal to oldest if there is none
   */
  record Extent(long oldest, long next) {}

  /** A reader of all shards of a stream. */
  interface Tail extends AutoCloseable {

    /**
     * The next records, those of a shard in order. Returns as soon as there are some, and not later
     * than the patience.
     *
     * @throws tarn.core.errors.TarnException {@code EVENTS_LOST} if records between the place of
     *     this reader and the oldest one are gone; it goes on from the oldest one when polled again
     */
    List<LogRecord> poll(Duration patience);

    @Override
    void close();
  }
}
