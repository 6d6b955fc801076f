package tarn.server;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** Whether the caller of an operation still wants it. Safe for use by several threads. */
public final class Cancellation {
  private final List<Runnable> actions = new ArrayList<>();
  private @Nullable String reason;

  /** Takes back an action that was to be done on cancellation. */
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /** Whether it has been cancelled. */
  public synchronized boolean isCancelled() {
    return reason != null;
  }

  /** Throws {@code CANCELLED} if it has been cancelled. */
  public synchronized void check() {
    if (reason != null) {
      throw new TarnException(ErrorCode.CANCELLED, "cancelled: " + reason);
    }
  }

  /**
   * Does something when it is cancelled (kills a worker), at once if it has been already. The
   * action runs in the thread that cancels; it must be quick and must not throw. Close the
   * registration when the thing is no longer there to be stopped.
   */
  public Registration onCancel(Runnable action) {
    synchronized (this) {
      if (reason == null) {
        actions.add(action);
        return () -> remove(action);
      }
    }
    action.run();
    return () -> {};
  }

  /** Cancels; the first reason is kept. */
  public void cancel(String why) {
    List<Runnable> toRun;
    synchronized (this) {
      if (reason != null) {
        return;
      }
      reason = why;
      toRun = List.copyOf(actions);
      actions.clear();
    }
    toRun.forEach(Runnable::run);
  }

  private synchronized void remove(Runnable action) {
    actions.remove(action);
  }
}
