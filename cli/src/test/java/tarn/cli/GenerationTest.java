package tarn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Build;
import tarn.api.Json;
import tarn.api.PutAnswer;
import tarn.api.ServerFile;

/** Generated events against a server that takes them as well or badly as the test says. */
class GenerationTest {
  /** What a request meets. */
  private enum Mood {
    TAKES,
    IS_DOWN,
    LOSES_THE_ANSWER,
    TAKES_HALF,
    REFUSES_ONE
  }

  @TempDir Path folder;
  private final StringBuilder out = new StringBuilder();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<String> taken = Collections.synchronizedList(new ArrayList<>());
  private final List<Mood> moods = Collections.synchronizedList(new ArrayList<>());
  private int largest;
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/streams/clicks/events", this::answer);
    server.start();
    Files.writeString(folder.resolve("lake.yaml"), "name: shop\n");
    Files.createDirectories(folder.resolve(".datalake"));
    long pid = ProcessHandle.current().pid();
    int port = server.getAddress().getPort();
    Files.writeString(
        folder.resolve(".datalake/server.json"),
        Json.write(new ServerFile(pid, Instant.EPOCH, port, Build.VERSION, Build.ID, "secret")));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void theSameSeedPutsTheSameEventsInBatches() throws IOException {
    assertThat(run("clicks", "--seed", "7", "--count", "1200", "-o", "csv")).isZero();
    List<String> first = List.copyOf(taken);
    assertThat(first).hasSize(1200);
    assertThat(largest).isEqualTo(500);
    assertThat(out.toString()).contains("clicks,7,2026-01-01T00:00:00Z,1200,");
    assertThat(run("--seed", "7", "--count", "1200", "--file", "events.json")).isZero();
    assertThat(Files.readString(folder.resolve("events.json"), StandardCharsets.ISO_8859_1))
        .isEqualTo(String.join("\n", first) + "\n");
    assertThat(run("--seed", "7", "--file", "events.json")).as("a file that is there").isEqualTo(2);
  }

  /** Duplicates of what was sent again are found by the stream; nothing is left out. */
  @Test
  void whatMayNotHaveArrivedIsSentAgainWhole() {
    moods.addAll(List.of(Mood.IS_DOWN, Mood.LOSES_THE_ANSWER, Mood.TAKES_HALF, Mood.TAKES));
    assertThat(run("clicks", "--seed", "7", "--count", "20", "--duplicates", "0")).isZero();
    assertThat(taken).hasSize(20 + 10 + 10);
    assertThat(taken.subList(0, 20)).containsExactlyElementsOf(inOrder(taken.subList(20, 40)));
    assertThat(said()).contains("50 events were sent again");
  }

  /** The half that was taken, and then the other. */
  private static List<String> inOrder(List<String> halves) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(halves.get(i));
      all.add(halves.get(10 + i));
    }
    return all;
  }

  @Test
  void anEventThatIsRefusedIsANegativeAnswer() {
    moods.add(Mood.REFUSES_ONE);
    assertThat(run("clicks", "--count", "10")).isEqualTo(1);
    assertThat(taken).hasSize(9);
    assertThat(said()).contains("an event was refused: too large");
  }

  @Test
  void aRateIsKept() {
    long began = System.nanoTime();
    assertThat(run("clicks", "--rate", "400", "--seconds", "1")).isZero();
    assertThat(System.nanoTime() - began).isBetween(900_000_000L, 10_000_000_000L);
    assertThat(taken).hasSize(400);
    assertThat(largest).isEqualTo(20);
  }

  @Test
  void whatCannotBeMeantIsRefused() {
    assertThat(run()).isEqualTo(2);
    assertThat(run("clicks", "--file", "x")).isEqualTo(2);
    assertThat(run("clicks", "--seconds", "5")).isEqualTo(2);
    assertThat(run("clicks", "--poison", "2")).isEqualTo(2);
    assertThat(run("clicks", "--start", "yesterday")).isEqualTo(2);
    assertThat(run("clicks", "--setup")).isEqualTo(2);
    assertThat(taken).isEmpty();
  }

  @Test
  void ordersHaveOptionsOfTheirOwn() {
    for (List<String> wrong :
        List.of(
            List.of("shop"),
            List.of("--poison", "0.1"),
            List.of("--sessions", "0"),
            List.of("--seconds", "0"),
            List.of("--setup", "--rate", "5"),
            List.of("--scale", "2"),
            List.of("--setup", "--scale", "5000"))) {
      List<String> typed = new ArrayList<>(List.of("generate", "orders"));
      typed.addAll(wrong);
      assertThat(type(typed)).as(typed.toString()).isEqualTo(2);
    }
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private int run(String... arguments) {
    List<String> typed = new ArrayList<>(List.of("generate", "events"));
    typed.addAll(Arrays.asList(arguments));
    return type(typed);
  }

  private int type(List<String> typed) {
    PrintStream notes = new PrintStream(err, true, StandardCharsets.UTF_8);
    Terminal nobody = new Terminal(false, false, false, 80, false);
    return Main.run(typed, out, notes, nobody, folder);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1);
    List<String> lines = body.lines().toList();
    largest = Math.max(largest, lines.size());
    Mood mood = moods.isEmpty() ? Mood.TAKES : moods.remove(0);
    if (mood == Mood.IS_DOWN) {
      answer(
          exchange,
          503,
          "{\"code\":\"LOG_UNAVAILABLE\",\"kind\":\"EXTERNAL\",\"message\":\"down\",\"id\":null}");
      return;
    }
    List<PutAnswer.Result> results = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      boolean half = mood == Mood.TAKES_HALF && i % 2 == 1;
      boolean refused = mood == Mood.REFUSES_ONE && i == 3;
      if (!half && !refused) {
        taken.add(lines.get(i));
      }
      results.add(
          half || refused
              ? new PutAnswer.Result(null, null, half ? "slow" : "too large", half)
              : new PutAnswer.Result(0L, (long) i, null, false));
    }
    long failed = results.stream().filter(r -> r.error() != null).count();
    if (mood == Mood.LOSES_THE_ANSWER) {
      exchange.sendResponseHeaders(200, 1_000_000); // and nothing follows
      exchange.close();
      return;
    }
    answer(exchange, 200, Json.write(new PutAnswer(lines.size() - failed, failed, results)));
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
