package tarn.server.kinesis;

import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;
import tarn.core.stream.Shard;
import tarn.core.stream.ShardMap;
import tarn.core.stream.ShardedLog;
import tarn.server.aws.AwsException;
import tarn.server.aws.AwsService.Operation;
import tarn.server.aws.Input;
import tarn.server.aws.Output;
import tarn.server.event.EventStreams;

/** Records in and out: PutRecord, PutRecords, GetShardIterator, GetRecords. */
final class Records {
  static final String GET_RECORDS = "GetRecords";

  /** What the records of an answer have together. */
  static final int MOST_ANSWER_BYTES = 4 << 20;

  private static final int MOST_RECORDS = 500;
  private static final int MOST_RECORD_BYTES = 1 << 20;
  private static final int MOST_REQUEST_BYTES = 10 << 20;
  private static final int MOST_ANSWER_RECORDS = 10_000;
  private static final int MOST_KEY_LETTERS = 256;
  private static final String ITERATOR = "iterator";

  private final EventStreams streams;
  private final Addresses addresses;
  private final Seals seals;
  private final Clock clock;

  Records(EventStreams streams, Addresses addresses, Seals seals, Clock clock) {
    this.streams = streams;
    this.addresses = addresses;
    this.seals = seals;
    this.clock = clock;
  }

  Map<String, Operation> operations() {
    return Map.of(
        "PutRecord",
        this::putRecord,
        "PutRecords",
        this::putRecords,
        "GetShardIterator",
        this::iterator,
        GET_RECORDS,
        this::records);
  }

  // ---- in ----

  private Output putRecord(Input input) {
    SourceName stream = new SourceName(addresses.stream(input).stream());
    EventLog.Outcome outcome = worst(put(stream, entry(input).events));
    if (outcome instanceof EventLog.Outcome.Appended in) {
      return placed(in);
    }
    EventLog.Outcome.Failed failed = (EventLog.Outcome.Failed) outcome;
    if (failed.retry()) {
      throw new AwsException("ProvisionedThroughputExceededException", throttled(stream, failed));
    }
    throw new AwsException("InvalidArgumentException", failed.reason());
  }

  private Output putRecords(Input input) {
    SourceName stream = new SourceName(addresses.stream(input).stream());
    List<Input> entries = input.structures("Records", MOST_RECORDS);
    List<ShardedLog.Event> events = new ArrayList<>(entries.size());
    int[] ends = new int[entries.size()];
    long bytes = 0;
    for (int i = 0; i < ends.length; i++) {
      Entry entry = entry(entries.get(i));
      events.addAll(entry.events);
      ends[i] = events.size();
      bytes += entry.bytes;
    }
    if (bytes > MOST_REQUEST_BYTES) {
      throw new AwsException(
          "InvalidArgumentException",
          "Records size exceeds " + MOST_REQUEST_BYTES / (1 << 20) + " MB limit");
    }
    return answer(stream, put(stream, events), ends);
  }

  private List<EventLog.Outcome> put(SourceName stream, List<ShardedLog.Event> events) {
    try {
      return streams.put(stream, events);
    } catch (TarnException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        throw addresses.notFound(stream.value()); // it was deleted a moment ago
      }
      throw e;
    }
  }

  private static Output answer(SourceName stream, List<EventLog.Outcome> outcomes, int[] ends) {
    List<Output> results = new ArrayList<>(ends.length);
    int failed = 0;
    int begin = 0;
    for (int end : ends) {
      EventLog.Outcome outcome = worst(outcomes.subList(begin, end));
      begin = end;
      if (outcome instanceof EventLog.Outcome.Appended in) {
        results.add(placed(in));
      } else if (outcome instanceof EventLog.Outcome.Failed why) {
        failed++;
        results.add(
            new Output()
                .with(
                    "ErrorCode",
                    why.retry() ? "ProvisionedThroughputExceededException" : "InternalFailure")
                .with("ErrorMessage", why.retry() ? throttled(stream, why) : why.reason()));
      }
    }
    return new Output().with("FailedRecordCount", failed).with("Records", results);
  }

  /** The last place, or the first failure: then all of the record is to be sent again. */
  private static EventLog.Outcome worst(List<EventLog.Outcome> outcomes) {
    for (EventLog.Outcome outcome : outcomes) {
      if (outcome instanceof EventLog.Outcome.Failed) {
        return outcome;
      }
    }
    return outcomes.get(outcomes.size() - 1);
  }

  private static Output placed(EventLog.Outcome.Appended in) {
    return new Output()
        .with("ShardId", ShardId.of(in.shard()))
        .with("SequenceNumber", new SequenceNumber(in.shard(), in.offset()).toString());
  }

  private static String throttled(SourceName stream, EventLog.Outcome.Failed why) {
    return "Rate exceeded for stream " + stream + ": " + why.reason();
  }

  /** A record's event, or those that a producer packed into it; and how much of a request it is. */
  private record Entry(List<ShardedLog.Event> events, int bytes) {}

  private static Entry entry(Input record) {
    String key = record.text("PartitionKey");
    byte[] data = record.blob("Data");
    if (key.isEmpty()) {
      throw AwsException.constraint("PartitionKey", key, "have length greater than or equal to 1");
    } else if (key.codePointCount(0, key.length()) > MOST_KEY_LETTERS) {
      throw AwsException.constraint(
          "PartitionKey", key, "have length less than or equal to " + MOST_KEY_LETTERS);
    } else if (data.length > MOST_RECORD_BYTES) {
      throw AwsException.constraint(
          "Data",
          "[" + data.length + " bytes]",
          "have length less than or equal to " + MOST_RECORD_BYTES);
    }
    BigInteger hash = HashKey.optional(record, "ExplicitHashKey");
    return new Entry(
        Aggregate.events(data).orElseGet(() -> List.of(new ShardedLog.Event(key, hash, data))),
        key.length() + data.length);
  }

  // ---- out ----

  private Output iterator(Input input) {
    SourceName stream = new SourceName(addresses.stream(input).stream());
    String type = input.text("ShardIteratorType");
    Shard shard = addresses.shard(stream, input.text("ShardId"));
    long offset =
        switch (type) {
          case "TRIM_HORIZON" -> extent(stream, shard.number()).oldest();
          case "LATEST" -> extent(stream, shard.number()).next();
          case "AT_SEQUENCE_NUMBER" -> sequence(stream, shard, input, 0);
          case "AFTER_SEQUENCE_NUMBER" -> sequence(stream, shard, input, 1);
          case "AT_TIMESTAMP" -> streams.offsetAt(stream, shard.number(), time(input));
          default ->
              throw AwsException.constraint(
                  "ShardIteratorType",
                  type,
                  "satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]");
        };
    return new Output().with("ShardIterator", sealed(stream, shard.number(), offset));
  }

  private String sealed(SourceName stream, int shard, long offset) {
    return seals.seal(
        ITERATOR, List.of(stream.value(), Integer.toString(shard), Long.toString(offset)));
  }

  private EventLog.Extent extent(SourceName stream, int shard) {
    return Objects.requireNonNull(streams.extent(stream).get(shard), "a shard has an extent");
  }

  private long sequence(SourceName stream, Shard shard, Input input, int after) {
    SequenceNumber number = number(stream, shard, input);
    long next = extent(stream, shard.number()).next();
    if (number.equals(SequenceNumber.beyond(shard.number()))) {
      return next;
    } else if (number.offset() >= next) {
      throw new AwsException(
          "InvalidArgumentException",
          "StartingSequenceNumber " + number + " is beyond the end of the shard's log");
    }
    return number.offset() + after;
  }

  private SequenceNumber number(SourceName stream, Shard shard, Input input) {
    String text = input.optionalText("StartingSequenceNumber");
    if (text == null) {
      throw new AwsException(
          "InvalidArgumentException",
          "Must specify StartingSequenceNumber with the type "
              + input.text("ShardIteratorType")
              + ".");
    }
    return SequenceNumber.parse(text)
        .filter(number -> number.shard() == shard.number())
        .orElseThrow(
            () ->
                new AwsException(
                    "InvalidArgumentException",
                    "StartingSequenceNumber "
                        + text
                        + " used in GetShardIterator on shard "
                        + ShardId.of(shard.number())
                        + " in stream "
                        + stream
                        + " under account "
                        + addresses.account()
                        + " is invalid."));
  }

  private Instant time(Input input) {
    Instant time = input.optionalTime("Timestamp");
    if (time == null) {
      throw new AwsException(
          "InvalidArgumentException", "Must specify Timestamp with the type AT_TIMESTAMP.");
    } else if (time.isAfter(clock.instant())) {
      throw new AwsException(
          "InvalidArgumentException",
          "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis.");
    }
    return time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time;
  }

  private Output records(Input input) {
    int limit = input.integer("Limit", 1, MOST_ANSWER_RECORDS, MOST_ANSWER_RECORDS);
    Seals.Opened opened = seals.open(ITERATOR, "ShardIterator", input.text("ShardIterator"));
    if (seals.expired(opened)) {
      throw new AwsException(
          "ExpiredIteratorException",
          "Iterator expired. The iterator was created at time "
              + opened.made()
              + " while right now it is "
              + clock.instant()
              + " which is further in the future than the tolerated delay of "
              + Seals.LIFE.toMillis()
              + " milliseconds.");
    }
    SourceName stream = new SourceName(addresses.named(opened.parts().get(0)).stream());
    int shard = Integer.parseInt(opened.parts().get(1));
    long from = Long.parseLong(opened.parts().get(2));
    return answer(stream, shard, streams.read(stream, shard, from, limit, MOST_ANSWER_BYTES));
  }

  private Output answer(SourceName stream, int shard, ShardedLog.Piece piece) {
    Output answer =
        new Output().with("Records", piece.records().stream().map(Records::told).toList());
    if (piece.ended()) {
      return answer
          .with("MillisBehindLatest", 0)
          .with("ChildShards", children(streams.shards(stream), shard));
    }
    return answer
        .with("MillisBehindLatest", behind(stream, shard, piece))
        .with("NextShardIterator", sealed(stream, shard, piece.next()));
  }

  private static Output told(LogRecord record) {
    return new Output()
        .with("SequenceNumber", new SequenceNumber(record.shard(), record.offset()).toString())
        .with("ApproximateArrivalTimestamp", record.arrived())
        .with("Data", record.bytes())
        .with("PartitionKey", record.key());
  }

  /** How old the last record is if there are later ones; 0 if not. */
  private long behind(SourceName stream, int shard, ShardedLog.Piece piece) {
    List<LogRecord> read = piece.records();
    if (piece.next() >= extent(stream, shard).next()) {
      return 0;
    } else if (read.isEmpty()) {
      return 1; // what came between the two looks
    }
    Instant last = read.get(read.size() - 1).arrived();
    return Math.max(1, Duration.between(last, clock.instant()).toMillis());
  }

  private static @Nullable List<Output> children(ShardMap shards, int shard) {
    List<Output> children =
        shards.children(shard).stream()
            .map(
                s ->
                    new Output()
                        .with("ShardId", ShardId.of(s.number()))
                        .with("ParentShards", s.parents().map(ShardId::of).toList())
                        .with("HashKeyRange", Shards.range(s)))
            .toList();
    return children.isEmpty() ? null : children;
  }
}
