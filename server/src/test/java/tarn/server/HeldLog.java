package tarn.server;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;
import tarn.testkit.MemoryEventLog;

/** A log in memory that opens a stream, or answers those who put, when the test says so. */
final class HeldLog implements EventLog {
  private static final CountDownLatch NOBODY = new CountDownLatch(0);

  private final MemoryEventLog log;
  private final Map<SourceName, CountDownLatch> held = new ConcurrentHashMap<>();
  private final CountDownLatch reached = new CountDownLatch(1);
  private volatile boolean refuses;

  HeldLog(MemoryEventLog log) {
    this.log = log;
    log.patient();
  }

  /** Lets whoever opens a stream wait until the answer is counted down. */
  CountDownLatch hold(SourceName stream) {
    CountDownLatch latch = new CountDownLatch(1);
    held.put(stream, latch);
    return latch;
  }

  /** Returns when somebody is held. */
  void awaitHeld() {
    await(reached);
  }

  /** Whether streams cannot be opened, or changed. */
  void refuse(boolean refuses) {
    this.refuses = refuses;
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("waited for half a minute");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void open(SourceName stream, int shards, Duration retention) {
    if (refuses) {
      throw new TarnException(ErrorCode.LOG_UNAVAILABLE, "the log does not answer");
    }
    CountDownLatch latch = held.getOrDefault(stream, NOBODY);
    if (latch.getCount() > 0) {
      reached.countDown();
      await(latch);
    }
    log.open(stream, shards, retention);
  }

  @Override
  public List<Outcome> append(SourceName stream, List<Put> records) {
    return log.append(stream, records);
  }

  @Override
  public Tail tail(SourceName stream, Map<Integer, Long> from) {
    return log.tail(stream, from);
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
