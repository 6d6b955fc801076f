package tarn.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * What has to be done for streams again and again beside the writers: a thread that does each chore
 * every two seconds, those that fail too, until it is closed.
 */
final class StreamUpkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamUpkeep.class);
  private static final long PAUSE_MILLIS = 2_000;
  private static final long JOIN_MILLIS = 20_000;

  private final Supplier<List<Chore>> chores;
  private final Map<String, String> told = new HashMap<>();
  private final Thread thread;
  private boolean closed;

  private StreamUpkeep(Supplier<List<Chore>> chores) {
    this.chores = chores;
    this.thread = new Thread(this::run, "upkeep of streams");
    this.thread.setDaemon(true);
  }

  /**
   * Something to do, as far as it is due.
   *
   * @param what for the server's log
   */
  record Chore(String what, Runnable work) {}

  /**
   * Begins.
   *
   * @param chores asked each time
   */
  static StreamUpkeep start(Supplier<List<Chore>> chores) {
    StreamUpkeep upkeep = new StreamUpkeep(chores);
    upkeep.thread.start();
    return upkeep;
  }

  private void run() {
    try {
      while (pause()) {
        for (Chore chore : List.copyOf(asked())) {
          work(chore);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Chore> asked() {
    try {
      return new ArrayList<>(chores.get());
    } catch (TarnException e) {
      LOG.debug("the chores of streams are not known", e);
      return List.of();
    }
  }

  private void work(Chore chore) {
    synchronized (this) {
      if (closed) {
        return;
      }
    }
    try {
      chore.work().run();
      told.remove(chore.what());
    } catch (TarnException e) {
      boolean known = e.line().equals(told.put(chore.what(), e.line()));
      if (!known && e.code() != ErrorCode.CONFLICT && e.code() != ErrorCode.BUSY) {
        LOG.warn("{} is tried again and again: {}", chore.what(), e.line(), e);
      }
    } catch (RuntimeException e) {
      LOG.error("{} has a fault", chore.what(), e);
    } catch (Error e) {
      LOG.error("{} ends all upkeep of streams: start the server again", chore.what(), e);
      throw e;
    }
  }

  /** Whether there is more to do. */
  private synchronized boolean pause() throws InterruptedException {
    long deadline = System.nanoTime() + PAUSE_MILLIS * 1_000_000;
    for (long left = PAUSE_MILLIS;
        left > 0 && !closed;
        left = (deadline - System.nanoTime()) / 1_000_000) {
      wait(left);
    }
    return !closed;
  }

  /** Lets the chore that is running end. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join(JOIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
