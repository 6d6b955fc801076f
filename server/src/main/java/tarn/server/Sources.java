package tarn.server;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.FollowedSource;
import tarn.api.SourceCheckAnswer;
import tarn.api.SourceReloadAnswer;
import tarn.api.SourceTablesAnswer;
import tarn.api.TableRun;
import tarn.core.change.ChangeSource;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.SourceDefinition;
import tarn.core.ledger.SourceName;
import tarn.core.source.Copies;
import tarn.core.source.CopyName;
import tarn.core.source.Follower;
import tarn.core.source.Goal;
import tarn.core.source.Manner;
import tarn.core.source.Overflows;
import tarn.core.source.SourceOffset;
import tarn.core.source.Verification;

/**
 * The databases of the lake: who follows them, and the copies of their tables. Safe for use by many
 * threads.
 */
final class Sources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sources.class);

  private static final long LOOK_MILLIS = 200;
  private static final Set<Follower.Condition> KNOWN_LAG =
      Set.of(
          Follower.Condition.RUNNING, Follower.Condition.LOADING, Follower.Condition.BY_PIPELINE);

  private final Function<SourceDefinition, ChangeSource> opener;
  private final Follower.Parts parts;
  private final Copies copies;
  private final Duration timeout;
  private final Consumer<List<TableRun>> loaded;
  private final Map<SourceName, Running> running = new ConcurrentHashMap<>();
  private final Map<SourceName, Object> turns = new ConcurrentHashMap<>();
  private boolean closed;

  /**
   * @param opener opens a database as its definition says
   * @param timeout of one piece of the engine's work
   * @param loaded told of copies that have changed
   */
  Sources(
      Function<SourceDefinition, ChangeSource> opener,
      Follower.Parts parts,
      Copies copies,
      Duration timeout,
      Consumer<List<TableRun>> loaded) {
    this.opener = opener;
    this.parts = parts;
    this.copies = copies;
    this.timeout = timeout;
    this.loaded = loaded;
  }

  /**
   * Each has a feed of its own: one that fails does not hold up the others.
   *
   * @param follower null if the database is followed only while a pipeline runs
   */
  private record Running(
      SourceDefinition definition,
      @Nullable Follower follower,
      TableFeed feed,
      Overflows overflows) {
    Follower.State state() {
      return follower == null ? Follower.State.IDLE : follower.state();
    }

    void close() {
      if (follower != null) {
        follower.close();
      }
      feed.close();
    }
  }

  /** Lets the databases be followed as the lake folder says. */
  synchronized void follow(List<SourceDefinition> wanted) {
    if (closed) {
      throw new TarnException(ErrorCode.BUSY, "the server is stopping; start it again and retry");
    }
    Map<SourceName, SourceDefinition> all = new TreeMap<>();
    wanted.forEach(definition -> all.put(new SourceName(definition.source()), definition));
    for (SourceName known : List.copyOf(running.keySet())) {
      Running now = running.get(known);
      if (now != null && !now.definition().equals(all.get(known))) {
        running.remove(known);
        now.close();
      }
    }
    all.forEach((source, definition) -> running.computeIfAbsent(source, s -> begun(s, definition)));
  }

  private Running begun(SourceName source, SourceDefinition definition) {
    CopyName names = CopyName.of(definition);
    TableFeed feed =
        new TableFeed(
            some -> {
              catchUp(source, names);
              return List.of();
            });
    Overflows overflows = new Overflows(definition.overflow() == SourceDefinition.Overflow.FAIL);
    if (definition.follow() == SourceDefinition.Follow.PIPELINE) {
      return new Running(definition, null, feed, overflows);
    }
    LOG.info("{} is to be followed", source);
    return new Running(definition, follower(source, definition, feed, overflows), feed, overflows);
  }

  private Follower follower(
      SourceName source, SourceDefinition definition, TableFeed feed, Overflows overflows) {
    return Follower.start(
        source,
        () -> opener.apply(definition),
        parts,
        CopyName.of(definition),
        manner(definition, overflows),
        () -> feed.delivered(source));
  }

  private Manner manner(SourceDefinition definition, Overflows overflows) {
    return new Manner(
        definition.freshness(),
        timeout,
        definition.loadSplit(),
        definition.onLost() == SourceDefinition.Lost.RELOAD,
        overflows);
  }

  /**
   * Lets tables be loaded anew; see {@link Follower#reload}.
   *
   * @param tables full names; empty for all, and for what keeps the changes
   */
  SourceReloadAnswer reload(SourceName source, List<String> tables) {
    List<String> reloaded = Follower.reload(parts, source, tables);
    Running now = running.get(source);
    if (now != null && now.follower() != null) {
      now.follower().lookAgain();
    }
    return new SourceReloadAnswer(reloaded);
  }

  /** Full names of the tables of a database whose rows are in the ledger. */
  List<String> loaded(SourceName source) {
    return Follower.loaded(parts, source);
  }

  /**
   * Follows a database until a goal is reached: then what was asked for is in the ledger. If it is
   * followed all the time anyway, waits for that.
   *
   * @return how many rows of tables this call loaded
   * @throws TarnException {@code CANCELLED}; or what the following failed with. What landed stays
   */
  long reach(SourceName source, Goal goal, BooleanSupplier cancelled) {
    Running now = running(source);
    if (now.follower() != null) {
      await(source, now, now.follower(), goal, cancelled);
      return 0;
    }
    return Follower.run(
        source,
        () -> opener.apply(now.definition()),
        parts,
        CopyName.of(now.definition()),
        manner(now.definition(), now.overflows()),
        goal,
        () -> {},
        cancelled);
  }

  /**
   * Follows a database, and brings its copies up to date, until it is cancelled. What fails is
   * tried again, unless changes are lost.
   */
  void follow(SourceName source, BooleanSupplier cancelled) {
    Running now = running(source);
    if (now.follower() != null) {
      await(source, now, now.follower(), Goal.ALWAYS, cancelled);
      return;
    }
    try (Follower follower = follower(source, now.definition(), now.feed(), now.overflows())) {
      await(source, now, follower, Goal.ALWAYS, cancelled);
    }
  }

  /** Brings the copies of a database up to date with what is in the ledger. */
  List<Copies.Applied> apply(SourceName source) {
    return catchUp(source, CopyName.of(running(source).definition()));
  }

  /** Bytes of a database's log that are not in the ledger; null if it does not answer. */
  @Nullable Long lag(SourceName source) {
    Running now = running(source);
    String offset = parts.ledger().offset(source, Follower.CHANGES).value();
    return lag(now, Follower.Condition.BY_PIPELINE, offset);
  }

  private Running running(SourceName source) {
    Running now = running.get(source);
    if (now == null) {
      throw new TarnException(
          ErrorCode.NOT_FOUND, "the database '" + source + "' is not in the lake folder any more");
    }
    return now;
  }

  private void await(
      SourceName source, Running now, Follower follower, Goal goal, BooleanSupplier cancelled) {
    Lsn end;
    try (ChangeSource database = opener.apply(now.definition())) {
      end = database.state().log();
    }
    while (!isReached(source, now, follower, goal, end)) {
      if (cancelled.getAsBoolean()) {
        throw new TarnException(ErrorCode.CANCELLED, "waiting for " + source + " was cancelled");
      }
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TarnException(ErrorCode.CANCELLED, "interrupted while waiting", e);
      }
    }
  }

  private boolean isReached(SourceName source, Running now, Follower follower, Goal goal, Lsn end) {
    if (running.get(source) != now) {
      throw new TarnException(
          ErrorCode.CONFLICT, "the file of " + source + " has changed meanwhile");
    }
    Follower.State state = follower.state();
    if (state.condition() == Follower.Condition.LOST) {
      throw new TarnException(ErrorCode.SOURCE_LOST, state.problem());
    }
    String offset = parts.ledger().offset(source, Follower.CHANGES).value();
    return goal != Goal.ALWAYS
        && state.condition() == Follower.Condition.RUNNING
        && !offset.isEmpty()
        && (goal == Goal.LOADED || SourceOffset.parse(offset).lsn().compareTo(end) >= 0);
  }

  /** One at a time for a database. */
  private List<Copies.Applied> catchUp(SourceName source, CopyName names) {
    synchronized (turns.computeIfAbsent(source, s -> new Object())) {
      return caughtUp(source, names);
    }
  }

  private List<Copies.Applied> caughtUp(SourceName source, CopyName names) {
    long began = System.nanoTime();
    List<Copies.Applied> applied = copies.catchUp(source, names);
    long millis = (System.nanoTime() - began) / 1_000_000;
    List<TableRun> runs =
        applied.stream()
            .map(
                a ->
                    new TableRun(
                        a.table().toString(),
                        "written",
                        a.read(),
                        a.upserted(),
                        0,
                        null,
                        millis,
                        null))
            .toList();
    loaded.accept(runs);
    return applied;
  }

  /** How all of them are, by name. */
  List<FollowedSource> status() {
    List<FollowedSource> all = new ArrayList<>();
    new TreeMap<>(running).forEach((source, now) -> all.add(status(source, now)));
    return all;
  }

  private FollowedSource status(SourceName source, Running now) {
    Follower.State state = now.state();
    String offset = parts.ledger().offset(source, Follower.CHANGES).value();
    String problem = state.problem().isEmpty() ? now.feed().problem(source) : state.problem();
    return new FollowedSource(
        source.value(),
        state.condition().name().toLowerCase(Locale.ROOT),
        problem,
        copies.count(source),
        state.left(),
        now.overflows().counts(),
        offset.isEmpty() ? "" : SourceOffset.parse(offset).lsn().toString(),
        lag(now, state.condition(), offset),
        state.landedAt().equals(Instant.EPOCH) ? null : state.landedAt());
  }

  private @Nullable Long lag(Running now, Follower.Condition condition, String offset) {
    if (offset.isEmpty() || !KNOWN_LAG.contains(condition)) {
      return null;
    }
    try (ChangeSource database = opener.apply(now.definition())) {
      ChangeSource.State state = database.state();
      Lsn read = SourceOffset.parse(offset).lsn();
      long confirmed = state.slot().map(s -> s.confirmed().value()).orElse(0L);
      return Math.max(0, state.log().value() - Math.max(read.value(), confirmed));
    } catch (TarnException e) {
      LOG.debug("the lag of {} is not known", now.definition().source(), e);
      return null;
    }
  }

  /** A definition's database. */
  ChangeSource open(SourceDefinition definition) {
    return opener.apply(definition);
  }

  /** How those are who bring the copies of a database up to date. */
  Verification.Health health(SourceName source) {
    Running now = running.get(source);
    if (now == null) {
      return new Verification.Health(false, "nobody follows it");
    }
    Follower.State state = now.state();
    String problem = state.problem().isEmpty() ? now.feed().problem(source) : state.problem();
    if (state.condition() == Follower.Condition.BY_PIPELINE) {
      return new Verification.Health(true, "it is followed only while a pipeline of it runs");
    }
    return new Verification.Health(state.condition() == Follower.Condition.LOST, problem);
  }

  /** The tables that a definition asks for, as they are in the database now. */
  SourceTablesAnswer tables(SourceDefinition definition) {
    CopyName names = CopyName.of(definition);
    List<SourceTablesAnswer.Column> columns = new ArrayList<>();
    try (ChangeSource database = opener.apply(definition)) {
      for (SourceTable table : database.tables()) {
        String copy = !table.obstacle().isEmpty() ? "" : names.of(table.fullName()).toString();
        for (SourceTable.SourceColumn column : table.columns()) {
          columns.add(
              new SourceTablesAnswer.Column(
                  table.fullName(),
                  copy,
                  column.name(),
                  column.sourceType(),
                  column.type().toString(),
                  column.key(),
                  definition.rows().getOrDefault(table.fullName(), "")));
        }
      }
    }
    return new SourceTablesAnswer(columns);
  }

  /** What a definition's database needs to be followed. */
  SourceCheckAnswer check(SourceDefinition definition) {
    try (ChangeSource database = opener.apply(definition)) {
      boolean followed = !loaded(new SourceName(definition.source())).isEmpty();
      List<ChangeSource.Check> checks = database.check(followed);
      return new SourceCheckAnswer(
          checks.stream().noneMatch(c -> c.result() == ChangeSource.Check.Result.ERROR),
          checks.stream()
              .map(
                  c ->
                      new SourceCheckAnswer.Check(
                          c.what(),
                          c.result().name().toLowerCase(Locale.ROOT),
                          c.found(),
                          c.remedy()))
              .toList());
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    running.values().forEach(Running::close);
    running.clear();
  }
}
