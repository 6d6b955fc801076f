package tarn.server.event;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tarn.core.event.EventLog;
import tarn.core.lake.StreamDefinition;
import tarn.core.ledger.SourceName;
import tarn.core.stream.ShardMap;
import tarn.core.stream.ShardedLog;

/**
 * The lake's streams, to be put into, read and declared. All of it is {@code NOT_FOUND} for a
 * stream that the lake has not, and {@code LOG_UNAVAILABLE} if the log does not answer. Safe for
 * many threads.
 */
public interface EventStreams {

  /** All of them as the lake folder declares them, by name. */
  List<StreamDefinition> all();

  /**
   * Whether a stream was declared by {@link #create} and its log is still being opened, which takes
   * a broker that has to start up to a minute. All else but {@link #all} waits for that.
   */
  boolean beginning(SourceName stream);

  /** One of them. */
  StreamDefinition named(SourceName stream);

  /** When its definition was last written. */
  Instant declared(SourceName stream);

  /**
   * Puts events into the log, each into the shard of its hash. Every event has its outcome, in the
   * order of the events; none is {@code LOG_UNAVAILABLE} here.
   */
  List<EventLog.Outcome> put(SourceName stream, List<ShardedLog.Event> events);

  /** All shards that the stream ever had. */
  ShardMap shards(SourceName stream);

  /** What of each shard is there. */
  Map<Integer, EventLog.Extent> extent(SourceName stream);

  /** Reads on in a shard, as {@link ShardedLog#read} does. */
  ShardedLog.Piece read(SourceName stream, int shard, long from, int mostRecords, long mostBytes);

  /** The first offset of a shard at a time or after it, as {@link EventLog#offsetAt} finds it. */
  long offsetAt(SourceName stream, int shard, Instant time);

  /**
   * Declares a stream in the lake folder, and begins it; waits for its log for two seconds at most.
   * {@code ALREADY_EXISTS} if there is one; after any other failure there is none.
   */
  void create(SourceName stream, int shards);

  /**
   * Takes a stream out of the lake folder, if its file is as {@link #create} or {@link #retain}
   * wrote it and all that was put is delivered; its log stays. What is put meanwhile fails and may
   * be tried again. {@code FORBIDDEN} if the file is somebody's own, {@code BUSY} if events wait;
   * the stream is then as before.
   */
  void delete(SourceName stream);

  /**
   * Writes how long the log keeps events into a stream's file, if that is as {@link #create} or
   * this wrote it; {@code FORBIDDEN} if not, {@code DEFINITION_INVALID} if the stream cannot do
   * with so little.
   */
  void retain(SourceName stream, Duration retention);

  /** Splits an open shard in two; fails as {@link ShardedLog#split} does. */
  void split(SourceName stream, int shard, BigInteger secondFrom);

  /**
   * Makes one of two open shards; fails as {@link ShardedLog#merge} does. The least number of
   * shards that a file as {@link #create} wrote it says follows, and is as before after a failure.
   */
  void merge(SourceName stream, int shard, int adjacent);

  /** Splits and merges until there are so many open shards; as {@link #merge}. */
  void resize(SourceName stream, int shards);
}
