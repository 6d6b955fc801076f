package tarn.streams;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;

/**
 * Streams as topics of a Kafka cluster, our own or another's: a shard is a partition. Reads and
 * writes the topics of its prefix only, and never removes one.
 */
public final class KafkaEventLog implements EventLog {
  /** The most bytes of a record. */
  public static final int MAX_RECORD_BYTES = 1 << 20;

  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final KafkaSettings settings;
  private final Topics topics;
  private final KafkaReads reads;
  private final @Nullable Broker broker;
  private final Map<SourceName, Integer> shards = new ConcurrentHashMap<>();
  private @Nullable KafkaProducer<byte[], byte[]> producer;
  private boolean closed;
  private boolean producersKnown;

  /** Connects when first used. */
  public KafkaEventLog(KafkaSettings settings) {
    this(settings, null);
  }

  private KafkaEventLog(KafkaSettings settings, @Nullable Broker broker) {
    this.settings = settings;
    this.topics = new Topics(settings);
    this.reads = new KafkaReads(settings);
    this.broker = broker;
  }

  /** Connects to a broker of its own, which it closes at the end. */
  public static KafkaEventLog of(Broker broker) {
    return new KafkaEventLog(broker.settings(), broker);
  }

  @Override
  public void open(SourceName stream, int count, Duration retention) {
    if (broker != null) {
      broker.awaitReady(PATIENCE);
      letProducersIn(broker.producer());
    }
    shards.put(stream, topics.open(stream, count, retention));
  }

  private synchronized void letProducersIn(Broker.Producer producers) {
    if (!producersKnown) {
      topics.letWrite(producers.user(), producers.password());
      producersKnown = true;
    }
  }

  @Override
  public Map<String, String> producing(SourceName stream) {
    Map<String, String> how =
        new TreeMap<>(
            broker == null
                ? Map.of("bootstrap.servers", settings.bootstrap())
                : broker.producer().properties());
    how.put("topic", topics.name(stream));
    return how;
  }

  @Override
  public List<Outcome> append(SourceName stream, List<Put> records) {
    int known = known(stream, records);
    String topic = topics.name(stream);
    List<Sent> sent = new ArrayList<>(records.size());
    @Nullable String down = null;
    for (Put put : records) {
      Sent next = down == null ? send(topic, put, known) : Sent.failed(put, true, down);
      down = next.logIsDown();
      sent.add(next);
    }
    // What waits for its batch to fill is sent now.
    return sent.stream().map(Sent::await).toList();
  }

  private int known(SourceName stream, List<Put> records) {
    return known(stream, records.stream().mapToInt(Put::shard).max().orElse(0));
  }

  /** How many shards there are; asked again if a later one is meant. */
  private int known(SourceName stream, int highest) {
    Integer known = shards.get(stream);
    if (known == null || known <= highest) {
      known = topics.shards(stream);
      shards.put(stream, known);
    }
    return known;
  }

  private Sent send(String topic, Put put, int shardCount) {
    Optional<String> refusal = put.refusal(MAX_RECORD_BYTES);
    if (refusal.isPresent()) {
      return Sent.failed(put, false, refusal.get());
    } else if (put.shard() >= shardCount || put.shard() < 0) {
      return Sent.failed(
          put, false, "there is no shard " + put.shard() + ": the stream has " + shardCount);
    }
    try {
      byte[] key = put.key().isEmpty() ? null : put.key().getBytes(StandardCharsets.UTF_8);
      return new Sent(
          put, producer().send(new ProducerRecord<>(topic, put.shard(), key, put.bytes())), null);
    } catch (InterruptException e) {
      throw interrupted(e);
    } catch (KafkaException | IllegalStateException e) {
      // A producer in such a state never recovers; the next call gets another.
      forget();
      return Sent.failed(put, true, "the log does not take events: " + e.getMessage());
    }
  }

  private synchronized KafkaProducer<byte[], byte[]> producer() {
    if (closed) {
      throw new TarnException(ErrorCode.LOG_UNAVAILABLE, "the log is closed");
    }
    if (producer == null) {
      producer =
          new KafkaProducer<>(
              settings.client("tarn-producer", ofProducer()),
              new ByteArraySerializer(),
              new ByteArraySerializer());
    }
    return producer;
  }

  private static Map<String, Object> ofProducer() {
    int millis = (int) PATIENCE.toMillis();
    return Map.of(
        "acks",
        "all",
        "enable.idempotence",
        true,
        // More would let a later batch into a shard that comes up between two.
        "max.in.flight.requests.per.connection",
        1,
        "compression.type",
        "lz4",
        "linger.ms",
        5,
        "batch.size",
        128 << 10,
        "max.request.size",
        MAX_RECORD_BYTES + Topics.HEADROOM,
        "max.block.ms",
        millis,
        "delivery.timeout.ms",
        millis,
        "request.timeout.ms",
        millis / 3);
  }

  private synchronized void forget() {
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }

  @Override
  public Tail tail(SourceName stream, Map<Integer, Long> from) {
    return KafkaTail.open(settings, topics, stream, from);
  }

  @Override
  public List<LogRecord> read(
      SourceName stream, int shard, long from, int mostRecords, long mostBytes) {
    return reads.read(stream, partition(stream, shard), from, mostRecords, mostBytes);
  }

  @Override
  public long offsetAt(SourceName stream, int shard, Instant time) {
    return topics.offsetAt(stream, partition(stream, shard), time);
  }

  /** {@code NOT_FOUND} if there is no such shard. */
  private TopicPartition partition(SourceName stream, int shard) {
    int count = known(stream, shard);
    if (shard < 0 || shard >= count) {
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          "there is no shard " + shard + " of stream " + stream + ": it has " + count);
    }
    return new TopicPartition(topics.name(stream), shard);
  }

  @Override
  public Map<Integer, Extent> extent(SourceName stream) {
    return topics.extent(stream);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (producer != null) {
        producer.close(Duration.ofSeconds(5));
        producer = null;
      }
    }
    reads.close();
    topics.close();
    if (broker != null) {
      broker.close();
    }
  }

  static TarnException interrupted(Exception e) {
    Thread.currentThread().interrupt();
    return new TarnException(ErrorCode.CANCELLED, "the wait for the log was cancelled", e);
  }

  static TarnException unavailable(String what, Throwable cause) {
    String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new TarnException(
        ErrorCode.LOG_UNAVAILABLE, "the log does not answer: " + what + ": " + reason, cause);
  }

  /** A record on its way, or what became of it at once. */
  private record Sent(Put put, @Nullable Future<RecordMetadata> future, @Nullable Outcome known) {

    static Sent failed(Put put, boolean retry, String reason) {
      return new Sent(put, null, new Outcome.Failed(retry, reason));
    }

    /** Why there is no use in sending more; null if there is. */
    @Nullable String logIsDown() {
      if (future != null && future.isDone() && await() instanceof Outcome.Failed failed) {
        return failed.retry() ? failed.reason() : null;
      }
      return known instanceof Outcome.Failed failed && failed.retry() ? failed.reason() : null;
    }

    Outcome await() {
      if (known != null) {
        return known;
      } else if (future == null) {
        throw new IllegalStateException("a record is known or on its way");
      }
      try {
        return new Outcome.Appended(put.shard(), future.get().offset());
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (ExecutionException e) {
        return failed(e.getCause() == null ? e : e.getCause());
      }
    }

    private static Outcome failed(Throwable cause) {
      if (cause instanceof RecordTooLargeException) {
        return new Outcome.Failed(false, "too large for the log: " + cause.getMessage());
      } else if (cause instanceof TimeoutException) {
        return new Outcome.Failed(true, "the log does not answer: " + cause.getMessage());
      }
      return new Outcome.Failed(true, "the log refused the event: " + cause.getMessage());
    }
  }
}
