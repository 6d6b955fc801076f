package tarn.core.source;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.change.ChangeSource;
import tarn.core.engine.Engine;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.storage.ObjectStore;

/**
 * Follows one database for as long as it is open: a thread that loads its tables and lands their
 * changes. After a failure it begins again from what the ledger says.
 */
public final class Follower implements AutoCloseable {
  /** The partition of a source in which its changes land. */
  public static final String CHANGES = Following.PARTITION;

  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 15_000;
  private static final long LOOK_MILLIS = 100;
  private static final long JOIN_MILLIS = 30_000;

  private final SourceName source;
  private final Supplier<ChangeSource> opener;
  private final Ledger ledger;
  private final ObjectStore objects;
  private final Engine engine;
  private final Clock clock;
  private final CopyName names;
  private final Overflows overflows;
  private final Following.Pace pace;
  private final Runnable landed;
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable Following following;
  private volatile State state = new State(Condition.STARTING, "", Instant.EPOCH, List.of());

  private Follower(
      SourceName source,
      Supplier<ChangeSource> opener,
      Parts parts,
      CopyName names,
      Overflows overflows,
      Following.Pace pace,
      Runnable landed) {
    this.source = source;
    this.opener = opener;
    this.ledger = parts.ledger();
    this.objects = parts.objects();
    this.engine = parts.engine();
    this.clock = parts.clock();
    this.names = names;
    this.overflows = overflows;
    this.pace = pace;
    this.landed = landed;
    this.thread = new Thread(this::run, "following of " + source);
    this.thread.setDaemon(true);
  }

  /** What it works with. */
  public record Parts(Ledger ledger, ObjectStore objects, Engine engine, Clock clock) {}

  /** How it is with a follower. */
  public enum Condition {
    STARTING,
    /** Tables are being loaded. */
    LOADING,
    RUNNING,
    /** It failed, and tries again. */
    FAILING,
    /** Another server follows the database. */
    ELSEWHERE,
    /** Changes are lost, or it is another database: it stays so until someone does something. */
    LOST
  }

  /**
   * How it is now.
   *
   * @param problem what went wrong last, in one line; empty if nothing did
   * @param landedAt when something last landed; the epoch if nothing did since the start
   * @param left tables that are not copied, each with its reason
   */
  public record State(Condition condition, String problem, Instant landedAt, List<String> left) {}

  /**
   * Begins to follow.
   *
   * @param opener opens the database, as often as it is needed
   * @param names of the copies
   * @param overflows told of values that the lake's types cannot hold
   * @param freshness how soon after its commit a change should be in the ledger
   * @param timeout of one piece of the engine's work
   * @param landed called, by the follower's thread, whenever something is in the ledger
   */
  public static Follower start(
      SourceName source,
      Supplier<ChangeSource> opener,
      Parts parts,
      CopyName names,
      Overflows overflows,
      Duration freshness,
      Duration timeout,
      Runnable landed) {
    Follower follower =
        new Follower(
            source,
            opener,
            parts,
            names,
            overflows,
            new Following.Pace(freshness, timeout),
            landed);
    follower.thread.start();
    return follower;
  }

  public State state() {
    State now = state;
    Following at = following;
    String loading = at == null ? "" : at.loading();
    return now.condition() == Condition.STARTING && !loading.isEmpty()
        ? new State(Condition.LOADING, "loading " + loading, now.landedAt(), now.left())
        : now;
  }

  /** Stops after the batch that is being landed; what is not landed comes next time. */
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
        follow();
      } catch (TarnException e) {
        failed(e);
      } catch (RuntimeException e) {
        LOG.error("the following of {} has a fault and begins again", source, e);
        state = state(Condition.FAILING, String.valueOf(e));
      } catch (Error e) {
        LOG.error("the following of {} ends: the server must be started again", source, e);
        state = state(Condition.FAILING, "it has ended: " + e);
        throw e;
      }
      boolean wentWell = System.nanoTime() - began > LONGEST_PAUSE_MILLIS * 1_000_000;
      pause = wentWell ? FIRST_PAUSE_MILLIS : Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      sleep(pause);
    }
  }

  private void follow() {
    try (ChangeSource database = opener.get()) {
      Following now =
          new Following(
              source,
              database,
              ledger,
              objects,
              engine,
              clock,
              names,
              overflows,
              pace,
              () -> closed);
      following = now;
      now.follow(this::told);
    } finally {
      following = null;
    }
  }

  private void told(Following.News news) {
    State before = state;
    if (news instanceof Following.News.Left left) {
      state = new State(Condition.STARTING, before.problem(), before.landedAt(), left.tables());
    } else if (news instanceof Following.News.Begun) {
      LOG.info("following {}", source);
      state = state(Condition.RUNNING, "");
      landed.run(); // by this server or one before, which may not have lived to apply it
    } else {
      state = new State(before.condition(), before.problem(), clock.instant(), before.left());
      landed.run();
    }
  }

  private void failed(TarnException e) {
    if (closed) {
      return;
    }
    if (!e.line().equals(state.problem())) {
      LOG.warn("{} is not followed: {}", source, e.line(), e);
    }
    state =
        state(
            switch (e.code()) {
              case FENCED, BUSY -> Condition.ELSEWHERE;
              case SOURCE_LOST -> Condition.LOST;
              default -> Condition.FAILING;
            },
            e.line());
  }

  private State state(Condition condition, String problem) {
    return new State(condition, problem, state.landedAt(), state.left());
  }

  private void sleep(long millis) {
    long deadline = System.nanoTime() + millis * 1_000_000;
    try {
      while (!closed && System.nanoTime() < deadline) {
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      closed = true;
      Thread.currentThread().interrupt();
    }
  }
}
