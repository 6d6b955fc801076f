package tarn.core.event;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  /** The most characters (code points) of a partition key. */
  int MAX_KEY_LENGTH = 256;

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

  /**
   * What of a shard is there now, from an offset on, in order; waits for nothing to come. Empty if
   * there is nothing yet. If the first that are asked for are gone with retention, the answer
   * begins with the oldest that is kept: offsets tell. Not all that is there need come: go on from
   * behind the last one.
   *
   * @param mostRecords at least 1
   * @param mostBytes of the records together; the first one comes even if it has more
   * @throws tarn.core.errors.TarnException {@code NOT_FOUND} for a stream that was never opened, or
   *     a shard it has not; {@code EVENTS_LOST} if the log ends before the offset, since its files
   *     were removed or brought back from an older copy; {@code LOG_UNAVAILABLE} if it does not
   *     answer
   */
  List<LogRecord> read(SourceName stream, int shard, long from, int mostRecords, long mostBytes);

  /**
   * The offset of the first record of a shard that arrived at a time or after it; that of the next
   * one to come if there is none. Fails as {@link #read} does.
   */
  long offsetAt(SourceName stream, int shard, Instant time);

  /** What a stream's log has now, by shard; {@code NOT_FOUND} if it was never opened. */
  Map<Integer, Extent> extent(SourceName stream);

  /**
   * How others put events into a stream by the log's own protocol: the settings of its clients, and
   * {@code topic}. Where the log is somebody else's, it is they who let clients in, and passwords
   * are not among the settings. Empty for a log without such a protocol.
   */
  default Map<String, String> producing(SourceName stream) {
    return Map.of();
  }

  @Override
  void close();

  /**
   * A record to append.
   *
   * @param shard from 0
   * @param key its partition key, which is kept with it and decides nothing here; empty if it has
   *     none; one that is too long is an outcome
   */
  record Put(int shard, String key, byte[] bytes) {

    /** One without a partition key. */
    public Put(int shard, byte[] bytes) {
      this(shard, "", bytes);
    }

    /** Why no log takes it; empty if it has the right size. */
    public Optional<String> refusal(int mostBytes) {
      if (bytes.length > mostBytes) {
        return Optional.of(
            "an event of "
                + bytes.length
                + " bytes; the most is "
                + mostBytes
                + ": send it in parts or as a file");
      } else if (key.codePointCount(0, key.length()) > MAX_KEY_LENGTH) {
        return Optional.of(
            "a partition key of more than " + MAX_KEY_LENGTH + " characters: use a shorter one");
      }
      return Optional.empty();
    }
  }

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
