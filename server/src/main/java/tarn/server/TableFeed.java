package tarn.server;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.TableRun;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;

/**
 * Loads the clean tables that are made of streams, soon after events were delivered: a thread that
 * loads what is due, and then pauses for as long as that took, from 0 to 60 seconds. So tables are
 * fresh while loading is quick, and loading takes at most half of the time; when deliveries have
 * ended, what they left is loaded without waiting longer. After a failure it is tried again in 10
 * seconds, and then less and less often, at least once a minute.
 */
final class TableFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TableFeed.class);
  private static final long LONGEST_PAUSE_MILLIS = 60_000;
  private static final long FIRST_AFTER_FAILURE_MILLIS = 5_000;
  private static final long QUIET_MILLIS = 3_000;
  private static final long LOOK_MILLIS = 500;
  private static final long JOIN_MILLIS = 20_000;

  private final Function<Set<SourceName>, List<TableRun>> load;
  private final Set<SourceName> due = new HashSet<>();
  private final Map<SourceName, String> problems = new HashMap<>();
  private @Nullable Thread thread;
  private boolean closed;
  private long lastDelivery = System.nanoTime();

  /**
   * A feed, which begins with the first delivery.
   *
   * @param load loads the tables of some streams
   */
  TableFeed(Function<Set<SourceName>, List<TableRun>> load) {
    this.load = load;
  }

  /** Events of a stream are in the ledger. */
  synchronized void delivered(SourceName stream) {
    lastDelivery = System.nanoTime();
    due.add(stream);
    if (thread == null && !closed) {
      thread = new Thread(this::run, "feed of tables");
      thread.setDaemon(true);
      thread.start();
    }
    notifyAll();
  }

  /** What went wrong when a stream's tables were last loaded; empty if nothing did. */
  synchronized String problem(SourceName stream) {
    return problems.getOrDefault(stream, "");
  }

  private void run() {
    long afterFailure = FIRST_AFTER_FAILURE_MILLIS;
    try {
      for (Set<SourceName> some = next(); !some.isEmpty(); some = next()) {
        long began = System.nanoTime();
        boolean went = load(some);
        long took = (System.nanoTime() - began) / 1_000_000;
        afterFailure =
            went ? FIRST_AFTER_FAILURE_MILLIS : Math.min(2 * afterFailure, LONGEST_PAUSE_MILLIS);
        pause(went ? Math.min(took, LONGEST_PAUSE_MILLIS) : afterFailure, went);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean load(Set<SourceName> some) {
    String problem = "";
    try {
      for (TableRun run : load.apply(some)) {
        if (run.outcome().equals("failed") || run.outcome().equals("skipped")) {
          problem = run.table() + " is not loaded: " + run.message();
        }
      }
    } catch (TarnException e) {
      problem = e.line();
    } catch (RuntimeException e) {
      LOG.error("tables of {} were not loaded", some, e);
      problem = String.valueOf(e);
    }
    told(some, problem);
    return problem.isEmpty();
  }

  private synchronized void told(Set<SourceName> some, String problem) {
    for (SourceName stream : some) {
      if (!problem.isEmpty() && !problem.equals(problems.put(stream, problem))) {
        LOG.warn("{}: {}", stream, problem);
      } else if (problem.isEmpty()) {
        problems.remove(stream);
      }
    }
    if (!problem.isEmpty()) {
      due.addAll(some);
    }
  }

  /** Streams of which something is due; empty at the end. */
  private synchronized Set<SourceName> next() throws InterruptedException {
    while (due.isEmpty() && !closed) {
      wait();
    }
    Set<SourceName> some = closed ? Set.of() : Set.copyOf(due);
    due.clear();
    return some;
  }

  /**
   * Something is due and nothing was delivered for a while: there is nothing to gather any more.
   */
  private boolean isOver() {
    return !due.isEmpty() && System.nanoTime() - lastDelivery > QUIET_MILLIS * 1_000_000;
  }

  /**
   * @param mayEnd whether it ends when deliveries have
   */
  private synchronized void pause(long millis, boolean mayEnd) throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    for (long left = millis;
        left > 0 && !closed && !(mayEnd && isOver());
        left = (deadline - System.nanoTime()) / 1_000_000) {
      wait(Math.min(left, LOOK_MILLIS));
    }
  }

  /** Lets a load that is running end. */
  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
      notifyAll();
    }
    try {
      if (running != null) {
        running.join(JOIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
