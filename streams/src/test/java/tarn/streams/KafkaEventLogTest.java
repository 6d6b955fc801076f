package tarn.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.event.EventLog;
import tarn.core.ledger.SourceName;
import tarn.testkit.EventLogContract;

class KafkaEventLogTest extends EventLogContract {
  @TempDir static Path temp;
  private static Broker broker;
  private static EventLog log;
  private static Admin admin;

  @BeforeAll
  static void startBroker() {
    broker = Broker.start(temp.resolve("log"), false);
    broker.awaitReady(Duration.ofMinutes(2));
    log = new KafkaEventLog(broker.settings());
    admin = Admin.create(broker.settings().client("test", Map.of()));
  }

  @AfterAll
  static void stopBroker() {
    admin.close(Duration.ofSeconds(5));
    log.close();
    broker.close();
  }

  /** Kafka's own protocol is one more way in, and lets nobody do more than put events. */
  @Test
  void whoMayProduceWritesToStreamsAndDoesNothingElse() throws Exception {
    Topics topics = new Topics(broker.settings());
    topics.letWrite(broker.producer().user(), broker.producer().password());
    topics.letWrite(broker.producer().user(), broker.producer().password());
    SourceName stream = new SourceName("by-kafka");
    log.open(stream, 1, Duration.ofDays(7));
    Map<String, Object> properties = new HashMap<>(broker.producer().properties());
    properties.put("max.block.ms", 30_000);
    properties.put("request.timeout.ms", 15_000);
    properties.put("default.api.timeout.ms", 30_000);
    StringSerializer text = new StringSerializer();
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties, text, text);
        Admin user = Admin.create(properties)) {
      producer.send(new ProducerRecord<>("tarn.by-kafka", "k", "{\"id\":1}")).get();
      producer.send(new ProducerRecord<>("tarn.by-kafka", null, null)).get();
      assertThat(log.read(stream, 0, 0, 9, 9_999))
          .extracting(r -> r.key() + " " + new String(r.bytes(), StandardCharsets.UTF_8))
          .containsExactly("k {\"id\":1}", " ");
      assertThatThrownBy(() -> producer.send(new ProducerRecord<>("other", "x")).get())
          .hasRootCauseInstanceOf(TopicAuthorizationException.class);
      assertThatThrownBy(
              () -> user.createTopics(List.of(new NewTopic("tarn.mine", 1, (short) 1))).all().get())
          .hasRootCauseInstanceOf(TopicAuthorizationException.class);
      assertThatThrownBy(() -> user.deleteTopics(List.of("tarn.by-kafka")).all().get())
          .hasRootCauseInstanceOf(TopicAuthorizationException.class);
      properties.put("group.id", "g");
      try (KafkaConsumer<String, String> consumer =
          new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
        consumer.assign(List.of(new TopicPartition("tarn.by-kafka", 0)));
        consumer.seekToBeginning(consumer.assignment());
        assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(20)))
            .isInstanceOf(AuthorizationException.class);
      }
    }
    topics.close();
  }

  @Override
  protected EventLog log() {
    return log;
  }

  @Override
  protected void removeBefore(SourceName stream, int shard, long offset) throws Exception {
    admin
        .deleteRecords(
            Map.of(
                new TopicPartition("tarn." + stream, shard), RecordsToDelete.beforeOffset(offset)))
        .all()
        .get();
  }

  @Override
  protected void removeAll(SourceName stream) throws Exception {
    int shards = log.extent(stream).size();
    admin.deleteTopics(List.of("tarn." + stream)).all().get();
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (admin.listTopics().names().get().contains("tarn." + stream)) { // a broker may lag
      assertThat(System.nanoTime()).as("the topic goes").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
    log.open(stream, shards, Duration.ofDays(7));
  }
}
