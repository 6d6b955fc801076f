package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Json;
import tarn.api.ServerFile;

/** The server as a process that is killed, as by {@code kill -9}, in the middle of its work. */
class KilledServerTest {
  private static final int MOST_MILLIS = 3_000;

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private @Nullable Process server;

  @AfterEach
  void endTheServer() throws InterruptedException {
    if (server != null) {
      server.destroyForcibly().waitFor();
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
    int sent = 0;
    int inTheMiddle = 0;
    for (int kill = 0; kill < kills; kill++) {
      ServerFile now = start();
      int millis = random.nextInt(MOST_MILLIS);
      CompletableFuture<Void> end =
          CompletableFuture.runAsync(
              () -> kill(now), CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
      try {
        // A part of the files at each turn, so that every kind of work meets kills.
        int until = Math.min(files.size(), (kill + 1) * files.size() / kills + 1);
        for (; sent < until; sent++) {
          upload(now, files.get(sent));
        }
        post(now, "crawl", "{\"sources\":[],\"dry_run\":false}");
        post(now, "run", "{\"tables\":[]}");
        post(now, "maintain", "{\"tables\":[],\"dry_run\":false}");
      } catch (IOException e) {
        inTheMiddle++; // whatever was not answered is asked for again in the next life
      }
      end.join();
    }
    assertThat(inTheMiddle).isGreaterThan(kills / 2);
    finish(files);
  }

  private void finish(List<Path> files) throws Exception {
    ServerFile last = start();
    for (Path file : files) {
      upload(last, file);
    }
    post(last, "crawl", "{\"sources\":[],\"dry_run\":false}");
    String ran = post(last, "run", "{\"tables\":[]}");
    assertThat(ran).contains("\"event\":\"result\"").doesNotContain("\"failed\"", "\"skipped\"");
    kill(last);
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

  private void upload(ServerFile to, Path file) throws IOException, InterruptedException {
    String path =
        "/v1/sources/"
            + file.getName(0)
            + "/files?path="
            + URLEncoder.encode(
                file.subpath(1, file.getNameCount()).toString(), StandardCharsets.UTF_8);
    HttpResponse<String> answer =
        http.send(
            request(to, path)
                .POST(
                    BodyPublishers.ofFile(ExampleLake.EXAMPLE.resolve("sample-data").resolve(file)))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private String post(ServerFile to, String what, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            request(to, "/v1/" + what)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).as(what).doesNotContain("\"event\":\"error\"");
    return answer.body();
  }

  private static HttpRequest.Builder request(ServerFile to, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to.port() + path))
        .timeout(Duration.ofMinutes(2))
        .header("Authorization", "Bearer " + to.token());
  }

  private static void kill(ServerFile running) {
    ProcessHandle.of(running.pid())
        .ifPresent(
            process -> {
              boolean asked = process.destroyForcibly();
              assertThat(asked || !process.isAlive()).isTrue();
              process.onExit().join();
            });
  }

  private ServerFile start() throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ServerMain.class.getName(),
                    folder.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("server.out").toFile())
            .start();
    server = process;
    Path file = folder.resolve(".datalake").resolve("server.json");
    while (true) {
      if (Files.exists(file)) {
        ServerFile announced = ServerFile.from(Json.readObject(Files.readString(file)));
        if (announced.pid() == process.pid()) {
          return announced;
        }
      }
      assertThat(process.isAlive())
          .as(() -> "the server ended: " + read(folder.resolve("server.out")))
          .isTrue();
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
