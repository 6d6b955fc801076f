package tarn.server.aws;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How many bytes of bodies may be in memory at once, whoever sends them. */
final class Room {
  private static final int UNIT = 1 << 10;
  private static final long PATIENCE_MILLIS = 5_000;

  private final Semaphore units;

  Room(int bytes) {
    this.units = new Semaphore(bytes / UNIT, true);
  }

  /** A part of the room, until it is closed. */
  final class Taken implements AutoCloseable {
    private final int taken;

    private Taken(int taken) {
      this.taken = taken;
    }

    @Override
    public void close() {
      units.release(taken);
    }
  }

  /** Waits some seconds for room; then a client is told to come again. */
  Taken take(long bytes) {
    int wanted = Math.toIntExact(bytes / UNIT + 1);
    try {
      if (units.tryAcquire(wanted, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        return new Taken(wanted);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new AwsException("ThrottlingException", "Rate exceeded");
  }
}
