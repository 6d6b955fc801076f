package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process that is killed, as by {@code kill -9}, in the middle of its work. */
class KilledServerTest {
  private static final int MOST_MILLIS = 3_000;

  @TempDir Path folder;
  private @Nullable KillableServer server;
  private int sent;

  @AfterEach
  void endTheServer() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void theAnswersAreThoseOfAServerThatNeverDied() throws Exception {
    killAndFinish(Integer.getInteger("tarn.kills", 10), 5);
  }

  @Test
  @Tag("soak")
  void theyAreAfterAHundredKillsToo() throws Exception {
    killAndFinish(100, 6);
  }

  private void killAndFinish(int kills, long seed) throws Exception {
    Random random = new Random(seed);
    ExampleLake.define(folder, "name: ecommerce\nengine:\n  memory: 512MB\n  threads: 2\n");
    List<Path> files = ExampleLake.sample();
    sent = 0;
    int inTheMiddle = 0;
    for (int kill = 0; kill < kills; kill++) {
      KillableServer now = start();
      // A part of the files at each turn, so that every kind of work meets kills.
      List<Path> part =
          files.subList(0, Math.min(files.size(), (kill + 1) * files.size() / kills + 1));
      boolean cut =
          now.killedWhile(
              () -> {
                while (sent < part.size()) {
                  upload(now, part.get(sent));
                  sent++;
                }
                now.post("crawl", "{\"sources\":[],\"dry_run\":false}");
                now.post("run", "{\"tables\":[]}");
                now.post("maintain", "{\"tables\":[],\"dry_run\":false}");
              },
              KillableServer.Moment.in(1_000L * random.nextInt(MOST_MILLIS)));
      if (cut) {
        inTheMiddle++; // whatever was not answered is asked for again in the next life
      }
    }
    assertThat(inTheMiddle).isGreaterThan(kills / 2);
    finish(files);
  }

  private void finish(List<Path> files) throws Exception {
    KillableServer last = start();
    for (Path file : files) {
      upload(last, file);
    }
    last.post("crawl", "{\"sources\":[],\"dry_run\":false}");
    String ran = last.post("run", "{\"tables\":[]}");
    assertThat(ran).contains("\"event\":\"result\"").doesNotContain("\"failed\"", "\"skipped\"");
    last.kill();
    try (ExampleLake lake = ExampleLake.reopened(folder)) {
      lake.assertModelsAsExpected();
      JsonNode sources = ExampleLake.manifest();
      for (Map.Entry<String, String> each : ExampleLake.TABLES.entrySet()) {
        JsonNode planned = sources.path(each.getKey());
        String table = each.getValue();
        assertThat(lake.number("SELECT count(*) FROM clean." + table))
            .as(table)
            .isEqualTo(planned.path("stored").asLong());
        assertThat(lake.number("SELECT count(*) FROM quarantine." + table))
            .as("quarantine of %s", table)
            .isEqualTo(ExampleLake.quarantined(planned));
      }
    }
  }

  private static void upload(KillableServer to, Path file)
      throws IOException, InterruptedException {
    to.upload(
        file.getName(0).toString(),
        file.subpath(1, file.getNameCount()).toString(),
        BodyPublishers.ofFile(ExampleLake.EXAMPLE.resolve("sample-data").resolve(file)));
  }

  private KillableServer start() throws IOException, InterruptedException {
    KillableServer started = KillableServer.start(folder);
    server = started;
    return started;
  }
}
