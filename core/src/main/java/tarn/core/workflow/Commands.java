package tarn.core.workflow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.PipelineDefinition;

/**
 * Runs programs that definitions name, in the lake folder and without a shell. Each is a process
 * whose number is written into a folder, so that one that outlived its server is ended before the
 * run is begun again.
 */
public final class Commands {
  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);
  private static final List<String> PASSED_ON =
      List.of("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "USER");
  private static final int TAIL_BYTES = 16_384;
  private static final long LOOK_MILLIS = 100;
  private static final long PATIENCE_SECONDS = 5;

  private final Path folder;

  /**
   * @param folder where numbers of processes are written; made when it is needed
   */
  public Commands(Path folder) {
    this.folder = folder;
  }

  /** Runs a pipeline's command to its end; {@code DATA_INVALID} if it does not exit with 0. */
  Counts run(Path lake, PipelineDefinition pipeline, Body.Context context) {
    Path number = folder.resolve(context.run().id() + ".process");
    endLeftOver(number);
    Process process = started(lake, pipeline, context);
    try {
      write(number, process);
      Tail tail = new Tail(process.getInputStream(), context);
      tail.start();
      int exit = awaited(process, context);
      tail.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      tail.tell();
      if (exit != 0) {
        throw new TarnException(
            ErrorCode.DATA_INVALID,
            "the command " + pipeline.command().get(0) + " ended with " + exit + tail.lastLine());
      }
      return Counts.NONE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "interrupted while a command ran", e);
    } finally {
      end(process.toHandle());
      remove(number);
    }
  }

  private static Process started(Path lake, PipelineDefinition pipeline, Body.Context context) {
    ProcessBuilder builder =
        new ProcessBuilder(pipeline.command()).directory(lake.toFile()).redirectErrorStream(true);
    Map<String, String> own = Map.copyOf(builder.environment());
    Map<String, String> environment = builder.environment();
    environment.clear();
    PASSED_ON.forEach(name -> pass(name, own, environment));
    pipeline.environment().forEach(name -> pass(name, own, environment));
    environment.put("DATALAKE", lake.toString());
    environment.put("DATALAKE_PIPELINE", pipeline.pipeline());
    environment.put("DATALAKE_RUN", context.run().id());
    environment.put("DATALAKE_ATTEMPT", Integer.toString(context.run().attempt()));
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.DEFINITION_INVALID,
          pipeline.file()
              + ": the command "
              + pipeline.command().get(0)
              + " cannot be started in "
              + lake
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static void pass(String name, Map<String, String> own, Map<String, String> to) {
    String value = own.get(name);
    if (value != null) {
      to.put(name, value);
    }
  }

  private static int awaited(Process process, Body.Context context) throws InterruptedException {
    while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      if (context.cancelled().getAsBoolean()) {
        throw new TarnException(ErrorCode.CANCELLED, "the command was stopped");
      }
    }
    return process.exitValue();
  }

  /** Ends a process with all that it started: first kindly, then not. */
  private static void end(ProcessHandle process) {
    List<ProcessHandle> all =
        java.util.stream.Stream.concat(process.descendants(), java.util.stream.Stream.of(process))
            .filter(ProcessHandle::isAlive)
            .toList();
    all.forEach(ProcessHandle::destroy);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    for (ProcessHandle one : all) {
      try {
        one.onExit().get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        one.destroyForcibly();
        Thread.currentThread().interrupt();
      } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
        one.destroyForcibly();
      }
    }
  }

  private void write(Path number, Process process) {
    try {
      Files.createDirectories(folder);
      Files.writeString(number, process.pid() + " " + startOf(process.toHandle()));
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE, "cannot write " + number + ": " + e.getMessage(), e);
    }
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(java.time.Instant::toEpochMilli).orElse(-1L);
  }

  /** One that an earlier life of the server began and that is still there. */
  private static void endLeftOver(Path number) {
    if (!Files.exists(number)) {
      return;
    }
    try {
      String[] words = Files.readString(number).split(" ");
      ProcessHandle.of(Long.parseLong(words[0]))
          .filter(p -> Long.toString(startOf(p)).equals(words[words.length - 1]))
          .ifPresent(
              left -> {
                LOG.warn("ending the process {} that a server left behind", left.pid());
                end(left);
              });
    } catch (IOException | NumberFormatException e) {
      LOG.warn("{} cannot be read", number, e);
    }
  }

  private static void remove(Path number) {
    try {
      Files.deleteIfExists(number);
    } catch (IOException e) {
      LOG.warn("{} cannot be removed", number, e);
    }
  }

  /** Keeps the last of what a process says. */
  private static final class Tail extends Thread {
    private final InputStream from;
    private final Body.Context context;
    private byte[] kept = {};

    Tail(InputStream from, Body.Context context) {
      super("output of " + context.run().id());
      setDaemon(true);
      this.from = from;
      this.context = context;
    }

    @Override
    public void run() {
      byte[] part = new byte[8_192];
      try (from) {
        for (int n = from.read(part); n >= 0; n = from.read(part)) {
          add(part, n);
          tell();
        }
      } catch (IOException e) {
        LOG.debug("a command's output ended", e);
      }
    }

    private synchronized void add(byte[] part, int length) {
      byte[] all = java.util.Arrays.copyOf(kept, kept.length + length);
      System.arraycopy(part, 0, all, kept.length, length);
      int over = Math.max(0, all.length - TAIL_BYTES);
      kept = java.util.Arrays.copyOfRange(all, over, all.length);
    }

    void tell() {
      context.log().accept(text());
    }

    /** Without zeros, which PostgreSQL does not take. */
    private synchronized String text() {
      return new String(kept, StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    }

    String lastLine() {
      String last = text().strip();
      last = last.substring(last.lastIndexOf('\n') + 1).strip();
      return last.isEmpty() ? "" : ": " + last.substring(0, Math.min(300, last.length()));
    }
  }
}
