package tarn.duckdb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Gives out workers within one budget of memory. One is always kept warm; others are for a while
 * after their work, as starting one takes more than most work does.
 */
final class WorkerPool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
  private static final int MOST_STARTS = 3;
  private static final Duration KEPT = Duration.ofSeconds(30);

  private final EngineSettings settings;
  private final String classPath;
  private final Semaphore running;
  private final AtomicInteger waiting = new AtomicInteger();

  /** The one that was used last is the first. */
  private final Deque<Idle> idle = new ArrayDeque<>();

  private final Set<WorkerProcess> all = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService warmer =
      Executors.newSingleThreadScheduledExecutor(WorkerPool::daemon);
  private volatile boolean closed;

  /**
   * A worker that nobody uses.
   *
   * @param since {@link System#nanoTime}
   */
  private record Idle(WorkerProcess worker, long since) {
    static Idle now(WorkerProcess worker) {
      return new Idle(worker, System.nanoTime());
    }
  }

  WorkerPool(EngineSettings settings) {
    this.settings = settings;
    this.running = new Semaphore(settings.workers(), true);
    emptyDirectory(settings.workDirectory());
    this.classPath = NativeLibrary.classPath(settings.nativeDirectory());
    warmer.execute(this::warm);
    warmer.scheduleWithFixedDelay(
        this::trim, KEPT.toMillis(), KEPT.toMillis() / 3, TimeUnit.MILLISECONDS);
  }

  /** A worker with a fresh, empty database. Closing the session gives it back. */
  WorkerSession open(Duration timeout) {
    return open(timeout, this::openRequest);
  }

  /**
   * A worker with a database that reads no file, for what is only about SQL's text; it is not a
   * fresh one, so nothing may be made in it.
   */
  WorkerSession openTexts(Duration timeout) {
    return open(timeout, work -> WorkerSession.request("texts"));
  }

  private WorkerSession open(Duration timeout, Function<Path, ObjectNode> request) {
    admit();
    boolean opened = false;
    try {
      WorkerSession session = started(() -> openNow(timeout, request));
      opened = true;
      return session;
    } finally {
      if (!opened) {
        running.release();
      }
    }
  }

  /**
   * A process that dies before it has begun to work is replaced: it may have been chosen by an
   * out-of-memory killer.
   */
  private <T> T started(Supplier<T> start) {
    for (int attempt = 1; ; attempt++) {
      try {
        return start.get();
      } catch (TarnException e) {
        if (e.code() != ErrorCode.ENGINE_CRASHED || closed) {
          throw e;
        } else if (attempt == MOST_STARTS) {
          throw new TarnException(
              ErrorCode.ENGINE_CRASHED,
              "an engine process died while it started, "
                  + MOST_STARTS
                  + " times in a row: is the machine short of memory? The last time: "
                  + e.line(),
              e);
        }
      }
    }
  }

  private WorkerSession openNow(Duration timeout, Function<Path, ObjectNode> request) {
    WorkerProcess worker = null;
    Path work = null;
    boolean opened = false;
    try {
      worker = take();
      long deadline = System.nanoTime() + timeout.toNanos();
      work = Files.createTempDirectory(settings.workDirectory(), "work-");
      WorkerProcess taken = worker;
      Path made = work;
      WorkerSession session = new WorkerSession(worker, work, deadline, () -> release(taken, made));
      session.call(request.apply(work));
      opened = true;
      return session;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot make a work directory in " + settings.workDirectory(), e);
    } finally {
      if (!opened) {
        forget(worker, work);
      }
    }
  }

  /** What a session that could not be opened had already. */
  private void forget(
      @org.jspecify.annotations.Nullable WorkerProcess worker,
      @org.jspecify.annotations.Nullable Path work) {
    if (worker != null) {
      worker.kill();
      all.remove(worker);
    }
    if (work != null) {
      deleteTree(work);
    }
  }

  private void admit() {
    if (running.tryAcquire()) {
      return;
    }
    if (waiting.incrementAndGet() > settings.queue()) {
      waiting.decrementAndGet();
      throw new TarnException(
          ErrorCode.BUSY,
          settings.workers()
              + " pieces of work are running and "
              + settings.queue()
              + " are waiting: try again later; more can run at once with a larger engine.workers");
    }
    try {
      if (!running.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TarnException(
            ErrorCode.BUSY,
            "no engine process became free for " + LONGEST_WAIT.toMinutes() + " minutes");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(
          ErrorCode.CANCELLED, "cancelled while waiting for an engine process", e);
    } finally {
      waiting.decrementAndGet();
    }
  }

  private ObjectNode openRequest(Path work) {
    ObjectNode request = WorkerSession.request("open");
    request.put("temp", work.resolve("spill").toString());
    request.put("spill", (settings.spillBytes() / settings.workers() >> 20) + "MiB");
    return request;
  }

  private WorkerProcess take() {
    WorkerProcess ready = poll();
    if (ready != null) {
      return ready;
    }
    return startNow();
  }

  private @org.jspecify.annotations.Nullable WorkerProcess poll() {
    synchronized (idle) {
      for (Idle next = idle.poll(); next != null; next = idle.poll()) {
        if (next.worker().alive()) {
          return next.worker();
        }
        all.remove(next.worker());
      }
    }
    return null;
  }

  private WorkerProcess startNow() {
    WorkerProcess worker =
        WorkerProcess.start(
            classPath,
            settings.workDirectory(),
            (settings.memoryBytes() / settings.workers() >> 20) + "MiB",
            settings.threads());
    all.add(worker);
    if (closed) {
      worker.kill();
    }
    boolean ready = false;
    try {
      worker.awaitReady();
      ready = true;
      return worker;
    } finally {
      if (!ready) {
        forget(worker, null);
      }
    }
  }

  private void release(WorkerProcess worker, Path work) {
    deleteTree(work);
    synchronized (idle) {
      if (worker.alive() && !closed) {
        idle.push(Idle.now(worker));
      } else {
        worker.kill();
        all.remove(worker);
      }
    }
    running.release();
    if (!closed && !worker.alive()) {
      warmer.execute(this::warm);
    }
  }

  /** Ends those that were not used for a while, but for one. */
  private void trim() {
    synchronized (idle) {
      while (idle.size() > 1 && System.nanoTime() - idle.getLast().since() > KEPT.toNanos()) {
        WorkerProcess longest = idle.removeLast().worker();
        longest.kill();
        all.remove(longest);
      }
    }
  }

  /** Starts a spare, unless there is one. */
  private void warm() {
    synchronized (idle) {
      if (closed || !idle.isEmpty()) {
        return;
      }
    }
    try {
      WorkerProcess spare = started(this::startNow);
      synchronized (idle) {
        if (closed || !idle.isEmpty()) {
          spare.kill();
          all.remove(spare);
        } else {
          idle.push(Idle.now(spare));
        }
      }
    } catch (TarnException e) {
      if (!closed) {
        LOG.warn("no spare engine process could be started: {}", e.line());
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    warmer.shutdownNow();
    all.forEach(WorkerProcess::kill);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "engine-warmer");
    thread.setDaemon(true);
    return thread;
  }

  private static void emptyDirectory(Path directory) {
    deleteTree(directory);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the engine's work directory " + directory, e);
    }
  }

  /** What cannot be removed now is removed at the next start. */
  static void deleteTree(Path directory) {
    for (int i = 0; i < 3 && Files.exists(directory); i++) { // its process may be at it, too
      deleteWhatIsThere(directory);
    }
  }

  private static void deleteWhatIsThere(Path directory) {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("cannot remove all of {}: {}", directory, e.toString());
    }
  }
}
