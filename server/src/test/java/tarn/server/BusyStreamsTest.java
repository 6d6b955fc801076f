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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * More clients than a server of half a gigabyte serves at once put as much as they can: it lives,
 * in bounded memory, tells those it has no room for to come later, and loses nothing.
 */
class BusyStreamsTest {
  private static final int CLIENTS = 40;
  private static final int BATCH = 1_000;
  private static final String FILLING = "x".repeat(220);
  private static final long MOST_KILOBYTES = 1_500_000;
  private static final Duration UNTIL_IN_THE_TABLE = Duration.ofMinutes(60);

  @TempDir Path folder;
  private final AtomicInteger batches = new AtomicInteger();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong throttled = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  @Test
  @Tag("soak")
  void tenMinutesOfFullSpeedTakeBoundedMemoryAndLoseNothing() throws Exception {
    write("lake.yaml", "name: busy\nprefix: busy\nengine:\n  memory: 1GB\n  threads: 2\n");
    write("streams/clicks.yaml", "shards: 2\nid: id\n");
    write("tables/clicks.yaml", "from: clicks\ncolumns: {n: long}\n");
    try (KillableServer server = KillableServer.start(folder)) {
      awaitStream(server);
      long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(Long.getLong("tarn.minutes", 10));
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Thread client = new Thread(() -> put(server, end), "client " + i);
        client.start();
        clients.add(client);
      }
      for (Thread client : clients) {
        client.join();
      }
      long peak = server.peakKilobytes();
      System.out.printf(
          "BusyStreamsTest: %d events acknowledged, %d requests throttled, %d failed, peak %d MB%n",
          acknowledged.get(), throttled.get(), failed.get(), peak >> 10);
      assertThat(server.isAlive()).isTrue();
      assertThat(throttled).hasPositiveValue();
      assertThat(peak).isLessThan(MOST_KILOBYTES);
      arrived(server);
      assertThat(server.peakKilobytes()).isLessThan(MOST_KILOBYTES);
    }
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private static void awaitStream(KillableServer server) throws Exception {
    while (server.ask("streams/clicks/events", "{\"id\":\"first\",\"n\":-1}\n").statusCode()
        != 200) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** Batches, each until it is acknowledged. */
  private void put(KillableServer server, long end) {
    try {
      while (System.nanoTime() < end) {
        long first = (long) batches.getAndIncrement() * BATCH;
        StringBuilder events = new StringBuilder(BATCH * 300);
        for (long n = first; n < first + BATCH; n++) {
          events.append("{\"id\":\"e").append(n).append("\",\"n\":").append(n);
          events.append(",\"text\":\"").append(FILLING).append("\"}\n");
        }
        while (!taken(server, events.toString())) {
          TimeUnit.MILLISECONDS.sleep(100);
        }
        acknowledged.addAndGet(BATCH);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private boolean taken(KillableServer server, String events)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = server.ask("streams/clicks/events", events);
    if (answer.statusCode() == 200 && answer.body().contains("\"failed\":0,")) {
      return true;
    }
    (answer.statusCode() == 429 ? throttled : failed).incrementAndGet();
    return false;
  }

  private void arrived(KillableServer server) throws Exception {
    long deadline = System.nanoTime() + UNTIL_IN_THE_TABLE.toNanos();
    String sql = "SELECT count(*), count(DISTINCT n) FROM clean.clicks";
    long all = acknowledged.get() + 1;
    String wanted = "[[" + all + "," + all + "]]";
    for (String answer = ""; !answer.contains(wanted); TimeUnit.SECONDS.sleep(2)) {
      assertThat(System.nanoTime()).as("%s instead of %s", answer, wanted).isLessThan(deadline);
      JsonNode clicks = UntunedLake.JSON.readTree(server.get("streams")).path("streams").path(0);
      answer =
          clicks.path("waiting").asLong(-1) == 0
              ? server.ask("query", "{\"sql\":\"" + sql + "\"}").body()
              : clicks.toString();
    }
  }
}
