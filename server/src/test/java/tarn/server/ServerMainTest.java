package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Failure;
import tarn.api.Json;
import tarn.api.ServerFile;

/** The server as a process: its lock, its file, its end. */
class ServerMainTest {
  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void makeLake() throws IOException {
    Files.writeString(folder.resolve("lake.yaml"), "name: shop\n");
  }

  @AfterEach
  void endProcesses() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aServerAnnouncesItselfToItsOwnerOnlyAndLeavesNothingWhenAskedToStop() throws Exception {
    Process process = start();
    ServerFile file = awaitFile();
    assertThat(file.pid()).isEqualTo(process.pid());
    assertThat(file.token()).hasSizeGreaterThanOrEqualTo(43);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home("server.json"))))
        .isEqualTo("rw-------");
    assertThat(ask(file, "GET", "/v1/status")).isEqualTo(200);
    assertThat(ask(file, "POST", "/v1/shutdown")).isEqualTo(200);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(home("server.json")).doesNotExist();
    assertThat(Files.readString(home("logs/server.log"))).doesNotContain(file.token());
  }

  @Test
  void aSecondServerIsRefusedAndNamesTheFirst() throws Exception {
    Process first = start();
    ServerFile file = awaitFile();
    Process second = start();
    String said = new String(second.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(second.waitFor()).isEqualTo(2);
    Failure failure = Failure.from(Json.readObject(said.strip()));
    assertThat(failure.code()).isEqualTo("LAKE_LOCKED");
    assertThat(failure.message())
        .contains("pid " + first.pid() + ", port " + file.port())
        .contains("datalake down");
    assertThat(awaitFile()).isEqualTo(file);
  }

  @Test
  void sigtermEndsItInOrder() throws Exception {
    Process process = start();
    awaitFile();
    process.destroy();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(home("server.json")).doesNotExist();
    assertThat(Files.readString(home("logs/server.log"))).contains("stopped");
  }

  @Test
  void aKilledServerDoesNotStandInTheWayOfTheNext() throws Exception {
    start();
    ServerFile killed = awaitFile();
    started.get(0).destroyForcibly().waitFor();
    assertThat(home("server.json")).exists();
    Process next = start();
    ServerFile file = awaitFile();
    while (file.equals(killed)) {
      TimeUnit.MILLISECONDS.sleep(20);
      file = awaitFile();
    }
    assertThat(file.pid()).isEqualTo(next.pid());
    assertThat(file.token()).isNotEqualTo(killed.token());
  }

  @Test
  void aHomeThatTheClientDoesNotExpectIsRefused() throws Exception {
    Process process = start("--home", "/elsewhere");
    String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(said).contains("DEFINITION_INVALID").contains("/elsewhere");
  }

  @Test
  void validatingTellsAllThatIsWrong() throws Exception {
    Files.writeString(folder.resolve("lake.yaml"), "name: shop\nprefx: x\ndurabilty: none\n");
    Process process = start("--validate");
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(said).contains("'prefx'").contains("'durabilty'").contains("\"line\":3");
  }

  private Process start(String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                MemoryServerMain.class.getName(),
                folder.toString()));
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).start();
    started.add(process);
    return process;
  }

  private ServerFile awaitFile() throws Exception {
    while (!Files.exists(home("server.json"))) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return ServerFile.from(Json.readObject(Files.readString(home("server.json"))));
  }

  private Path home(String file) {
    return folder.resolve(".datalake").resolve(file);
  }

  private static int ask(ServerFile server, String method, String path) throws IOException {
    HttpURLConnection request =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + server.port() + path).toURL().openConnection();
    request.setRequestMethod(method);
    request.setRequestProperty("Authorization", "Bearer " + server.token());
    return request.getResponseCode();
  }
}
