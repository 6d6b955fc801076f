package tarn.server.shop;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Several sessions that do the transactions of {@link OrderEntry}, in turn, at a rate. */
public final class OrderLoad {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final List<String> ANOTHER_WAS_FASTER = List.of("40001", "40P01");

  private final Plan plan;
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong conflicts = new AtomicLong();
  private final Map<String, Long> committed = new TreeMap<>();
  private long rolledBack;
  private long began = System.nanoTime();

  /**
   * What is to be done.
   *
   * @param count so many transactions at most
   * @param seconds for so long at most; 0 for as long as it takes
   * @param rate so many a second, 0 for as many as go
   * @param sessions that are at it together; with one, the same seed makes the same database, but
   *     for times
   */
  public record Plan(long seed, long count, long seconds, long rate, int sessions) {}

  /**
   * What was done.
   *
   * @param committed how many of each kind, {@code new_order}
   * @param conflicts transactions that were tried again because another was in their way
   */
  public record Done(Map<String, Long> committed, long rolledBack, long conflicts, long millis) {
    long transactions() {
      return committed.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** Opens connections to the shop. */
  public interface Opener {
    Connection open() throws SQLException;
  }

  private OrderLoad(Plan plan) {
    this.plan = plan;
  }

  /**
   * Returns when all is done.
   *
   * @param progress told how many transactions have begun
   */
  public static Done run(Plan plan, Opener opener, LongConsumer progress)
      throws SQLException, InterruptedException {
    return new OrderLoad(plan).run(opener, progress);
  }

  private Done run(Opener opener, LongConsumer progress) throws SQLException, InterruptedException {
    List<Session> sessions = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(plan.sessions());
    try {
      for (int i = 0; i < plan.sessions(); i++) {
        sessions.add(new Session(opener.open()));
      }
      ShopSchema.Size size = ShopSchema.size(sessions.get(0));
      began = System.nanoTime();
      List<Future<?>> working = new ArrayList<>();
      for (Session session : sessions) {
        OrderEntry entry = new OrderEntry(session, size, plan.seed());
        working.add(
            threads.submit(
                () -> {
                  work(entry, progress);
                  return null;
                }));
      }
      await(working);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
      return new Done(committed, rolledBack, conflicts.get(), millis);
    } finally {
      threads.shutdownNow();
      for (Session session : sessions) {
        session.close();
      }
    }
  }

  private void await(List<Future<?>> working) throws SQLException, InterruptedException {
    for (Future<?> one : working) {
      try {
        one.get();
      } catch (ExecutionException e) {
        next.set(plan.count()); // the others end too
        if (e.getCause() instanceof SQLException failed) {
          throw failed;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  private void work(OrderEntry entry, LongConsumer progress)
      throws SQLException, InterruptedException {
    for (long number = next.getAndIncrement();
        number < plan.count() && inTime(number);
        number = next.getAndIncrement()) {
      count(done(entry, number));
      progress.accept(number + 1);
    }
  }

  /** Waits for a transaction's turn; false if that never comes. */
  private boolean inTime(long number) throws InterruptedException {
    long end = plan.seconds() == 0 ? Long.MAX_VALUE : plan.seconds() * SECOND;
    long due =
        plan.rate() == 0
            ? 0
            : number / plan.rate() * SECOND + number % plan.rate() * SECOND / plan.rate();
    if (due >= end) {
      return false;
    }
    TimeUnit.NANOSECONDS.sleep(Math.max(0, due - (System.nanoTime() - began)));
    return System.nanoTime() - began < end;
  }

  private OrderEntry.Outcome done(OrderEntry entry, long number) throws SQLException {
    while (true) {
      try {
        return entry.transaction(number);
      } catch (SQLException e) {
        if (!ANOTHER_WAS_FASTER.contains(String.valueOf(e.getSQLState()))) {
          throw e;
        }
        conflicts.incrementAndGet();
      }
    }
  }

  private synchronized void count(OrderEntry.Outcome outcome) {
    if (outcome.committed()) {
      committed.merge(outcome.kind().word(), 1L, Long::sum);
    } else {
      rolledBack++;
    }
  }
}
