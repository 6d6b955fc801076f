package tarn.server;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.PutAnswer;
import tarn.api.StreamStatus;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.lake.FieldPath;
import tarn.core.lake.StreamDefinition;
import tarn.core.ledger.EventCounts;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.storage.ObjectStore;
import tarn.core.stream.Deliverer;
import tarn.core.stream.IdIndexes;
import tarn.core.stream.LineageReader;
import tarn.core.stream.ShardChoice;
import tarn.core.stream.ShardedLog;
import tarn.core.stream.Shards;
import tarn.core.stream.StreamLag;
import tarn.core.stream.StreamRules;

/**
 * The streams of the lake: their log, which is opened when there is one, and who delivers them.
 * Safe for use by many threads.
 */
final class Streams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);
  private static final long PAUSE_MILLIS = 5_000;
  private static final long REDRIVE_SECONDS = 300;

  private final Supplier<EventLog> opener;
  private final Ledger ledger;
  private final ObjectStore objects;
  private final IdIndexes indexes;
  private final Clock clock;
  private final TableFeed feed;
  private final Shards shards;

  /** Whoever lets the streams follow the lake folder has it; nobody else waits for it. */
  private final Lock following = new ReentrantLock();

  /** What keeps streams from being as they should, beside their delivery and their tables. */
  private final Map<SourceName, String> upkeepProblems = new ConcurrentHashMap<>();

  private volatile String folderProblem = "";
  private volatile Followed now = new Followed(null, Map.of(), Map.of());
  private volatile boolean closed;

  Streams(
      Supplier<EventLog> opener,
      Shards shards,
      Ledger ledger,
      ObjectStore objects,
      IdIndexes indexes,
      Clock clock,
      TableFeed feed) {
    this.opener = opener;
    this.shards = shards;
    this.ledger = ledger;
    this.objects = objects;
    this.indexes = indexes;
    this.clock = clock;
    this.feed = feed;
  }

  /** What is followed: never changed, only replaced as a whole. */
  private record Followed(
      @Nullable Open open,
      Map<SourceName, Running> streams,
      Map<SourceName, StreamDefinition> beginning) {

    Followed with(SourceName stream, Running running) {
      Map<SourceName, Running> more = new TreeMap<>(streams);
      more.put(stream, running);
      return new Followed(open, more, without(beginning, stream));
    }

    Followed without(SourceName stream) {
      return new Followed(open, without(streams, stream), beginning);
    }

    private static <T> Map<SourceName, T> without(Map<SourceName, T> all, SourceName one) {
      Map<SourceName, T> others = new TreeMap<>(all);
      others.remove(one);
      return others;
    }
  }

  private record Open(ShardedLog log, LineageReader reader) {}

  private record Running(StreamDefinition definition, Deliverer deliverer) {}

  /**
   * Lets the streams be as the lake folder says: opens their logs, and begins to deliver. One
   * caller at a time does this. Meanwhile events of all streams are put, read and told: a stream
   * that changes is as before until its log is open, and stays so if that fails.
   *
   * @param folder what it says when it is this caller's turn
   */
  void follow(Supplier<List<StreamDefinition>> folder) {
    following.lock();
    try {
      followed(folder.get());
    } finally {
      following.unlock();
    }
  }

  /**
   * Does the same, unless somebody else is at it for longer than the caller has patience.
   *
   * @return whether the streams are as the folder says
   */
  boolean followWithin(Duration patience, Supplier<List<StreamDefinition>> folder) {
    try {
      if (!following.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "streams were not waited for", e);
    }
    try {
      followed(folder.get());
      return true;
    } finally {
      following.unlock();
    }
  }

  private void followed(List<StreamDefinition> wanted) {
    if (closed) {
      throw new TarnException(ErrorCode.BUSY, "the server is stopping; start it again and retry");
    }
    Map<SourceName, StreamDefinition> all = new TreeMap<>();
    wanted.forEach(definition -> all.put(new SourceName(definition.stream()), definition));
    for (SourceName gone : now.streams().keySet()) {
      if (!all.containsKey(gone)) {
        stop(gone);
      }
    }
    Map<SourceName, StreamDefinition> fresh = new TreeMap<>(all);
    fresh.keySet().removeAll(now.streams().keySet());
    now = new Followed(now.open(), now.streams(), fresh);
    try {
      all.forEach(this::follow);
      folderProblem = "";
    } finally {
      now = new Followed(now.open(), now.streams(), Map.of());
    }
  }

  /** The folder cannot be read: streams are as they were, which is told until it can. */
  void stayAsTheyAre(TarnException why) {
    String problem = "it stays as it is while the lake folder has errors: " + why.line();
    if (!problem.equals(folderProblem)) {
      LOG.warn("streams stay as they are: {}", why.line());
    }
    folderProblem = problem;
  }

  /** What keeps a stream's files from being looked after; empty if nothing does. */
  void upkeep(SourceName stream, String problem) {
    upkeepProblems.put(stream, problem);
  }

  /** Does the same beside the caller, until it is done: a log takes its time to start. */
  void followSoon(List<StreamDefinition> wanted) {
    if (wanted.isEmpty()) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              while (!tried(wanted)) {
                LOG.info("the streams are tried again");
              }
            },
            "begin of streams");
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether there is nothing left to try. */
  private boolean tried(List<StreamDefinition> wanted) {
    following.lock();
    try {
      boolean enough =
          closed || wanted.stream().allMatch(stream -> has(new SourceName(stream.stream())));
      if (!enough) { // else somebody was faster, with what the folder says now
        followed(wanted);
      }
      return true;
    } catch (TarnException e) {
      LOG.warn("streams are not delivered yet: {}", e.line(), e);
    } finally {
      following.unlock();
    }
    return pausedInVain();
  }

  private static boolean pausedInVain() {
    try {
      Thread.sleep(PAUSE_MILLIS);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void follow(SourceName stream, StreamDefinition definition) {
    StreamRules rules = StreamRules.of(definition);
    Running before = now.streams().get(stream);
    boolean sameShards = before != null && before.definition().shards() == definition.shards();
    if (before != null && before.deliverer().rules().equals(rules)) {
      if (!sameShards) {
        opened(stream, definition);
      }
      now = now.with(stream, new Running(definition, before.deliverer()));
      return;
    }
    EventLog log = opened(stream, definition);
    if (before != null) {
      before.deliverer().close(); // two of them would only fence each other
    }
    Deliverer deliverer =
        Deliverer.start(rules, log, ledger, objects, indexes, clock, () -> feed.delivered(stream));
    now = now.with(stream, new Running(definition, deliverer));
    LOG.info("delivering the stream {}", stream);
    if (ledger.eventCounts(stream).stored() > 0) {
      feed.delivered(stream); // by a server that may have died before it loaded the tables
    }
  }

  private EventLog opened(SourceName stream, StreamDefinition definition) {
    ShardedLog log = opened().log();
    log.open(stream, definition.shards(), definition.retention());
    return log.log();
  }

  private Open opened() {
    Open open = now.open();
    if (open == null) {
      ShardedLog log = new ShardedLog(opener.get(), shards, clock);
      open = new Open(log, new LineageReader(log));
      now = new Followed(open, now.streams(), now.beginning());
    }
    return open;
  }

  /** Nothing is put into it from here on. */
  private void stop(SourceName stream) {
    Running running = now.streams().get(stream);
    Open open = now.open();
    now = now.without(stream);
    upkeepProblems.remove(stream);
    if (open != null) {
      open.log().forget(stream);
    }
    if (running != null) {
      running.deliverer().close();
    }
  }

  /** How clients of the log's own protocol put events into a stream. */
  Map<String, String> producing(SourceName stream) {
    return log(stream).log().producing(stream);
  }

  /** Takes a stream's dead letters again; those that landed in a span of time. */
  EventCounts redrive(SourceName stream, TimeSpan time) {
    Future<EventCounts> done = running(stream).deliverer().redrive(time.from(), time.to());
    try {
      return done.get(REDRIVE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      done.cancel(false);
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "redriving was not waited for", e);
    } catch (TimeoutException e) {
      done.cancel(false);
      throw new TarnException(
          ErrorCode.BUSY,
          "the letters of "
              + stream
              + " were not all redriven within 5 minutes: there are many, or the stream is not"
              + " delivered here (`datalake stream list` tells); what was not begun is left, ask"
              + " again for the rest",
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e);
    }
  }

  private static TarnException unknown(SourceName stream) {
    return new TarnException(
        ErrorCode.NOT_FOUND,
        "there is no stream '" + stream + "': declare it in streams/" + stream + ".yaml");
  }

  /** The streams that this server delivers now. */
  List<StreamRules> delivered() {
    return now.streams().values().stream()
        .map(Running::deliverer)
        .filter(d -> d.state().condition() == Deliverer.Condition.RUNNING)
        .map(Deliverer::rules)
        .toList();
  }

  /** The log with a stream that the lake has, else {@code NOT_FOUND}. */
  ShardedLog log(SourceName stream) {
    return open(stream).log();
  }

  /** What reads a stream that the lake has, else {@code NOT_FOUND}. */
  LineageReader reader(SourceName stream) {
    return open(stream).reader();
  }

  private Open open(SourceName stream) {
    Followed known = now;
    Open open = known.open();
    if (open == null || !known.streams().containsKey(stream)) {
      throw unknown(stream);
    }
    return open;
  }

  /** The definition of a stream that the lake has, else {@code NOT_FOUND}. */
  StreamDefinition definition(SourceName stream) {
    return running(stream).definition();
  }

  private Running running(SourceName stream) {
    Running running = now.streams().get(stream);
    if (running == null) {
      throw unknown(stream);
    }
    return running;
  }

  /** Whether a stream is known; if not, the lake folder may have it by now. */
  boolean has(SourceName stream) {
    return now.streams().containsKey(stream);
  }

  /** Whether the lake has streams. */
  boolean any() {
    return !now.streams().isEmpty();
  }

  /** How many events of a stream are not delivered. */
  long waiting(SourceName stream) {
    return StreamLag.of(stream, log(stream).log(), ledger);
  }

  /**
   * Puts events into a stream's log.
   *
   * @throws TarnException {@code NOT_FOUND} for a stream that the lake has not, {@code
   *     LOG_UNAVAILABLE} if nothing was taken and all of it may be tried again
   */
  PutAnswer put(SourceName stream, List<byte[]> events) {
    List<EventLog.Outcome> outcomes = log(stream).append(stream, keyed(definition(stream), events));
    List<PutAnswer.Result> results = new ArrayList<>(outcomes.size());
    String reason = "";
    long failed = 0;
    boolean retry = true;
    for (EventLog.Outcome outcome : outcomes) {
      if (outcome instanceof EventLog.Outcome.Appended in) {
        results.add(new PutAnswer.Result((long) in.shard(), in.offset(), null, false));
      } else if (outcome instanceof EventLog.Outcome.Failed why) {
        failed++;
        retry &= why.retry();
        reason = why.reason();
        results.add(new PutAnswer.Result(null, null, why.reason(), why.retry()));
      }
    }
    if (failed == outcomes.size() && retry) {
      throw new TarnException(
          ErrorCode.LOG_UNAVAILABLE, "no event was taken by the log of " + stream + ": " + reason);
    }
    return new PutAnswer(outcomes.size() - failed, failed, results);
  }

  /** Each event with its partition key. */
  private static List<ShardedLog.Event> keyed(StreamDefinition definition, List<byte[]> events) {
    List<String> path = definition.partitionKey().map(FieldPath::names).orElse(List.of());
    return events.stream()
        .map(
            event ->
                (path.isEmpty() ? Optional.<String>empty() : ShardChoice.key(event, path))
                    .map(key -> keyed(key, event))
                    .orElseGet(() -> new ShardedLog.Event("", null, event)))
        .toList();
  }

  /** A key that is too long to be kept chooses the shard all the same. */
  private static ShardedLog.Event keyed(String key, byte[] event) {
    boolean kept = key.codePointCount(0, key.length()) <= EventLog.MAX_KEY_LENGTH;
    return new ShardedLog.Event(kept ? key : "", ShardChoice.hash(key), event);
  }

  /**
   * How they are, those too whose log is being opened. A log that does not answer holds up nobody.
   */
  List<StreamStatus> status() {
    Followed known = now;
    Open open = known.open();
    Map<SourceName, StreamStatus> all = new TreeMap<>();
    known.beginning().forEach((stream, definition) -> all.put(stream, begun(stream, definition)));
    if (open != null) {
      known.streams().forEach((stream, one) -> all.put(stream, status(stream, one, open.log())));
    }
    return List.copyOf(all.values());
  }

  private StreamStatus begun(SourceName stream, StreamDefinition definition) {
    return status(
        stream,
        definition.shards(),
        new Deliverer.State(Deliverer.Condition.STARTING, "", Instant.EPOCH),
        null);
  }

  /** Those that take events. */
  private static int shardCount(SourceName stream, StreamDefinition definition, ShardedLog open) {
    try {
      return open.shards(stream).open().size();
    } catch (TarnException e) {
      LOG.debug("how many shards {} has", stream, e);
      return definition.shards();
    }
  }

  /** How one is; {@code NOT_FOUND} if the lake has no such stream. */
  StreamStatus status(SourceName stream) {
    return status().stream()
        .filter(status -> status.stream().equals(stream.value()))
        .findFirst()
        .orElseThrow(
            () -> new TarnException(ErrorCode.NOT_FOUND, "there is no stream '" + stream + "'"));
  }

  private @Nullable Long waiting(SourceName stream, ShardedLog open) {
    try {
      return StreamLag.of(stream, open.log(), ledger);
    } catch (TarnException e) {
      LOG.debug("how many events of {} wait", stream, e);
      return null;
    }
  }

  private StreamStatus status(SourceName stream, Running running, ShardedLog open) {
    return status(
        stream,
        shardCount(stream, running.definition(), open),
        running.deliverer().state(),
        waiting(stream, open));
  }

  private StreamStatus status(
      SourceName stream, int shards, Deliverer.State state, @Nullable Long waiting) {
    EventCounts counts = ledger.eventCounts(stream);
    return new StreamStatus(
        stream.value(),
        shards,
        state.condition().name().toLowerCase(Locale.ROOT),
        problem(stream, state),
        counts.received(),
        counts.stored(),
        counts.duplicate(),
        counts.conflict(),
        counts.rejected(),
        waiting,
        state.deliveredAt().equals(Instant.EPOCH) ? null : state.deliveredAt());
  }

  private String problem(SourceName stream, Deliverer.State state) {
    return Stream.of(
            state.problem(),
            feed.problem(stream),
            upkeepProblems.getOrDefault(stream, ""),
            folderProblem)
        .filter(problem -> !problem.isEmpty())
        .findFirst()
        .orElse("");
  }

  @Override
  public void close() {
    closed = true;
    following.lock();
    try {
      now.streams().keySet().forEach(this::stop);
      feed.close();
      Open open = now.open();
      if (open != null) {
        open.log().log().close();
      }
    } finally {
      following.unlock();
    }
  }
}
