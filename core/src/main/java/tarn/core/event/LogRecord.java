package tarn.core.event;

import java.time.Instant;

/**
 * A record as the log keeps it.
 *
 * @param shard from 0
 * @param offset its place in the shard
 * @param arrived when the log took it, in milliseconds; the same whenever it is read
 * @param bytes as they were sent
 */
public record LogRecord(int shard, long offset, Instant arrived, byte[] bytes) {}
