package tarn.server;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
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

  private @Nullable ShardedLog log;
  private @Nullable LineageReader reader;
  private final Map<SourceName, Deliverer> deliverers = new TreeMap<>();
  private final Map<SourceName, StreamDefinition> definitions = new TreeMap<>();
  private boolean closed;

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

  /** The same with what the folder says when it is this caller's turn. */
  synchronized void follow(Supplier<List<StreamDefinition>> folder) {
    follow(folder.get());
  }

  /** Lets the streams be as the lake folder says: opens their logs, and begins to deliver. */
  synchronized void follow(List<StreamDefinition> wanted) {
    if (closed) {
      throw new TarnException(ErrorCode.BUSY, "the server is stopping; start it again and retry");
    }
    Map<SourceName, StreamDefinition> now = new TreeMap<>();
    wanted.forEach(definition -> now.put(new SourceName(definition.stream()), definition));
    for (SourceName gone : List.copyOf(deliverers.keySet())) {
      if (!now.containsKey(gone)) {
        stop(gone);
      }
    }
    now.forEach(this::follow);
  }

  /** Does the same beside the caller, until it is done: a log takes its time to start. */
  void followSoon(List<StreamDefinition> wanted) {
    if (wanted.isEmpty()) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              while (!followed(wanted)) {
                LOG.info("the streams are tried again");
              }
            },
            "begin of streams");
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether there is nothing left to try. */
  private boolean followed(List<StreamDefinition> wanted) {
    try {
      synchronized (this) {
        if (closed || wanted.stream().allMatch(s -> has(new SourceName(s.stream())))) {
          return true; // or somebody else was faster, with what the folder says now
        }
        follow(wanted);
      }
      return true;
    } catch (TarnException e) {
      LOG.warn("streams are not delivered yet: {}", e.line(), e);
      return pausedInVain();
    }
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
    StreamDefinition before = definitions.get(stream);
    Deliverer running = deliverers.get(stream);
    if (before != null
        && running != null
        && running.rules().equals(rules)
        && before.shards() == definition.shards()) {
      definitions.put(stream, definition); // the rest of it holds for what is put from now on
      return;
    }
    stop(stream);
    ShardedLog open = opened();
    open.open(stream, definition.shards(), definition.retention());
    definitions.put(stream, definition);
    deliverers.put(
        stream,
        Deliverer.start(
            rules, open.log(), ledger, objects, indexes, clock, () -> feed.delivered(stream)));
    LOG.info("delivering the stream {}", stream);
    if (ledger.eventCounts(stream).stored() > 0) {
      feed.delivered(stream); // by a server that may have died before it loaded the tables
    }
  }

  private void stop(SourceName stream) {
    Deliverer deliverer = deliverers.remove(stream);
    definitions.remove(stream);
    if (deliverer != null) {
      deliverer.close();
    }
  }

  private ShardedLog opened() {
    if (log == null) {
      log = new ShardedLog(opener.get(), shards, clock);
    }
    return log;
  }

  /** How clients of the log's own protocol put events into a stream. */
  Map<String, String> producing(SourceName stream) {
    EventLog open;
    synchronized (this) {
      if (!definitions.containsKey(stream) || log == null) {
        throw unknown(stream);
      }
      open = log.log();
    }
    return open.producing(stream);
  }

  /** Takes a stream's dead letters again; those that landed in a span of time. */
  EventCounts redrive(SourceName stream, TimeSpan time) {
    Deliverer deliverer;
    synchronized (this) {
      deliverer = deliverers.get(stream);
    }
    if (deliverer == null) {
      throw unknown(stream);
    }
    try {
      return deliverer.redrive(time.from(), time.to()).get(REDRIVE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "redriving was not waited for", e);
    } catch (TimeoutException e) {
      throw new TarnException(
          ErrorCode.BUSY,
          "the letters of "
              + stream
              + " are still being redriven, or wait for a stream that is not delivered here:"
              + " `datalake stream list` tells",
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
  synchronized List<StreamRules> delivered() {
    return deliverers.values().stream()
        .filter(d -> d.state().condition() == Deliverer.Condition.RUNNING)
        .map(Deliverer::rules)
        .toList();
  }

  /** The log with a stream that the lake has, else {@code NOT_FOUND}. */
  synchronized ShardedLog log(SourceName stream) {
    if (!definitions.containsKey(stream) || log == null) {
      throw unknown(stream);
    }
    return log;
  }

  /** What reads a stream that the lake has, else {@code NOT_FOUND}. */
  synchronized LineageReader reader(SourceName stream) {
    ShardedLog open = log(stream);
    if (reader == null) {
      reader = new LineageReader(open);
    }
    return reader;
  }

  /** The definition of a stream that the lake has, else {@code NOT_FOUND}. */
  synchronized StreamDefinition definition(SourceName stream) {
    StreamDefinition known = definitions.get(stream);
    if (known == null) {
      throw unknown(stream);
    }
    return known;
  }

  /** Whether a stream is known; if not, the lake folder may have it by now. */
  synchronized boolean has(SourceName stream) {
    return definitions.containsKey(stream);
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

  /** How they are. A log that does not answer holds up nobody else. */
  List<StreamStatus> status() {
    Map<SourceName, StreamDefinition> known;
    Map<SourceName, Deliverer> running;
    ShardedLog open;
    synchronized (this) {
      known = new TreeMap<>(definitions);
      running = new TreeMap<>(deliverers);
      open = log;
    }
    List<StreamStatus> all = new ArrayList<>();
    known.forEach(
        (stream, definition) -> {
          Deliverer deliverer = running.get(stream);
          if (deliverer != null && open != null) {
            all.add(status(stream, definition, deliverer, open));
          }
        });
    return all;
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

  private StreamStatus status(
      SourceName stream, StreamDefinition definition, Deliverer deliverer, ShardedLog open) {
    Deliverer.State state = deliverer.state();
    EventCounts counts = ledger.eventCounts(stream);
    String problem = state.problem().isEmpty() ? feed.problem(stream) : state.problem();
    return new StreamStatus(
        stream.value(),
        shardCount(stream, definition, open),
        state.condition().name().toLowerCase(Locale.ROOT),
        problem,
        counts.received(),
        counts.stored(),
        counts.duplicate(),
        counts.conflict(),
        counts.rejected(),
        waiting(stream, open),
        state.deliveredAt().equals(Instant.EPOCH) ? null : state.deliveredAt());
  }

  @Override
  public synchronized void close() {
    closed = true;
    List.copyOf(deliverers.keySet()).forEach(this::stop);
    feed.close();
    if (log != null) {
      log.log().close();
    }
  }
}
