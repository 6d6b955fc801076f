package tarn.server;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.FollowedSource;
import tarn.api.SourceCheckAnswer;
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
import tarn.core.source.SourceOffset;
import tarn.core.source.Verification;

/**
 * The databases of the lake: who follows them, and the copies of their tables. Safe for use by many
 * threads.
 */
final class Sources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sources.class);

  private final Function<SourceDefinition, ChangeSource> opener;
  private final Follower.Parts parts;
  private final Copies copies;
  private final Duration timeout;
  private final Consumer<List<TableRun>> loaded;
  private final Map<SourceName, Running> running = new ConcurrentHashMap<>();
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

  /** Each has a feed of its own: one that fails does not hold up the others. */
  private record Running(SourceDefinition definition, Follower follower, TableFeed feed) {
    void close() {
      follower.close();
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
    LOG.info("{} is to be followed", source);
    CopyName names = new CopyName(definition.prefix());
    TableFeed feed = new TableFeed(some -> catchUp(source, names));
    Follower follower =
        Follower.start(
            source,
            () -> opener.apply(definition),
            parts,
            names,
            definition.freshness(),
            timeout,
            () -> feed.delivered(source));
    return new Running(definition, follower, feed);
  }

  private List<TableRun> catchUp(SourceName source, CopyName names) {
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
    return runs;
  }

  /** How all of them are, by name. */
  List<FollowedSource> status() {
    List<FollowedSource> all = new ArrayList<>();
    new TreeMap<>(running).forEach((source, now) -> all.add(status(source, now)));
    return all;
  }

  private FollowedSource status(SourceName source, Running now) {
    Follower.State state = now.follower().state();
    String offset = parts.ledger().offset(source, Follower.CHANGES).value();
    String problem = state.problem().isEmpty() ? now.feed().problem(source) : state.problem();
    return new FollowedSource(
        source.value(),
        state.condition().name().toLowerCase(Locale.ROOT),
        problem,
        copies.count(source),
        state.left(),
        offset.isEmpty() ? "" : SourceOffset.parse(offset).lsn().toString(),
        lag(now, offset),
        state.landedAt().equals(Instant.EPOCH) ? null : state.landedAt());
  }

  private @Nullable Long lag(Running now, String offset) {
    if (offset.isEmpty() || now.follower().state().condition() != Follower.Condition.RUNNING) {
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
    Follower.State state = now.follower().state();
    String problem = state.problem().isEmpty() ? now.feed().problem(source) : state.problem();
    return new Verification.Health(state.condition() == Follower.Condition.LOST, problem);
  }

  /** The tables that a definition asks for, as they are in the database now. */
  SourceTablesAnswer tables(SourceDefinition definition) {
    CopyName names = new CopyName(definition.prefix());
    List<SourceTablesAnswer.Column> columns = new ArrayList<>();
    try (ChangeSource database = opener.apply(definition)) {
      for (SourceTable table : database.tables()) {
        String copy = table.key().isEmpty() ? "" : names.of(table.fullName()).toString();
        for (SourceTable.SourceColumn column : table.columns()) {
          columns.add(
              new SourceTablesAnswer.Column(
                  table.fullName(),
                  copy,
                  column.name(),
                  column.sourceType(),
                  column.type().toString(),
                  column.key()));
        }
      }
    }
    return new SourceTablesAnswer(columns);
  }

  /** What a definition's database needs to be followed. */
  SourceCheckAnswer check(SourceDefinition definition) {
    try (ChangeSource database = opener.apply(definition)) {
      List<ChangeSource.Check> checks = database.check();
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
