package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.api.PipelineRun;
import tarn.api.PipelineRunsAnswer;

/** A server that is killed, as by {@code kill -9}, while it runs a pipeline. */
class KilledPipelineTest {
  @TempDir private Path folder;
  private @Nullable KillableServer last;

  @AfterEach
  void endTheServer() {
    if (last != null) {
      last.close();
    }
  }

  @Test
  void theNextServerGoesOnWithTheRunAndEndsWhatItLeftBehind() throws Exception {
    Files.writeString(folder.resolve("lake.yaml"), "name: killed\n");
    Files.createDirectories(folder.resolve("pipelines"));
    Files.writeString(
        folder.resolve("pipelines/load.yaml"),
        """
        type: custom
        command: [sh, -c, 'echo $$ >> pids.txt; test -e go.txt || exec sleep 1000']
        """);
    Files.writeString(
        folder.resolve("pipelines/then.yaml"),
        "type: custom\ncommand: [sh, -c, 'echo once >> then.txt']\nafter: load\n");
    KillableServer server = start();
    PipelineRun asked = run(server.post("pipelines/load/runs", ""));
    Path pids = folder.resolve("pids.txt");
    while (!Files.exists(pids) || !Files.readString(pids).endsWith("\n")) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    Path number = folder.resolve(".datalake/pipelines/" + asked.run() + ".process");
    while (!Files.exists(number) || Files.size(number) == 0) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    ProcessHandle left =
        ProcessHandle.of(Long.parseLong(Files.readString(pids).strip())).orElseThrow();
    server.kill();
    assertThat(left.isAlive()).as("a command outlives its server").isTrue();
    Files.writeString(folder.resolve("go.txt"), "");
    server = start();
    PipelineRun ended = awaitEnd(server, asked.run());
    assertThat(ended.state()).as(ended.problem()).isEqualTo("succeeded");
    assertThat(ended.attempt()).isEqualTo(2);
    assertThat(left.isAlive()).isFalse();
    assertThat(Files.readAllLines(pids)).hasSize(2);
    while (runs(server, "then").stream().noneMatch(PipelineRun::isOver)) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    server.kill();
    server = start();
    assertThat(runs(server, "then")).hasSize(1);
    assertThat(folder.resolve("then.txt")).hasContent("once");
  }

  private PipelineRun awaitEnd(KillableServer server, String id)
      throws IOException, InterruptedException {
    while (true) {
      PipelineRun run = run(server.get("pipelines/load/runs/" + id));
      if (run.isOver()) {
        return run;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private List<PipelineRun> runs(KillableServer server, String pipeline)
      throws IOException, InterruptedException {
    Fields answer = Json.readObject(server.get("pipelines/" + pipeline + "/runs"));
    return PipelineRunsAnswer.from(answer).runs();
  }

  private KillableServer start() throws IOException, InterruptedException {
    KillableServer started = KillableServer.start(folder);
    last = started;
    return started;
  }

  private static PipelineRun run(String answer) {
    return PipelineRun.from(Json.readObject(answer));
  }
}
