package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.duckdb.worker.WorkerMain;
import tarn.streams.broker.BrokerMain;

/**
 * Events are put, and all that is not acknowledged is put again, while server, broker and engine
 * are killed as by {@code kill -9}: every acknowledged id is in the table once.
 */
class KilledStreamsTest {
  private static final int BATCH = 40;
  private static final long MOST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(4);

  @TempDir Path folder;
  private volatile @Nullable KillableServer server;
  private volatile boolean enough;
  private volatile int acknowledged;
  private int retried;

  /** With its broker, which writes in the folder. */
  @AfterEach
  void endTheServer() {
    KillableServer last = server;
    if (last != null) {
      List<ProcessHandle> brokers = last.children(BrokerMain.class.getName());
      last.close();
      brokers.forEach(b -> b.onExit().orTimeout(1, TimeUnit.MINUTES).join());
    }
  }

  @Test
  void everyAcknowledgedIdIsInTheTableOnce() throws Exception {
    kill(Integer.getInteger("tarn.kills", 10));
  }

  @Test
  @Tag("soak")
  void everyOneIsAfterTwoHundredKills() throws Exception {
    kill(200);
  }

  private void kill(int kills) throws Exception {
    long seed = Long.getLong("tarn.seed", System.nanoTime());
    System.out.println("KilledStreamsTest: -Dtarn.seed=" + seed);
    Random random = new Random(seed);
    define();
    server = KillableServer.start(folder);
    Thread client = new Thread(this::put, "client");
    client.start();
    for (int kill = 0; kill < kills; kill++) {
      if (random.nextInt(3) > 0) {
        awaitProgress();
      }
      TimeUnit.MILLISECONDS.sleep(random.nextInt(1_500));
      KillableServer now = server();
      switch (kill == 0 ? 0 : random.nextInt(4)) {
        case 0, 1 -> {
          now.kill();
          if (random.nextInt(3) == 0) {
            removeIndex();
          }
          server = KillableServer.start(folder);
        }
        case 2 -> now.children(BrokerMain.class.getName()).forEach(ProcessHandle::destroyForcibly);
        default -> now.children(WorkerMain.class.getName()).forEach(ProcessHandle::destroyForcibly);
      }
    }
    enough = true;
    client.join();
    assertThat(retried).as("batches that were sent again").isPositive();
    assertThat(acknowledged).isGreaterThan(BATCH);
    arrived();
  }

  /** A cache of the ledger. */
  private void removeIndex() throws IOException {
    Path ids = folder.resolve(".datalake/ids");
    if (Files.exists(ids)) {
      try (Stream<Path> files = Files.walk(ids)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Kills that follow each other too soon leave nothing to be killed. */
  private void awaitProgress() throws InterruptedException {
    int before = acknowledged;
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    while (acknowledged < before + 3 * BATCH) {
      assertThat(System.nanoTime()).as("a batch is acknowledged in time").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private KillableServer server() {
    return Objects.requireNonNull(server);
  }

  private void define() throws IOException {
    write("lake.yaml", "name: events\nprefix: events\nengine:\n  memory: 512MB\n  threads: 2\n");
    write("streams/clicks.yaml", "shards: 2\nid: id\nfreshness: 300ms\n");
    write("tables/clicks.yaml", "from: clicks\ncolumns: {n: long}\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /** Sends batches, each until it is acknowledged; every one has an id of the one before, too. */
  private void put() {
    while (!enough) {
      StringBuilder events = new StringBuilder();
      for (int i = Math.max(0, acknowledged - 3); i < acknowledged + BATCH; i++) {
        events.append("{\"id\":\"e").append(i).append("\",\"n\":").append(i).append("}\n");
      }
      while (!taken(events.toString())) {
        retried++;
      }
      acknowledged += BATCH;
    }
  }

  private boolean taken(String events) {
    try {
      HttpResponse<String> answer = server().ask("streams/clicks/events", events);
      if (answer.statusCode() == 200) {
        return answer.body().contains("\"failed\":0,");
      }
      TimeUnit.MILLISECONDS.sleep(100);
      return false;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void arrived() throws Exception {
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    List<String> seen = new ArrayList<>();
    while (true) {
      JsonNode streams = UntunedLake.JSON.readTree(server().get("streams")).path("streams");
      String answer =
          server()
              .ask(
                  "query",
                  "{\"sql\":\"SELECT count(*), count(DISTINCT id), min(n), max(n) FROM clean.clicks\"}")
              .body();
      String wanted = "[[" + acknowledged + "," + acknowledged + ",0," + (acknowledged - 1) + "]]";
      seen = List.of(streams.toString(), answer, wanted);
      JsonNode clicks = streams.path(0);
      if (answer.contains(wanted) && clicks.path("waiting").asLong() == 0) {
        assertThat(clicks.path("stored").asLong()).isEqualTo(acknowledged);
        assertThat(clicks.path("received").asLong())
            .isEqualTo(acknowledged + clicks.path("duplicate").asLong());
        assertThat(clicks.path("duplicate").asLong()).isPositive();
        return;
      }
      assertThat(System.nanoTime()).as(() -> "not there in time").isLessThan(deadline);
      if (System.nanoTime() > deadline) {
        throw new AssertionError(seen.toString());
      }
      TimeUnit.MILLISECONDS.sleep(500);
    }
  }
}
