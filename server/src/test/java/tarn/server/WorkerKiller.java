package tarn.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import tarn.duckdb.worker.WorkerMain;

/** Kills an engine process of this JVM's lakes now and then, as an out-of-memory killer would. */
final class WorkerKiller implements AutoCloseable {
  private final Random random;
  private final int meanMillis;
  private final int most;
  private final AtomicInteger killed = new AtomicInteger();
  private final Thread thread = new Thread(this::run, "worker-killer");

  private WorkerKiller(int meanMillis, long seed, int most) {
    this.meanMillis = meanMillis;
    this.random = new Random(seed);
    this.most = most;
  }

  /** Starts killing: at intervals of up to twice the mean, so many at most. */
  static WorkerKiller every(int meanMillis, long seed, int most) {
    WorkerKiller killer = new WorkerKiller(meanMillis, seed, most);
    killer.thread.setDaemon(true);
    killer.thread.start();
    return killer;
  }

  int killed() {
    return killed.get();
  }

  private void run() {
    try {
      while (killed.get() < most) {
        Thread.sleep(1 + random.nextInt(2 * meanMillis));
        List<ProcessHandle> workers = workers();
        if (!workers.isEmpty() && workers.get(random.nextInt(workers.size())).destroyForcibly()) {
          killed.incrementAndGet();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<ProcessHandle> workers() {
    return ProcessHandle.current().children().filter(WorkerKiller::isWorker).toList();
  }

  /** {@link ProcessHandle.Info} cuts command lines at a page, before the main class. */
  private static boolean isWorker(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"), ISO_8859_1)
          .contains(WorkerMain.class.getName());
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
