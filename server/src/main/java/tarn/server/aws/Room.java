package tarn.server.aws;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How many bytes of requests and answers may be in memory at once, whoever sent them. */
public final class Room {
  private static final int UNIT = 1 << 10;
  private static final long PATIENCE_MILLIS = 5_000;

  private final Semaphore units;

  /** An empty one, for so many bytes. */
  public Room(int bytes) {
    this.units = new Semaphore(bytes / UNIT, true);
  }

  /** A part of the room, until it is closed. For one thread at a time. */
  public final class Taken implements AutoCloseable {
    private int taken;

    private Taken(int taken) {
      this.taken = taken;
    }

    /** Gives back what is more than so many bytes. */
    void shrink(long bytes) {
      int more = taken - Math.min(taken, units(bytes));
      taken -= more;
      units.release(more);
    }

    @Override
    public void close() {
      units.release(taken);
      taken = 0;
    }
  }

  private static int units(long bytes) {
    return Math.toIntExact(bytes / UNIT + 1);
  }

  /** How many bytes nobody has. */
  long free() {
    return (long) units.availablePermits() * UNIT;
  }

  /** Waits some seconds for room; without any a client is told to come again. */
  public Optional<Taken> take(long bytes) {
    int wanted = units(bytes);
    try {
      if (units.tryAcquire(wanted, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        return Optional.of(new Taken(wanted));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }
}
