package tarn.core.database;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** Runs a transaction again while it is certain that nothing was committed, a bounded time. */
final class Attempts {
  static final int MAX = 6;
  private static final int FIRST_WAIT_MILLIS = 5;

  /** A transaction that was rolled back for a reason that may be gone at the next attempt. */
  static final class RolledBack extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient TarnException report;

    RolledBack(TarnException report) {
      super(report);
      this.report = report;
    }
  }

  private Attempts() {}

  static <T> T run(Supplier<T> transaction) {
    for (int attempt = 1; ; attempt++) {
      try {
        return transaction.get();
      } catch (RolledBack e) {
        if (attempt == MAX) {
          throw e.report;
        }
        pause(attempt);
      }
    }
  }

  private static void pause(int attempt) {
    int most = FIRST_WAIT_MILLIS << attempt;
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(FIRST_WAIT_MILLIS, most + 1));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Passes an interruption on: the flag is set again, and the work ends. */
  static TarnException interrupted(Throwable cause) {
    Thread.currentThread().interrupt();
    return new TarnException(
        ErrorCode.CANCELLED,
        "interrupted while using the catalog database; nothing was committed",
        cause);
  }
}
