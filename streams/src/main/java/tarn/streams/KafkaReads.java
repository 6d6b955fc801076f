package tarn.streams;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog.Extent;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;

/**
 * Reads by place: a few consumers without a group that stay connected, each of which is lent to one
 * call at a time and goes on where it is if the next call asks for that. Those that nobody needs
 * for a minute are closed. Safe for use by many threads.
 */
final class KafkaReads implements AutoCloseable {
  private static final int MOST = 8;
  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final Duration STEP = Duration.ofMillis(100);
  private static final int RECORDS_OF_A_POLL = 1_000;
  private static final int FETCH_BYTES = 2 << 20;

  private final KafkaSettings settings;
  private final Semaphore turns = new Semaphore(MOST, true);

  /** Those that nobody uses, the last used first. */
  private final Deque<Reader> idle = new ArrayDeque<>();

  private @Nullable Thread sweeper;
  private boolean closed;

  KafkaReads(KafkaSettings settings) {
    this.settings = settings;
  }

  List<LogRecord> read(
      SourceName stream, TopicPartition partition, long from, int mostRecords, long mostBytes) {
    Reader reader = borrow(stream, partition, from);
    try {
      List<LogRecord> records = reader.read(stream, partition, from, mostRecords, mostBytes);
      giveBack(reader);
      return records;
    } catch (RuntimeException | Error e) {
      reader.close(); // whatever state it is in
      turns.release();
      throw told(stream, e);
    }
  }

  private static RuntimeException told(SourceName stream, Throwable e) {
    if (e instanceof InterruptException interrupt) {
      return KafkaEventLog.interrupted(interrupt);
    } else if (e instanceof KafkaException) {
      return KafkaEventLog.unavailable("reading stream " + stream, e);
    } else if (e instanceof Error error) {
      throw error;
    }
    return (RuntimeException) e;
  }

  private Reader borrow(SourceName stream, TopicPartition partition, long from) {
    try {
      if (!turns.tryAcquire(KafkaEventLog.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TarnException(
            ErrorCode.LOG_UNAVAILABLE,
            "stream " + stream + " is not read: too many others read just now; try again");
      }
    } catch (InterruptedException e) {
      throw KafkaEventLog.interrupted(e);
    }
    try {
      return find(partition, from);
    } catch (RuntimeException | Error e) {
      turns.release();
      throw told(stream, e);
    }
  }

  /** The one that is at that place, else any, else a new one. */
  private Reader find(TopicPartition partition, long from) {
    synchronized (this) {
      if (closed) {
        throw new TarnException(ErrorCode.LOG_UNAVAILABLE, "the log is closed");
      }
      for (Iterator<Reader> each = idle.iterator(); each.hasNext(); ) {
        Reader reader = each.next();
        if (reader.isAt(partition, from)) {
          each.remove();
          return reader;
        }
      }
      if (!idle.isEmpty()) {
        return idle.removeLast();
      }
    }
    return new Reader(settings);
  }

  private void giveBack(Reader reader) {
    synchronized (this) {
      if (!closed) {
        reader.used = System.nanoTime();
        idle.addFirst(reader);
        beginToSweep();
        turns.release();
        return;
      }
    }
    reader.close();
    turns.release();
  }

  private void beginToSweep() {
    if (sweeper == null) {
      sweeper = new Thread(this::sweep, "idle readers of the log");
      sweeper.setDaemon(true);
      sweeper.start();
    }
  }

  /** Lives as long as there are idle readers. */
  private void sweep() {
    try {
      while (true) {
        Thread.sleep(IDLE.toMillis() / 4);
        if (!sweepOnce()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean sweepOnce() {
    List<Reader> old = new ArrayList<>();
    boolean more;
    synchronized (this) {
      while (!idle.isEmpty() && System.nanoTime() - idle.getLast().used > IDLE.toNanos()) {
        old.add(idle.removeLast());
      }
      more = !idle.isEmpty() && !closed;
      if (!more) {
        sweeper = null;
      }
    }
    old.forEach(Reader::close);
    return more;
  }

  @Override
  public void close() {
    List<Reader> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(idle);
      idle.clear();
      if (sweeper != null) {
        sweeper.interrupt();
      }
    }
    all.forEach(Reader::close);
  }

  /** A consumer, where it is, and what it has read beyond what was asked for. */
  private static final class Reader {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Deque<LogRecord> ahead = new ArrayDeque<>();
    private @Nullable TopicPartition partition;
    private long next;
    private long used = System.nanoTime();

    Reader(KafkaSettings settings) {
      this.consumer =
          new KafkaConsumer<>(
              settings.client("tarn-read", consuming()),
              new ByteArrayDeserializer(),
              new ByteArrayDeserializer());
    }

    private static Map<String, Object> consuming() {
      int millis = (int) KafkaEventLog.PATIENCE.toMillis();
      return Map.of(
          "enable.auto.commit",
          false,
          "auto.offset.reset",
          "none",
          "allow.auto.create.topics",
          false,
          "default.api.timeout.ms",
          millis,
          "request.timeout.ms",
          millis / 3,
          // A fetch that waits would hold up the next question on the same connection.
          "fetch.max.wait.ms",
          5,
          "max.partition.fetch.bytes",
          FETCH_BYTES,
          "fetch.max.bytes",
          FETCH_BYTES,
          "max.poll.records",
          RECORDS_OF_A_POLL);
    }

    boolean isAt(TopicPartition wanted, long from) {
      return wanted.equals(partition) && from == next;
    }

    List<LogRecord> read(
        SourceName stream, TopicPartition wanted, long from, int mostRecords, long mostBytes) {
      boolean known = isAt(wanted, from);
      Answer answer = new Answer(mostRecords, mostBytes);
      if (!known || !answer.takeFrom(ahead)) {
        if (!known) {
          place(wanted, from);
        }
        long end = Topics.known(consumer.endOffsets(Set.of(wanted)).get(wanted));
        if (from > end) {
          throw lost(stream, wanted, from, end);
        }
        fill(answer, wanted, end);
      }
      next = answer.records.isEmpty() ? next : answer.last().offset() + 1;
      return answer.records;
    }

    private TarnException lost(SourceName stream, TopicPartition wanted, long from, long end) {
      return new TarnException(
          ErrorCode.EVENTS_LOST,
          "stream "
              + stream
              + ": "
              + KafkaTail.describe(wanted.partition(), from, new Extent(0, end)));
    }

    private void place(TopicPartition wanted, long from) {
      ahead.clear();
      consumer.assign(Set.of(wanted));
      consumer.seek(wanted, from);
      partition = wanted;
      next = from;
    }

    /** Reads until there is enough, or all that was there at the beginning. */
    private void fill(Answer answer, TopicPartition wanted, long end) {
      long deadline = System.nanoTime() + KafkaEventLog.PATIENCE.toNanos();
      while (!answer.full && consumer.position(wanted) < end) {
        try {
          consumer.poll(STEP).forEach(record -> ahead.add(KafkaTail.record(record)));
        } catch (OffsetOutOfRangeException e) {
          consumer.seekToBeginning(Set.of(wanted)); // retention was faster
        }
        answer.takeFrom(ahead);
        if (System.nanoTime() > deadline) {
          throw new TarnException(
              ErrorCode.LOG_UNAVAILABLE,
              "the log does not give what it has from offset " + next + " of " + wanted + " on");
        }
      }
    }

    void close() {
      try {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
      } catch (InterruptException e) {
        Thread.currentThread().interrupt();
      } catch (KafkaException e) {
        // It held nothing but a connection.
      }
    }
  }

  /** What a call gets. */
  private static final class Answer {
    private final List<LogRecord> records = new ArrayList<>();
    private final int mostRecords;
    private final long mostBytes;
    private long bytes;
    private boolean full;

    Answer(int mostRecords, long mostBytes) {
      this.mostRecords = mostRecords;
      this.mostBytes = mostBytes;
    }

    /** Takes what fits; whether there is something now. */
    boolean takeFrom(Deque<LogRecord> ahead) {
      while (!ahead.isEmpty() && !full) {
        long size = ahead.getFirst().bytes().length;
        full = records.size() >= mostRecords || (!records.isEmpty() && bytes + size > mostBytes);
        if (!full) {
          records.add(ahead.removeFirst());
          bytes += size;
        }
      }
      full |= records.size() >= mostRecords;
      return !records.isEmpty();
    }

    LogRecord last() {
      return records.get(records.size() - 1);
    }
  }
}
