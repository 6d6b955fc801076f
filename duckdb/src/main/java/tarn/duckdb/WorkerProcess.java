package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.duckdb.worker.Frames;
import tarn.duckdb.worker.Frames.Frame;
import tarn.duckdb.worker.WorkerMain;

/** A child process with a DuckDB in it. One caller at a time. Killing it is the cancel. */
final class WorkerProcess {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
  private static final Frame ENDED = new Frame((byte) 0, new byte[0]);
  private static final Duration START = Duration.ofSeconds(60);

  /** A JVM's exit code after -XX:+ExitOnOutOfMemoryError. */
  private static final int OUT_OF_MEMORY = 3;

  private final Process process;
  private final DataOutputStream out;
  private final BlockingQueue<Frame> answers = new LinkedBlockingQueue<>(64);
  private volatile boolean killed;

  private final Path workDirectory;

  private WorkerProcess(Process process, Path workDirectory) {
    this.process = process;
    this.workDirectory = workDirectory;
    this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    daemon("answers of worker " + process.pid(), this::readAnswers);
    daemon("log of worker " + process.pid(), this::readLog);
  }

  static WorkerProcess start(String classPath, Path workDirectory, String memory, int threads) {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx384m",
            "-Xss64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:ErrorFile=" + workDirectory.resolve("crash-%p.log"),
            "-Djava.io.tmpdir=" + workDirectory,
            "-cp",
            classPath,
            WorkerMain.class.getName(),
            memory,
            Integer.toString(threads));
    ProcessBuilder builder = new ProcessBuilder(command).directory(workDirectory.toFile());
    builder.environment().clear();
    try {
      return new WorkerProcess(builder.start(), workDirectory);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.ENGINE_CRASHED, "cannot start an engine process: " + e.getMessage(), e);
    }
  }

  /** Waits until it has loaded DuckDB. */
  void awaitReady() {
    checked(awaitAnswer(System.nanoTime() + START.toNanos()));
  }

  boolean alive() {
    return process.isAlive() && !killed;
  }

  long pid() {
    return process.pid();
  }

  void kill() {
    killed = true;
    process.destroyForcibly();
  }

  /** Sends a request and returns its answer. Rows that come before it go to the sink. */
  JsonNode call(ObjectNode request, long deadline, @Nullable Rows sink) {
    try {
      Frames.write(out, Frames.JSON, Frames.MAPPER.writeValueAsBytes(request));
    } catch (IOException e) {
      throw crashed();
    }
    int count = 0;
    while (true) {
      Frame frame = await(deadline);
      if (frame.kind() == Frames.ROWS) {
        if (sink != null) {
          sink.rows(frame.bytes(), count);
        }
        continue;
      }
      JsonNode message = json(frame);
      if (message.has("ok")) {
        return checked(message);
      } else if (message.has("columns") && sink != null) {
        sink.columns(message.path("columns"));
      }
      count = message.path("count").asInt();
    }
  }

  /** Takes a streamed result. */
  interface Rows {
    void columns(JsonNode columns);

    void rows(byte[] rows, int count);
  }

  private JsonNode awaitAnswer(long deadline) {
    return json(await(deadline));
  }

  private Frame await(long deadline) {
    try {
      Frame frame = answers.poll(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (frame == null) {
        kill();
        throw new TarnException(
            ErrorCode.TIMEOUT, "the work took longer than its time limit and was stopped");
      }
      if (frame == ENDED) {
        throw crashed();
      }
      return frame;
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "the work was cancelled", e);
    }
  }

  private TarnException crashed() {
    boolean wanted = killed;
    boolean memory = !wanted && exitCode() == OUT_OF_MEMORY;
    kill();
    if (wanted) {
      return new TarnException(ErrorCode.CANCELLED, "the work was cancelled");
    } else if (memory) {
      return new TarnException(
          ErrorCode.OUT_OF_MEMORY,
          "one row or value is too large for the engine's process: ask for fewer columns or parts of them");
    }
    return new TarnException(
        ErrorCode.ENGINE_CRASHED,
        "the engine's process died while it worked on this; nothing else is affected");
  }

  private int exitCode() {
    try {
      return process.waitFor(1, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  private static JsonNode json(Frame frame) {
    try {
      return frame.json();
    } catch (IOException e) {
      throw new UncheckedIOException("a worker's answer is not JSON", e);
    }
  }

  private JsonNode checked(JsonNode answer) {
    if (answer.path("ok").asBoolean()) {
      return answer;
    }
    ErrorCode code = ErrorCode.valueOf(answer.path("code").asText("INTERNAL"));
    if (code == ErrorCode.ENGINE_CRASHED) {
      kill();
    }
    String message = answer.path("message").asText();
    throw new TarnException(
        code,
        code == ErrorCode.DISK_FULL
            ? EngineMessages.diskFull(message, workDirectory)
            : EngineMessages.readable(message));
  }

  private void readAnswers() {
    try (InputStream stream = process.getInputStream();
        DataInputStream in = new DataInputStream(new BufferedInputStream(stream, 1 << 16))) {
      for (Frame frame = Frames.read(in); frame != null; frame = Frames.read(in)) {
        answers.put(frame);
      }
    } catch (IOException e) {
      LOG.debug("worker {} ended: {}", process.pid(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end();
  }

  /** Callers that wait, and any that come later, learn that there will be no answer. */
  private void end() {
    while (!answers.offer(ENDED)) {
      answers.poll();
    }
  }

  private void readLog() {
    try (var lines = process.errorReader(java.nio.charset.StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        LOG.debug("worker {}: {}", process.pid(), line);
      }
    } catch (IOException e) {
      LOG.debug("worker {}: log ended: {}", process.pid(), e.toString());
    }
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
