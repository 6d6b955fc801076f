package tarn.core.event;

import java.time.Instant;

/**
 * A record as the log keeps it.
 *
 * @param shard from 0
 * @param offset its place in the shard
 * @param arrived when the log took it, in milliseconds; the same whenever it is read
 * @param key its partition key; empty if it has none
 * @param bytes as they were sent
 */
public record LogRecord(int shard, long offset, Instant arrived, String key, byte[] bytes) {

  /** One without a partition key. */
  public LogRecord(int shard, long offset, Instant arrived, byte[] bytes) {
    this(shard, offset, arrived, "", bytes);
  }
}
