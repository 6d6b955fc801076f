package tarn.core.source;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.change.ChangeSource;
import tarn.core.engine.Engine;
import tarn.core.errors.ErrorCode;
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
  private final Parts parts;
  private final CopyName names;
  private final Manner manner;
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
      Manner manner,
      Runnable landed) {
    this.source = source;
    this.opener = opener;
    this.parts = parts;
    this.names = names;
    this.manner = manner;
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
    /** Nobody follows it until a pipeline of it runs. */
    BY_PIPELINE,
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
  public record State(Condition condition, String problem, Instant landedAt, List<String> left) {
    /** Of a database that only pipelines follow. */
    public static final State IDLE = new State(Condition.BY_PIPELINE, "", Instant.EPOCH, List.of());
  }

  /**
   * Begins to follow.
   *
   * @param opener opens the database, as often as it is needed
   * @param names of the copies
   * @param landed called, also by threads of it, whenever something is in the ledger
   */
  public static Follower start(
      SourceName source,
      Supplier<ChangeSource> opener,
      Parts parts,
      CopyName names,
      Manner manner,
      Runnable landed) {
    Follower follower = new Follower(source, opener, parts, names, manner, landed);
    follower.thread.start();
    return follower;
  }

  /**
   * Follows in the caller's thread until a goal is reached. After a failure what landed is in the
   * ledger, and another run goes on from there.
   *
   * @param landed called, also by threads of it, whenever something is in the ledger
   * @return how many rows of tables were loaded
   */
  public static long run(
      SourceName source,
      Supplier<ChangeSource> opener,
      Parts parts,
      CopyName names,
      Manner manner,
      Goal goal,
      Runnable landed,
      BooleanSupplier cancelled) {
    long loaded = 0;
    while (!cancelled.getAsBoolean()) {
      try (ChangeSource database = opener.get()) {
        Following following = new Following(source, database, parts, names, manner, cancelled);
        boolean reached =
            following.follow(
                goal,
                news -> {
                  if (news instanceof Following.News.Landed) {
                    landed.run();
                  }
                });
        loaded += following.loadedRows();
        if (reached) {
          return loaded;
        }
      }
    }
    throw new TarnException(ErrorCode.CANCELLED, "the following of " + source + " was cancelled");
  }

  /**
   * Lets tables be loaded anew, whoever follows them; their copies stay until then.
   *
   * @param tables full names; empty for all, and for what keeps the changes: if changes were lost,
   *     or the database is another one, this begins anew
   * @return the full names of those that will be
   * @throws TarnException {@code NOT_FOUND} if there is no load of one of them
   */
  public static List<String> reload(Parts parts, SourceName source, List<String> tables) {
    List<String> known = loads(parts, source).stream().map(Loaded::table).toList();
    for (String table : tables) {
      if (!known.contains(table)) {
        throw new TarnException(
            ErrorCode.NOT_FOUND,
            source + " has no load of '" + table + "'; it has: " + String.join(", ", known));
      }
    }
    if (tables.isEmpty()) {
      Following.beginAnew(parts.ledger(), source, parts.clock().instant());
      return known;
    }
    tables.forEach(
        table -> InitialLoads.forget(parts.ledger(), source, table, parts.clock().instant()));
    return tables;
  }

  private static List<Loaded> loads(Parts parts, SourceName source) {
    return parts.ledger().offsets(source).entrySet().stream()
        .filter(o -> Loaded.isPartition(o.getKey()) && !o.getValue().value().isEmpty())
        .map(o -> Loaded.parse(Loaded.table(o.getKey()), o.getValue().value()))
        .toList();
  }

  /** Full names of the tables whose load is in the ledger, whole. */
  public static List<String> loaded(Parts parts, SourceName source) {
    return loads(parts, source).stream().filter(Loaded::isWhole).map(Loaded::table).toList();
  }

  /** Looks soon whether its loads still hold. */
  public void lookAgain() {
    Following now = following;
    if (now != null) {
      now.lookAgain();
    }
  }

  public State state() {
    State now = state;
    Following at = following;
    String loading = at == null ? "" : at.loading();
    boolean isLoading =
        at != null
            && at.isLoading()
            && (now.condition() == Condition.RUNNING || !loading.isEmpty());
    return isLoading
        ? new State(Condition.LOADING, ("loading " + loading).trim(), now.landedAt(), now.left())
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
      Following now = new Following(source, database, parts, names, manner, () -> closed);
      following = now;
      now.follow(Goal.ALWAYS, this::told);
    } finally {
      following = null;
    }
  }

  private synchronized void told(Following.News news) {
    State before = state;
    if (news instanceof Following.News.Left left) {
      state = new State(Condition.STARTING, before.problem(), before.landedAt(), left.tables());
    } else if (news instanceof Following.News.Refused refused) {
      state = new State(before.condition(), before.problem(), before.landedAt(), refused.left());
    } else if (news instanceof Following.News.Begun) {
      LOG.info("following {}", source);
      state = state(Condition.RUNNING, "");
      landed.run(); // by this server or one before, which may not have lived to apply it
    } else {
      state =
          new State(before.condition(), before.problem(), parts.clock().instant(), before.left());
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
