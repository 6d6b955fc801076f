package tarn.benchmarks;

import static java.util.Objects.requireNonNull;
import static org.apache.kafka.streams.CloseOptions.GroupMembershipOperation.LEAVE_GROUP;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.jspecify.annotations.Nullable;
import tarn.streams.Broker;

/**
 * The same work with Kafka Streams: exactly once, a store in RocksDB with a changelog, and what is
 * new into another topic. The looks at an event are those of the lake: JSON read to its end, keys
 * twice refused, a hash of the id and one of the bytes.
 */
final class StreamsIds {
  private static final String STORE = "ids";
  private static final int ID_BYTES = 16;
  private static final Duration LEAVING = Duration.ofMinutes(1);

  private final Path state;
  private final Path logs;
  private final Broker broker;
  private final boolean window;
  private final int threads;
  private final boolean repartition;
  private final String application;
  private final String source;
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong again = new AtomicLong();

  StreamsIds(Path folder, Broker broker, boolean window, int threads, boolean repartition) {
    this.application = (window ? "window" : "kv") + threads + (repartition ? "-divided" : "");
    this.state = folder.resolve(application);
    this.logs = folder.resolve("log");
    this.broker = broker;
    this.window = window;
    this.threads = threads;
    this.repartition = repartition;
    this.source = broker.settings().prefix() + Ids.STREAM;
  }

  void run(long events) throws IOException {
    try (Admin admin = Admin.create(new HashMap<String, Object>(client()))) {
      get(admin.createTopics(List.of(new NewTopic(output(), 2, (short) 1))).all());
      try (KafkaStreams streams = streams()) {
        streams.start();
        Ids.await(() -> taken.get() > 0);
        Ids.Measured measured = new Ids.Measured(broker.pid());
        Ids.await(() -> taken.get() + again.get() >= events && committed(admin, events));
        measured.print(events);
        // Otherwise its successor waits until its session is over.
        streams.close(CloseOptions.groupMembershipOperation(LEAVE_GROUP).withTimeout(LEAVING));
      }
      Ids.print("new", taken.get());
      Ids.print("again", again.get());
      Ids.print("state_mb", Ids.bytes(state) >> 20);
      Ids.print("changelog_mb", logs(application + "-" + STORE + "-changelog-"));
      Ids.print("repartition_mb", logs("-repartition-"));
      Ids.print("output_mb", logs(output() + "-"));
      restore();
    }
  }

  /** MB of a topic's records; its index files are made at their full size. */
  private long logs(String topic) throws IOException {
    return (Ids.bytes(logs, topic) - Ids.bytes(logs, topic, "index")) >> 20;
  }

  private void restore() {
    try (KafkaStreams streams = streams()) {
      streams.cleanUp();
      AtomicLong begun = new AtomicLong();
      AtomicLong restored = new AtomicLong();
      streams.setGlobalStateRestoreListener(new Counting(begun, restored));
      long started = System.nanoTime();
      double cpu = Ids.Measured.cpu();
      streams.start();
      Ids.await(() -> streams.state() == KafkaStreams.State.RUNNING && restored.get() > 0);
      Ids.print("restore_millis", (System.nanoTime() - begun.get()) / 1_000_000);
      Ids.print("restart_millis", (System.nanoTime() - started) / 1_000_000);
      Ids.print("restart_cpu_millis", (long) ((Ids.Measured.cpu() - cpu) * 1_000));
      Ids.print("restored", restored.get());
    }
  }

  private record Counting(AtomicLong begun, AtomicLong restored) implements StateRestoreListener {
    @Override
    public void onRestoreStart(TopicPartition shard, String store, long from, long to) {
      begun.compareAndSet(0, System.nanoTime());
    }

    @Override
    public void onBatchRestored(TopicPartition shard, String store, long upTo, long count) {}

    @Override
    public void onRestoreEnd(TopicPartition shard, String store, long count) {
      restored.addAndGet(count);
    }
  }

  // ---- how it is set up ----

  private String output() {
    return "out." + application;
  }

  private Map<String, String> client() {
    Map<String, String> all = new HashMap<>(broker.settings().security());
    all.put("bootstrap.servers", broker.settings().bootstrap());
    all.put("enable.metrics.push", "false");
    return all;
  }

  private KafkaStreams streams() {
    Properties all = new Properties();
    all.putAll(client());
    all.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    all.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
    all.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    all.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
    // As often as the lake lands a batch.
    all.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 2_000);
    all.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    all.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    all.put(StreamsConfig.consumerPrefix("max.poll.records"), 20_000);
    all.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
    all.put(StreamsConfig.producerPrefix("batch.size"), 128 << 10);
    return new KafkaStreams(topology().build(), all);
  }

  private StreamsBuilder topology() {
    Serde<byte[]> bytes = Serdes.ByteArray();
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(store(bytes));
    KStream<byte[], byte[]> events = builder.stream(source, Consumed.with(bytes, bytes));
    if (repartition) {
      events =
          events
              .selectKey((key, event) -> new Looks().id(event))
              .repartition(Repartitioned.with(bytes, bytes).withNumberOfPartitions(2));
    }
    events
        .process(() -> window ? new InWindows() : new InKeys(), STORE)
        .to(output(), Produced.with(bytes, bytes));
    return builder;
  }

  private StoreBuilder<?> store(Serde<byte[]> bytes) {
    Map<String, String> changelog = Map.of("compression.type", "lz4");
    return window
        ? Stores.windowStoreBuilder(
                Stores.persistentWindowStore(STORE, Ids.WINDOW, Duration.ofHours(1), false),
                bytes,
                bytes)
            .withCachingDisabled()
            .withLoggingEnabled(changelog)
        : Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), bytes, bytes)
            .withCachingDisabled()
            .withLoggingEnabled(changelog);
  }

  /** Whether all events are committed, and what came of them. */
  private boolean committed(Admin admin, long events) {
    Map<TopicPartition, OffsetAndMetadata> offsets =
        get(admin.listConsumerGroupOffsets(application).partitionsToOffsetAndMetadata());
    Map<TopicPartition, OffsetSpec> last = new HashMap<>();
    long done = 0;
    for (Map.Entry<TopicPartition, OffsetAndMetadata> shard : offsets.entrySet()) {
      if (shard.getKey().topic().equals(source)) {
        done += shard.getValue().offset();
      } else {
        last.put(shard.getKey(), OffsetSpec.latest());
      }
    }
    if (done < events) {
      return false;
    }
    // Behind the records of a repartition topic are the marks of its transactions.
    return get(admin.listOffsets(last).all()).entrySet().stream()
        .allMatch(
            end ->
                end.getValue().offset() - requireNonNull(offsets.get(end.getKey())).offset() <= 1);
  }

  private static <T> T get(org.apache.kafka.common.KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  // ---- what becomes of an event ----

  /** Looks at events; for use by one thread. */
  private static final class Looks {
    private static final JsonFactory JSON =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final MessageDigest sha256 = sha256();

    byte[] id(byte[] event) {
      String id = "";
      try (JsonParser parser = JSON.createParser(event)) {
        for (JsonToken t = parser.nextToken(); t != null; t = parser.nextToken()) {
          if (t == JsonToken.VALUE_STRING && parser.currentName().equals("event_id")) {
            id = parser.getText();
          } else if (t.isScalarValue()) {
            parser.finishToken();
          }
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      return Arrays.copyOf(sha256.digest(id.getBytes(StandardCharsets.UTF_8)), ID_BYTES);
    }

    /** When it arrived, and 8 bytes of the hash of its content. */
    byte[] seen(Record<byte[], byte[]> event) {
      return ByteBuffer.allocate(16)
          .putLong(event.timestamp())
          .put(sha256.digest(event.value()), 0, 8)
          .array();
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final class InKeys implements Processor<byte[], byte[], byte[], byte[]> {
    private final Looks looks = new Looks();
    private @Nullable ProcessorContext<byte[], byte[]> context;
    private @Nullable KeyValueStore<byte[], byte[]> store;

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      this.store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> event) {
      byte[] id = looks.id(event.value());
      byte[] seen = looks.seen(event);
      byte[] before = requireNonNull(store).get(id);
      if (before != null
          && event.timestamp() < ByteBuffer.wrap(before).getLong() + Ids.WINDOW.toMillis()) {
        again.incrementAndGet();
        return;
      }
      requireNonNull(store).put(id, seen);
      requireNonNull(context).forward(event);
      taken.incrementAndGet();
    }
  }

  private final class InWindows implements Processor<byte[], byte[], byte[], byte[]> {
    private final Looks looks = new Looks();
    private @Nullable ProcessorContext<byte[], byte[]> context;
    private @Nullable WindowStore<byte[], byte[]> store;

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      this.store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> event) {
      byte[] id = looks.id(event.value());
      byte[] seen = looks.seen(event);
      long at = event.timestamp();
      try (WindowStoreIterator<byte[]> before =
          requireNonNull(store)
              .fetch(id, at - Ids.WINDOW.toMillis() + 1, at + Ids.WINDOW.toMillis())) {
        if (before.hasNext()) {
          again.incrementAndGet();
          return;
        }
      }
      requireNonNull(store).put(id, seen, at);
      requireNonNull(context).forward(event);
      taken.incrementAndGet();
    }
  }
}
