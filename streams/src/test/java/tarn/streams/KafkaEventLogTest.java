package tarn.streams;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
    log.open(stream, shards, Duration.ofDays(7));
  }
}
