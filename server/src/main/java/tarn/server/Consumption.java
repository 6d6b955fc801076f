package tarn.server;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tarn.api.CommitRequest;
import tarn.api.EventsAnswer;
import tarn.api.LagAnswer;
import tarn.api.OffsetStep;
import tarn.api.ReaderLag;
import tarn.api.ShardStatus;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog.Extent;
import tarn.core.event.LogRecord;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.stream.ConsumerName;
import tarn.core.stream.Consumers;
import tarn.core.stream.LineageReader;
import tarn.core.stream.Shard;
import tarn.core.stream.ShardedLog;
import tarn.core.stream.StreamLag;

/** Who reads streams out of their logs, and how far each is. */
final class Consumption {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Extent NOTHING = new Extent(0, 0);

  private final Streams streams;
  private final Consumers consumers;
  private final Ledger ledger;
  private final Clock clock;

  Consumption(Streams streams, Consumers consumers, Ledger ledger, Clock clock) {
    this.streams = streams;
    this.consumers = consumers;
    this.ledger = ledger;
    this.clock = clock;
  }

  /**
   * Reads without a name.
   *
   * @param from {@code oldest}, {@code latest} or a time; for the first question
   * @param at where an answer said to go on; empty for the first question
   */
  EventsAnswer read(SourceName stream, String from, String at, int limit) {
    LineageReader reader = streams.reader(stream);
    Map<Integer, Long> places =
        at.isEmpty() ? reader.places(stream, LineageReader.Start.parse(from)) : parse(at);
    LineageReader.Portion portion = reader.read(stream, places, limit);
    Map<Integer, Long> after = new TreeMap<>(places);
    portion.steps().forEach(step -> after.put(step.shard(), step.next()));
    return answer(portion, print(after));
  }

  /** Reads on from where a consumer is, which is made if there is none of that name. */
  EventsAnswer read(SourceName stream, ConsumerName consumer, String from, int limit) {
    LineageReader reader = streams.reader(stream);
    LineageReader.Start start = LineageReader.Start.parse(from);
    Map<Integer, Long> places =
        consumers
            .places(stream, consumer)
            .orElseGet(() -> consumers.begin(stream, consumer, reader.places(stream, start)));
    return answer(reader.read(stream, places, limit), "");
  }

  /** Moves a consumer on; {@code CONFLICT} if another reader of its name was faster. */
  void commit(SourceName stream, ConsumerName consumer, CommitRequest request) {
    ShardedLog log = streams.log(stream);
    Map<Integer, Extent> extents = log.log().extent(stream);
    List<Consumers.Step> steps = new ArrayList<>();
    for (OffsetStep step : request.offsets()) {
      Shard shard = shard(log, stream, step.shard());
      check(step, shard, extents.getOrDefault(shard.number(), NOTHING));
      steps.add(new Consumers.Step(shard.number(), step.from(), step.next()));
    }
    if (consumers.places(stream, consumer).isEmpty()) {
      consumers.begin(
          stream,
          consumer,
          streams.reader(stream).places(stream, new LineageReader.Start.Oldest()));
    }
    consumers.commit(stream, consumer, steps);
  }

  private static Shard shard(ShardedLog log, SourceName stream, long number) {
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw new TarnException(ErrorCode.NOT_FOUND, "there is no shard " + number);
    }
    return log.shards(stream).shard((int) number);
  }

  private static void check(OffsetStep step, Shard shard, Extent extent) {
    Long end = shard.endsAt();
    long last = end == null ? extent.next() : Math.max(end, extent.next());
    if (step.next() < 0 || step.next() > last) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "offset " + step.next() + " is not in shard " + step.shard() + ", which ends at " + last);
    }
  }

  void remove(SourceName stream, ConsumerName consumer) {
    streams.log(stream);
    consumers.remove(stream, consumer);
  }

  /** The delivery first, then the consumers by name. */
  LagAnswer lag(SourceName stream) {
    ShardedLog log = streams.log(stream);
    Instant now = clock.instant();
    List<ReaderLag> readers = new ArrayList<>();
    StreamLag delivery =
        StreamLag.behind(stream, log.log(), StreamLag.delivered(stream, ledger), now);
    readers.add(
        new ReaderLag(
            "delivery",
            "delivery",
            delivery.events(),
            seconds(delivery.age()),
            consumers.deliveredLastMinute(stream)));
    consumers
        .all(stream)
        .forEach((name, progress) -> readers.add(lag(stream, log, name, progress, now)));
    return new LagAnswer(readers, unseen(stream, log));
  }

  private static long unseen(SourceName stream, ShardedLog log) {
    List<Shard> shards = log.shards(stream).all();
    if (shards.stream().allMatch(Shard::isOpen)) {
      return 0;
    }
    Map<Integer, Extent> extents = log.log().extent(stream);
    return shards.stream()
        .mapToLong(shard -> beyond(shard, extents.getOrDefault(shard.number(), NOTHING)))
        .sum();
  }

  /** What the log has behind a shard's end, where nobody but the delivery looks. */
  private static long beyond(Shard shard, Extent extent) {
    Long end = shard.endsAt();
    return end == null ? 0 : Math.max(0, extent.next() - Math.max(end, extent.oldest()));
  }

  private static ReaderLag lag(
      SourceName stream,
      ShardedLog log,
      String consumer,
      Map<Integer, Consumers.Progress> progress,
      Instant now) {
    Map<Integer, Long> places = new TreeMap<>();
    progress.forEach((shard, one) -> places.put(shard, one.next()));
    for (Shard shard : log.shards(stream).all()) {
      Long end = shard.endsAt();
      if (end != null && places.getOrDefault(shard.number(), 0L) >= end) {
        places.put(shard.number(), Long.MAX_VALUE); // what lies behind the end is nobody's
      }
    }
    StreamLag lag = StreamLag.behind(stream, log.log(), places, now);
    return new ReaderLag(
        consumer,
        "consumer",
        lag.events(),
        seconds(lag.age()),
        progress.values().stream().mapToLong(Consumers.Progress::lastMinute).sum());
  }

  private static long seconds(Duration age) {
    return Math.max(0, age.toSeconds());
  }

  /** All shards, as the log has them now. */
  List<ShardStatus> shards(SourceName stream) {
    ShardedLog log = streams.log(stream);
    Map<Integer, Extent> extents = log.log().extent(stream);
    Instant before = clock.instant().minus(MINUTE);
    return log.shards(stream).all().stream()
        .map(
            shard -> {
              Extent extent = extents.getOrDefault(shard.number(), NOTHING);
              long then =
                  extent.oldest() == extent.next()
                      ? extent.next()
                      : log.log().offsetAt(stream, shard.number(), before);
              return status(shard, extent, Math.max(0, extent.next() - then));
            })
        .toList();
  }

  private static ShardStatus status(Shard shard, Extent extent, long lastMinute) {
    Long end = shard.endsAt();
    return new ShardStatus(
        shard.number(),
        shard.isOpen() ? "open" : end == null ? "closing" : "closed",
        shard.from().toString(),
        shard.to().toString(),
        number(shard.parent()),
        number(shard.adjacentParent()),
        shard.openedAt(),
        shard.closedAt(),
        extent.oldest(),
        end == null ? extent.next() : end,
        beyond(shard, extent),
        lastMinute);
  }

  private static @Nullable Long number(@Nullable Integer number) {
    return number == null ? null : (Long) number.longValue();
  }

  private static EventsAnswer answer(LineageReader.Portion portion, String at) {
    return new EventsAnswer(
        portion.events().stream().map(Consumption::item).toList(),
        portion.steps().stream()
            .map(step -> new OffsetStep(step.shard(), step.from(), step.next()))
            .toList(),
        portion.lost(),
        at);
  }

  private static EventsAnswer.Item item(LogRecord record) {
    String text = new String(record.bytes(), StandardCharsets.UTF_8);
    boolean isText = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), record.bytes());
    return new EventsAnswer.Item(
        record.shard(),
        record.offset(),
        record.arrived(),
        record.key(),
        isText ? text : null,
        isText ? null : Base64.getEncoder().encodeToString(record.bytes()));
  }

  /** {@code 0:128,1:97}. */
  private static String print(Map<Integer, Long> places) {
    return places.entrySet().stream()
        .map(place -> place.getKey() + ":" + place.getValue())
        .collect(Collectors.joining(","));
  }

  private static Map<Integer, Long> parse(String at) {
    Map<Integer, Long> places = new TreeMap<>();
    for (String place : at.split(",", -1)) {
      String[] pair = place.split(":", -1);
      try {
        places.put(Integer.parseUnsignedInt(pair[0]), Long.parseLong(pair[1]));
        if (pair[1].startsWith("-")) {
          throw new NumberFormatException(pair[1]);
        }
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new TarnException(
            ErrorCode.BAD_REQUEST, "'at' is '" + at + "'; it is what an answer had as 'at'", e);
      }
    }
    return places;
  }
}
