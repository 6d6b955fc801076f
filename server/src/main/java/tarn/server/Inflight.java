package tarn.server;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The operations that are running: at most so many, and none once the server drains. Safe for use
 * by several threads.
 */
final class Inflight {
  private final int most;
  private final Clock clock;
  private final Set<Operation> running = new LinkedHashSet<>();
  private boolean draining;

  Inflight(int most, Clock clock) {
    this.most = most;
    this.clock = clock;
  }

  /** An operation that runs until it is closed. */
  final class Operation implements AutoCloseable {
    private final String name;
    private final Instant since = clock.instant();
    private final Cancellation cancellation = new Cancellation();

    private Operation(String name) {
      this.name = name;
    }

    Cancellation cancellation() {
      return cancellation;
    }

    @Override
    public void close() {
      end(this);
    }

    private String line() {
      return name + " since " + Duration.between(since, clock.instant()).toSeconds() + " s";
    }
  }

  synchronized Operation begin(String name) {
    return begin(name, ErrorCode.BUSY);
  }

  /**
   * The same.
   *
   * @param full what a client is told when there are too many
   */
  synchronized Operation begin(String name, ErrorCode full) {
    if (draining) {
      throw new TarnException(ErrorCode.BUSY, "the server is stopping; start it again and retry");
    }
    if (running.size() >= most) {
      throw new TarnException(
          full, most + " operations are running already; try again when one has ended");
    }
    Operation operation = new Operation(name);
    running.add(operation);
    return operation;
  }

  synchronized List<String> lines() {
    return running.stream().map(Operation::line).toList();
  }

  /**
   * Lets nothing begin any more and waits until nothing runs; what still runs after the patience is
   * cancelled, and waited for once more.
   *
   * @return whether nothing runs any more
   */
  boolean drain(Duration patience) throws InterruptedException {
    if (waitForAll(patience)) {
      return true;
    }
    stillRunning().forEach(operation -> operation.cancellation.cancel("the server is stopping"));
    return waitForAll(patience);
  }

  private synchronized boolean waitForAll(Duration patience) throws InterruptedException {
    draining = true;
    long deadline = System.nanoTime() + patience.toNanos();
    for (long left = patience.toMillis();
        !running.isEmpty() && left > 0;
        left = (deadline - System.nanoTime()) / 1_000_000) {
      wait(left);
    }
    return running.isEmpty();
  }

  private synchronized List<Operation> stillRunning() {
    return new ArrayList<>(running);
  }

  private synchronized void end(Operation operation) {
    running.remove(operation);
    notifyAll();
  }
}
