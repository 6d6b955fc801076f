package tarn.server;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.observe.Progress;

/**
 * Lets whole-lake work take turns: maintenance, which takes files away, and backup and
 * verification, which read all of them. Loads, models and queries wait for nobody.
 */
final class Turns {
  private static final long ASKED_MILLIS = 200;

  private final Semaphore turn = new Semaphore(1, true);

  /** The right to go on; closing it gives it back. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits until nobody else has the turn; the progress may end the wait with {@code CANCELLED}. */
  Turn take(String what, Progress progress) {
    try {
      while (!turn.tryAcquire(ASKED_MILLIS, TimeUnit.MILLISECONDS)) {
        progress.report("wait", what + " waits for another of its kind", 0, -1, "files");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "interrupted while waiting for a turn", e);
    }
    return turn::release;
  }
}
