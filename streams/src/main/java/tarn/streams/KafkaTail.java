package tarn.streams;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog.Extent;
import tarn.core.event.EventLog.Tail;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;

/** All partitions of a topic, read by one consumer without a group: who reads keeps the offsets. */
final class KafkaTail implements Tail {
  /** How soon a new shard is noticed, and how long silence is believed. */
  private static final Duration REFRESH = Duration.ofSeconds(2);

  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final SourceName stream;
  private final String topic;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<Integer, Long> from;

  /** What to tell before reading on, with the place where reading goes on. */
  private final Map<TopicPartition, String> lost = new LinkedHashMap<>();

  private final Set<TopicPartition> placed = new HashSet<>();

  private long heardNanos = System.nanoTime();
  private long refreshedNanos;

  private KafkaTail(
      KafkaSettings settings, String topic, SourceName stream, Map<Integer, Long> from) {
    this.stream = stream;
    this.topic = topic;
    this.from = Map.copyOf(from);
    this.consumer =
        new KafkaConsumer<>(
            settings.client("tarn-tail-" + stream, consuming()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
  }

  /** A reader that has its places already: {@code NOT_FOUND} and an absent log are told here. */
  static KafkaTail open(
      KafkaSettings settings, Topics topics, SourceName stream, Map<Integer, Long> from) {
    topics.shards(stream);
    KafkaTail tail = new KafkaTail(settings, topics.name(stream), stream, from);
    try {
      tail.ask("finding shards", tail::refresh);
      return tail;
    } catch (RuntimeException e) {
      tail.close();
      throw e;
    }
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
        "metadata.max.age.ms",
        (int) REFRESH.toMillis(),
        "default.api.timeout.ms",
        millis,
        "request.timeout.ms",
        millis / 3,
        "fetch.max.wait.ms",
        500,
        "max.poll.records",
        20_000);
  }

  @Override
  public List<LogRecord> poll(Duration patience) {
    ask("noticing shards", this::refreshSometimes);
    tell();
    try {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(patience);
      if (records.isEmpty()) {
        ask("is it there", this::breakSilence);
      } else {
        heardNanos = System.nanoTime();
      }
      return records(records);
    } catch (OffsetOutOfRangeException e) {
      ask("finding what is left", () -> goOn(e.offsetOutOfRangePartitions()));
      tell();
      return List.of();
    } catch (InterruptException e) {
      throw KafkaEventLog.interrupted(e);
    } catch (KafkaException e) {
      throw KafkaEventLog.unavailable("reading stream " + stream, e);
    }
  }

  private static List<LogRecord> records(ConsumerRecords<byte[], byte[]> records) {
    List<LogRecord> list = new ArrayList<>(records.count());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      list.add(record(record));
    }
    return list;
  }

  static LogRecord record(ConsumerRecord<byte[], byte[]> record) {
    return new LogRecord(
        record.partition(),
        record.offset(),
        Instant.ofEpochMilli(record.timestamp()),
        record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8),
        record.value() == null ? new byte[0] : record.value());
  }

  private void refreshSometimes() {
    if (System.nanoTime() - refreshedNanos >= REFRESH.toNanos()) {
      refresh();
    }
  }

  /** Takes up shards that are new; what it cannot place is new again the next time. */
  private void refresh() {
    Set<TopicPartition> fresh = new HashSet<>();
    for (PartitionInfo info : consumer.partitionsFor(topic)) {
      fresh.add(new TopicPartition(topic, info.partition()));
    }
    fresh.removeAll(placed);
    if (!fresh.isEmpty()) {
      Set<TopicPartition> all = new HashSet<>(placed);
      all.addAll(fresh);
      consumer.assign(all);
      extents(fresh)
          .forEach(
              (partition, extent) -> place(partition, from.get(partition.partition()), extent));
      placed.addAll(fresh);
    }
    refreshedNanos = System.nanoTime();
  }

  private Map<TopicPartition, Extent> extents(Set<TopicPartition> partitions) {
    Map<TopicPartition, Long> oldest = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> next = consumer.endOffsets(partitions);
    Map<TopicPartition, Extent> extents = new LinkedHashMap<>();
    partitions.forEach(
        partition ->
            extents.put(
                partition,
                new Extent(
                    Topics.known(oldest.get(partition)), Topics.known(next.get(partition)))));
    return extents;
  }

  /** Reads on from the offset asked for, or from the oldest record when that is not there. */
  private void place(TopicPartition partition, @Nullable Long asked, Extent extent) {
    if (asked != null && asked >= extent.oldest() && asked <= extent.next()) {
      consumer.seek(partition, asked);
      return;
    }
    consumer.seek(partition, extent.oldest());
    if (asked != null) {
      lost.put(partition, describe(partition.partition(), asked, extent));
    }
  }

  private void goOn(Map<TopicPartition, Long> asked) {
    Map<TopicPartition, Extent> extents = extents(asked.keySet());
    extents.forEach(
        (partition, extent) -> {
          consumer.seek(partition, extent.oldest());
          lost.put(
              partition,
              describe(partition.partition(), Topics.known(asked.get(partition)), extent));
        });
  }

  static String describe(int shard, long asked, Extent extent) {
    if (asked < extent.oldest()) {
      return "shard "
          + shard
          + " has lost its events "
          + asked
          + " to "
          + (extent.oldest() - 1)
          + " to retention before they were read";
    }
    return "the log of shard "
        + shard
        + " ends at "
        + extent.next()
        + ", but has been read up to "
        + asked
        + ": its files were removed or brought back from an older copy";
  }

  private void tell() {
    if (!lost.isEmpty()) {
      String what = String.join("; ", new TreeSet<>(lost.values()));
      lost.clear();
      throw new TarnException(
          ErrorCode.EVENTS_LOST,
          "stream " + stream + ": " + what + "; reading goes on from the oldest that are kept");
    }
  }

  /** Nothing came for a while: nobody sends, or nobody is there. */
  private void breakSilence() {
    if (System.nanoTime() - heardNanos >= SILENCE.toNanos()) {
      consumer.endOffsets(consumer.assignment(), KafkaEventLog.PATIENCE.dividedBy(3));
      heardNanos = System.nanoTime();
    }
  }

  private void ask(String what, Runnable question) {
    try {
      question.run();
    } catch (InterruptException e) {
      throw KafkaEventLog.interrupted(e);
    } catch (KafkaException e) {
      throw KafkaEventLog.unavailable(what + " of stream " + stream, e);
    }
  }

  @Override
  public void close() {
    consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(5)));
  }
}
