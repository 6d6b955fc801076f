package tarn.core.backup;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** Does the same to many things, a few at once: most of the time is spent waiting for disks. */
final class InParallel {
  private static final int AT_ONCE = 4;

  private InParallel() {}

  /** Returns or throws when nothing of it runs any more; the first failure ends it. */
  static <T> void each(List<T> items, Consumer<T> work) {
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    AtomicInteger next = new AtomicInteger();
    AtomicBoolean failed = new AtomicBoolean();
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        running.add(threads.submit(() -> some(items, work, next, failed)));
      }
      for (Future<?> one : running) {
        await(one);
      }
    } finally {
      failed.set(true);
      end(threads);
    }
  }

  private static <T> void some(
      List<T> items, Consumer<T> work, AtomicInteger next, AtomicBoolean failed) {
    try {
      for (int i = next.getAndIncrement();
          i < items.size() && !failed.get();
          i = next.getAndIncrement()) {
        work.accept(items.get(i));
      }
    } catch (Throwable e) {
      failed.set(true);
      throw e;
    }
  }

  private static void await(Future<?> one) {
    try {
      one.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof RuntimeException failure) {
        throw failure;
      } else if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(cause);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void end(ExecutorService threads) {
    threads.shutdownNow();
    boolean interrupted = false;
    while (true) {
      try {
        if (threads.awaitTermination(1, TimeUnit.SECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static TarnException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new TarnException(ErrorCode.CANCELLED, "interrupted while copying", e);
  }
}
