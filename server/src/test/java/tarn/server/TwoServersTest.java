package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.streams.Broker;
import tarn.streams.broker.BrokerFolder;
import tarn.testkit.PostgresFixture;
import tarn.testkit.S3Fixture;

/**
 * One lake on PostgreSQL, an S3 API and a Kafka that somebody else runs, served by two servers: one
 * of them delivers the stream; when it is killed the other goes on, nothing is lost or doubled.
 */
class TwoServersTest {
  private static final int BATCH = 50;
  private static final long MOST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(3);

  @TempDir Path folder;
  private final List<KillableServer> servers = new ArrayList<>();
  private Broker broker;
  private S3Fixture storage;
  private int acknowledged;

  @BeforeEach
  void start() {
    broker = Broker.start(folder.resolve("kafka"), false);
    storage = S3Fixture.start(folder.resolve("s3"));
    broker.awaitReady(Duration.ofMinutes(1));
  }

  @AfterEach
  void stop() {
    servers.forEach(KillableServer::close);
    broker.close();
    storage.close();
  }

  @Test
  void theOtherGoesOnWhenTheOwnerIsKilled() throws Exception {
    String schema = PostgresFixture.freshSchema();
    Path one = lake("one", schema);
    Path two = lake("two", schema);
    servers.add(KillableServer.start(one));
    put(0, 4);
    servers.add(KillableServer.start(two));
    put(0, 4);
    put(1, 4);
    awaitArrived(1);
    int owner = awaitOwner();
    int other = 1 - owner;

    servers.get(owner).kill();
    put(other, 6);
    awaitArrived(other);
    assertThat(condition(other)).isEqualTo("running");

    servers.set(owner, KillableServer.start(owner == 0 ? one : two));
    put(owner, 3);
    put(other, 3);
    awaitArrived(other);
    awaitOwner();
  }

  /** Whoever is not it finds out when it lands. */
  private int awaitOwner() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    List<String> now = conditions();
    while (now.stream().filter("running"::equals).count() != 1) {
      assertThat(System.nanoTime()).as("%s", now).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(300);
      now = conditions();
    }
    return now.indexOf("running");
  }

  // ---- the lake ----

  private Path lake(String name, String schema) throws IOException {
    Path lake = folder.resolve(name);
    write(
        lake.resolve("lake.yaml"),
        """
        name: shared
        %slog: {kind: kafka, bootstrap: "%s", user: %s, password_file: log.secret, prefix: %s.}
        durability: none
        engine: {memory: 384MB, threads: 1}
        """
            .formatted(
                ServersLake.lines(lake, schema, storage),
                broker.settings().bootstrap(),
                BrokerFolder.USER,
                schema));
    ServersLake.secret(
        lake.resolve("log.secret"), new BrokerFolder(folder.resolve("kafka")).secret());
    write(lake.resolve("streams/clicks.yaml"), "shards: 2\nid: id\nfreshness: 300ms\n");
    write(lake.resolve("tables/clicks.yaml"), "from: clicks\ncolumns: {n: long}\n");
    return lake;
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  // ---- events ----

  /** Each batch until it is acknowledged, with some ids of the one before. */
  private void put(int server, int batches) throws InterruptedException {
    for (int batch = 0; batch < batches; batch++) {
      StringBuilder events = new StringBuilder();
      for (int i = Math.max(0, acknowledged - 5); i < acknowledged + BATCH; i++) {
        events.append("{\"id\":\"e").append(i).append("\",\"n\":").append(i).append("}\n");
      }
      long deadline = System.nanoTime() + MOST_WAIT_NANOS;
      while (!taken(server, events.toString())) {
        assertThat(System.nanoTime()).as("taken in time").isLessThan(deadline);
        TimeUnit.MILLISECONDS.sleep(100);
      }
      acknowledged += BATCH;
    }
  }

  private boolean taken(int server, String events) throws InterruptedException {
    try {
      HttpResponse<String> answer = servers.get(server).ask("streams/clicks/events", events);
      return answer.statusCode() == 200 && answer.body().contains("\"failed\":0,");
    } catch (IOException e) {
      return false;
    }
  }

  private void awaitArrived(int server) throws IOException, InterruptedException {
    String wanted = "[[" + acknowledged + "," + acknowledged + ",0," + (acknowledged - 1) + "]]";
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    String answer = "";
    while (!answer.contains(wanted)) {
      assertThat(System.nanoTime()).as("%s, not %s", answer, wanted).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(300);
      answer =
          servers
              .get(server)
              .ask(
                  "query",
                  "{\"sql\":\"SELECT count(*), count(DISTINCT id), min(n), max(n) FROM clean.clicks\"}")
              .body();
    }
    JsonNode clicks = clicks(server);
    assertThat(clicks.path("stored").asLong()).isEqualTo(acknowledged);
    assertThat(clicks.path("received").asLong())
        .isEqualTo(acknowledged + clicks.path("duplicate").asLong());
  }

  private JsonNode clicks(int server) throws IOException, InterruptedException {
    return UntunedLake.JSON.readTree(servers.get(server).get("streams")).path("streams").path(0);
  }

  private String condition(int server) throws IOException, InterruptedException {
    return clicks(server).path("condition").asText();
  }

  private List<String> conditions() throws IOException, InterruptedException {
    return List.of(condition(0), condition(1));
  }
}
