package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import tarn.api.Json;
import tarn.api.ServerFile;

/** The server in a process of its own, which dies as by {@code kill -9} when it is told to. */
final class KillableServer implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Process process;
  private final ServerFile file;

  private KillableServer(Process process, ServerFile file) {
    this.process = process;
    this.file = file;
  }

  /** Something that is asked of a server. */
  @FunctionalInterface
  interface Asked {
    void run() throws IOException, InterruptedException;
  }

  /** When a process dies. */
  @FunctionalInterface
  interface Moment {
    /** Returns when it is time; soon after its work is over in any case. */
    void await(BooleanSupplier over) throws InterruptedException;

    /** So many microseconds later. */
    static Moment in(long micros) {
      return over -> TimeUnit.MICROSECONDS.sleep(micros);
    }

    /** So many microseconds after something has come true. */
    static Moment when(BooleanSupplier reached, long micros) {
      return over -> {
        while (!over.getAsBoolean() && !reached.getAsBoolean()) {
          TimeUnit.MICROSECONDS.sleep(200);
        }
        TimeUnit.MICROSECONDS.sleep(micros);
      };
    }
  }

  /** Starts the server of a lake folder, and waits until it can be asked. */
  static KillableServer start(Path folder) throws IOException, InterruptedException {
    return start(folder, Map.of());
  }

  /** The same with more variables in its environment. */
  static KillableServer start(Path folder, Map<String, String> variables)
      throws IOException, InterruptedException {
    Path out = folder.resolve("server.out");
    Process process = main(out, variables, folder.toString());
    Path home = folder.resolve(".datalake");
    while (true) {
      Path announcement = home.resolve(ServerFile.NAME);
      if (Files.exists(announcement)) {
        ServerFile file = ServerFile.from(Json.readObject(Files.readString(announcement)));
        if (file.pid() == process.pid()) {
          return new KillableServer(process, file);
        }
      }
      assertThat(process.isAlive()).as(() -> "the server ended: " + read(out)).isTrue();
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** {@code ServerMain} as a process. */
  static Process main(Path out, String... arguments) throws IOException {
    return main(out, Map.of(), arguments);
  }

  private static Process main(Path out, Map<String, String> variables, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ServerMain.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder server =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
    server.environment().putAll(variables);
    return server.start();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Asks something and lets the server die at a moment; whether it died without an answer. */
  boolean killedWhile(Asked asked, Moment moment) throws InterruptedException {
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> end =
        CompletableFuture.runAsync(
            () -> {
              try {
                moment.await(over::get);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              kill();
            });
    boolean cut = false;
    try {
      asked.run();
    } catch (IOException e) {
      cut = true;
    } finally {
      over.set(true);
      end.join();
    }
    return cut;
  }

  void kill() {
    kill(process);
  }

  /** Ends a process without a word, and waits until it is gone. */
  static void kill(Process process) {
    boolean asked = process.toHandle().destroyForcibly();
    assertThat(asked || !process.isAlive()).isTrue();
    process.onExit().join();
  }

  /** The most memory that the process had at once. */
  long peakKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmHWM"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .sum();
  }

  /** What the process and those below it, as far as they live, have taken of processors. */
  Duration cpu() {
    return Stream.concat(Stream.of(process.toHandle()), process.toHandle().descendants())
        .map(each -> each.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void upload(String source, String path, BodyPublisher body)
      throws IOException, InterruptedException {
    String to =
        "/v1/sources/" + source + "/files?path=" + URLEncoder.encode(path, StandardCharsets.UTF_8);
    send(request(to).POST(body));
  }

  /** The answer of a request, or of a stream its last line included; an error fails the test. */
  String post(String what, String body) throws IOException, InterruptedException {
    String answer =
        send(
            request("/v1/" + what)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    assertThat(answer).as(what).doesNotContain("\"event\":\"error\"");
    return answer;
  }

  /** The answer's status and text, whatever they are. */
  HttpResponse<String> ask(String what, String body) throws IOException, InterruptedException {
    return HTTP.send(
        request("/v1/" + what).POST(BodyPublishers.ofString(body)).build(),
        BodyHandlers.ofString());
  }

  /** Processes below this one whose command line has a text. */
  List<ProcessHandle> children(String text) {
    return process
        .toHandle()
        .descendants()
        .filter(
            child -> {
              try {
                return Files.readString(
                        Path.of("/proc", Long.toString(child.pid()), "cmdline"),
                        StandardCharsets.ISO_8859_1)
                    .contains(text);
              } catch (IOException e) {
                return false; // it is gone
              }
            })
        .toList();
  }

  String get(String what) throws IOException, InterruptedException {
    return send(request("/v1/" + what).GET());
  }

  private static String send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> answer = HTTP.send(request.build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + file.port() + path))
        .timeout(Duration.ofMinutes(2))
        .header("Authorization", "Bearer " + file.token());
  }

  @Override
  public void close() {
    kill();
  }
}
