package tarn.core.stream;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.event.LogRecord;
import tarn.core.ledger.Batch;
import tarn.core.ledger.EventCounts;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.storage.ObjectStore;

/**
 * Delivers one stream for as long as it is open: a thread that reads the log, waits until a batch
 * is as old as the stream's freshness or as large as is good, and lands it. After a failure it
 * begins again from what the ledger says.
 */
public final class Deliverer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Deliverer.class);
  private static final long LARGE_BATCH_BYTES = 32L << 20;
  private static final int LARGE_BATCH_EVENTS = 100_000;
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;
  private static final long LOOK_FOR_OWNER_MILLIS = 1_000;
  private static final long OWNER_SILENT_MILLIS = 15_000;
  private static final Duration FORGET_EVERY = Duration.ofMinutes(1);

  /** By how much the clocks of servers and brokers may differ. */
  private static final Duration CLOCKS_DIFFER = Duration.ofHours(1);

  private static final long JOIN_MILLIS = 20_000;

  private final StreamRules rules;
  private final EventLog log;
  private final Ledger ledger;
  private final ObjectStore objects;
  private final IdIndexes indexes;
  private final Clock clock;
  private final Runnable delivered;
  private final Queue<Redriving> redriving = new ConcurrentLinkedQueue<>();
  private final Thread thread;

  /** What the log lost: told until the server starts again. */
  private String lost = "";

  private long forgotten = System.nanoTime();
  private volatile boolean closed;
  private volatile State state = new State(Condition.STARTING, "", Instant.EPOCH);

  private Deliverer(
      StreamRules rules,
      EventLog log,
      Ledger ledger,
      ObjectStore objects,
      IdIndexes indexes,
      Clock clock,
      Runnable delivered) {
    this.rules = rules;
    this.log = log;
    this.ledger = ledger;
    this.objects = objects;
    this.indexes = indexes;
    this.clock = clock;
    this.delivered = delivered;
    this.thread = new Thread(this::run, "delivery of " + rules.stream());
    this.thread.setDaemon(true);
  }

  /** How it is with a deliverer. */
  public enum Condition {
    STARTING,
    RUNNING,
    /** It failed, and tries again. */
    FAILING,
    /** Another server delivers the stream. */
    ELSEWHERE
  }

  /**
   * How it is now.
   *
   * @param problem what went wrong last, in one line; empty if nothing did
   * @param deliveredAt when a batch was last landed; the epoch if none was since the start
   */
  public record State(Condition condition, String problem, Instant deliveredAt) {}

  /**
   * Begins to deliver.
   *
   * @param delivered called, by the deliverer's thread, after every batch
   */
  public static Deliverer start(
      StreamRules rules,
      EventLog log,
      Ledger ledger,
      ObjectStore objects,
      IdIndexes indexes,
      Clock clock,
      Runnable delivered) {
    Deliverer deliverer = new Deliverer(rules, log, ledger, objects, indexes, clock, delivered);
    deliverer.thread.start();
    return deliverer;
  }

  /**
   * Takes dead letters again, between two batches.
   *
   * @param from letters of batches that landed at this time or later
   * @param to and before this one
   * @return how the stream's counts have changed; it ends with {@code BUSY} if the deliverer is
   *     closed before. Whoever cancels it ends it: what has not begun by then is not done
   */
  public Future<EventCounts> redrive(Instant from, Instant to) {
    Redriving asked = new Redriving(from, to, new CompletableFuture<>());
    redriving.add(asked);
    if (closed) {
      endRedriving();
    }
    return asked.done();
  }

  private record Redriving(Instant from, Instant to, CompletableFuture<EventCounts> done) {}

  private void redrive(Delivery delivery) {
    for (Redriving asked = redriving.poll(); asked != null; asked = redriving.poll()) {
      try {
        asked.done().complete(redrive(delivery, asked));
      } catch (RuntimeException e) {
        asked.done().completeExceptionally(e);
        throw e;
      }
    }
  }

  private EventCounts redrive(Delivery delivery, Redriving asked) {
    EventCounts all = EventCounts.NONE;
    for (Batch batch :
        new DeadLetters(ledger, objects).batches(rules.stream(), asked.from(), asked.to())) {
      for (RawFile dead : ledger.files(batch.seq(), RawFile.Role.DEAD)) {
        if (asked.done().isCancelled()) {
          return all;
        }
        EventCounts changed = delivery.redrive(batch.seq(), dead);
        if (changed.stored() > 0) {
          delivered.run();
        }
        all = all.plus(changed);
      }
    }
    return all;
  }

  private void endRedriving() {
    for (Redriving asked = redriving.poll(); asked != null; asked = redriving.poll()) {
      asked
          .done()
          .completeExceptionally(
              new TarnException(
                  ErrorCode.BUSY, rules.stream() + " is not delivered here now; try again"));
    }
  }

  public StreamRules rules() {
    return rules;
  }

  public State state() {
    return state;
  }

  /** Stops after the batch that is being landed; what is not landed is delivered next time. */
  @Override
  public void close() {
    closed = true;
    try {
      thread.join(JOIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long pause = FIRST_PAUSE_MILLIS;
    while (!closed) {
      long began = System.nanoTime();
      try {
        deliver();
      } catch (TarnException e) {
        failed(e);
        if (e.code() == ErrorCode.FENCED) {
          awaitNoOwner();
        }
      } catch (RuntimeException e) {
        LOG.error("the delivery of {} has a fault and begins again", rules.stream(), e);
        state = new State(Condition.FAILING, String.valueOf(e), state.deliveredAt());
      } catch (Error e) {
        LOG.error("the delivery of {} ends: the server must be started again", rules.stream(), e);
        state = new State(Condition.FAILING, "it has ended: " + e, state.deliveredAt());
        throw e;
      }
      boolean wentWell = System.nanoTime() - began > LONGEST_PAUSE_MILLIS * 1_000_000;
      pause = wentWell ? FIRST_PAUSE_MILLIS : Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      sleep(pause);
    }
    endRedriving();
  }

  private void failed(TarnException e) {
    if (closed) {
      return;
    }
    LOG.warn("the delivery of {} begins again: {}", rules.stream(), e.line(), e);
    state =
        new State(
            e.code() == ErrorCode.FENCED ? Condition.ELSEWHERE : Condition.FAILING,
            e.line(),
            state.deliveredAt());
    if (e.code() == ErrorCode.FILE_DAMAGED) {
      indexes.discard(rules.stream());
    }
  }

  private void deliver() {
    try (IdIndex index = indexes.open(rules.stream())) {
      Delivery delivery = new Delivery(rules, ledger, objects, index, clock);
      try (EventLog.Tail tail = log.tail(rules.stream(), delivery.begin())) {
        state = new State(Condition.RUNNING, state.problem(), state.deliveredAt());
        while (!closed) {
          redrive(delivery);
          List<LogRecord> records = collect(tail);
          if (!records.isEmpty()) {
            delivery.deliver(records);
            state = new State(Condition.RUNNING, lost, clock.instant());
            delivered.run();
            forget(index);
          }
        }
      }
    }
  }

  /** Once a minute, if nothing waits: what comes from now on arrives from now on. */
  private void forget(IdIndex index) {
    if (Duration.ofNanos(System.nanoTime() - forgotten).compareTo(FORGET_EVERY) > 0
        && StreamLag.of(rules.stream(), log, ledger) == 0) {
      forgotten = System.nanoTime();
      index.forget(clock.instant().minus(rules.window()).minus(CLOCKS_DIFFER));
    }
  }

  /** A batch; empty if nothing came for a while. */
  private List<LogRecord> collect(EventLog.Tail tail) {
    List<LogRecord> records = new ArrayList<>();
    long bytes = 0;
    long since = 0;
    while (!closed) {
      Duration left =
          records.isEmpty() ? LOOK : rules.freshness().minusNanos(System.nanoTime() - since);
      if (left.isNegative() || left.isZero()) {
        return records;
      }
      List<LogRecord> some = poll(tail, left.compareTo(LOOK) < 0 ? left : LOOK, records);
      if (records.isEmpty() && some.isEmpty()) {
        return records;
      }
      if (records.isEmpty()) {
        since = System.nanoTime();
      }
      for (LogRecord record : some) {
        bytes += record.bytes().length;
      }
      records.addAll(some);
      if (bytes >= LARGE_BATCH_BYTES || records.size() >= LARGE_BATCH_EVENTS) {
        return records;
      }
    }
    return List.of();
  }

  /** Records that the log lost are told, and the others are delivered. */
  private List<LogRecord> poll(EventLog.Tail tail, Duration patience, List<LogRecord> before) {
    try {
      return tail.poll(patience);
    } catch (TarnException e) {
      if (e.code() != ErrorCode.EVENTS_LOST) {
        throw e;
      }
      LOG.error("events of {} are lost: {}", rules.stream(), e.line());
      lost = e.line();
      state = new State(Condition.RUNNING, lost, state.deliveredAt());
      return before.isEmpty() ? List.of() : tail.poll(Duration.ZERO);
    }
  }

  /** Returns when events have waited for a while and nobody delivered any. */
  private void awaitNoOwner() {
    String before = "";
    long waited = 0;
    while (!closed && waited < OWNER_SILENT_MILLIS) {
      sleep(LOOK_FOR_OWNER_MILLIS);
      try {
        String now = ledger.offset(rules.stream(), Delivery.PARTITION).value();
        boolean silent = now.equals(before) && StreamLag.of(rules.stream(), log, ledger) > 0;
        waited = silent ? waited + LOOK_FOR_OWNER_MILLIS : 0;
        before = now;
      } catch (TarnException e) {
        LOG.debug("looking for the owner of {}", rules.stream(), e);
      }
    }
  }

  private void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      closed = true;
      Thread.currentThread().interrupt();
    }
  }
}
