package tarn.server.kinesis;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.lake.StreamDefinition;
import tarn.core.ledger.SourceName;
import tarn.core.stream.Shard;
import tarn.server.aws.AwsException;
import tarn.server.aws.AwsService.Operation;
import tarn.server.aws.Input;
import tarn.server.aws.Output;
import tarn.server.event.EventStreams;

/** Shards: ListShards, SplitShard, MergeShards, UpdateShardCount. */
final class Shards {
  /** The most shards of a stream. */
  static final int MOST_SHARDS = 100;

  private static final int MOST_LISTED = 10_000;
  private static final int LISTED = 1_000;
  private static final String TOKEN = "shards";

  private final EventStreams streams;
  private final Addresses addresses;
  private final Seals seals;

  Shards(EventStreams streams, Addresses addresses, Seals seals) {
    this.streams = streams;
    this.addresses = addresses;
    this.seals = seals;
  }

  Map<String, Operation> operations() {
    return Map.of(
        "ListShards",
        this::list,
        "SplitShard",
        this::split,
        "MergeShards",
        this::merge,
        "UpdateShardCount",
        this::resize);
  }

  // ---- how a shard is told ----

  static Output range(Shard shard) {
    return new Output()
        .with("StartingHashKey", shard.from().toString())
        .with("EndingHashKey", shard.to().toString());
  }

  static Output told(Shard shard) {
    return new Output()
        .with("ShardId", ShardId.of(shard.number()))
        .with("ParentShardId", id(shard.parent()))
        .with("AdjacentParentShardId", id(shard.adjacentParent()))
        .with("HashKeyRange", range(shard))
        .with(
            "SequenceNumberRange",
            new Output()
                .with("StartingSequenceNumber", new SequenceNumber(shard.number(), 0).toString())
                .with(
                    "EndingSequenceNumber",
                    shard.isOpen() ? null : SequenceNumber.beyond(shard.number()).toString()));
  }

  private static @Nullable String id(@Nullable Integer shard) {
    return shard == null ? null : ShardId.of(shard);
  }

  /** All shards of which the log may still have records, by number. */
  List<Shard> kept(SourceName stream) {
    List<Shard> all = streams.shards(stream).all();
    if (all.stream().allMatch(Shard::isOpen)) {
      return all;
    }
    Map<Integer, EventLog.Extent> extent = streams.extent(stream);
    List<Shard> kept = new ArrayList<>();
    for (Shard shard : all) {
      Long end = shard.endsAt();
      EventLog.Extent there = extent.get(shard.number());
      // One whose records were removed by age is no more; one that never had any stays for its
      // children's sake.
      if (end == null || there == null || end == 0 || there.oldest() < end) {
        kept.add(shard);
      }
    }
    kept.sort(Comparator.comparingInt(Shard::number));
    return kept;
  }

  // ---- ListShards ----

  /** What is listed, in the words of a token. */
  private record Wanted(String stream, int after, String type, String shard, long millis) {
    static Wanted parse(List<String> parts) {
      return new Wanted(
          parts.get(0),
          Integer.parseInt(parts.get(1)),
          parts.get(2),
          parts.get(3),
          Long.parseLong(parts.get(4)));
    }

    List<String> parts(int last) {
      return List.of(stream, Integer.toString(last), type, shard, Long.toString(millis));
    }
  }

  private Output list(Input input) {
    int most = input.integer("MaxResults", 1, MOST_LISTED, LISTED);
    Wanted wanted = input.has("NextToken") ? continued(input) : begun(input);
    SourceName stream = new SourceName(addresses.named(wanted.stream).stream());
    List<Shard> shards =
        kept(stream).stream()
            .filter(filter(stream, wanted))
            .filter(shard -> shard.number() > wanted.after)
            .toList();
    List<Shard> page = shards.subList(0, Math.min(most, shards.size()));
    Output answer = new Output().with("Shards", page.stream().map(Shards::told).toList());
    return page.size() == shards.size()
        ? answer
        : answer.with(
            "NextToken", seals.seal(TOKEN, wanted.parts(page.get(page.size() - 1).number())));
  }

  private Wanted continued(Input input) {
    for (String exclusive :
        List.of("StreamName", "StreamARN", "StreamCreationTimestamp", "ExclusiveStartShardId")) {
      if (input.has(exclusive)) {
        throw new AwsException(
            "InvalidArgumentException",
            "NextToken and " + exclusive + " cannot be provided together.");
      }
    }
    Seals.Opened opened = seals.open(TOKEN, "NextToken", input.text("NextToken"));
    if (seals.expired(opened)) {
      throw new AwsException(
          "ExpiredNextTokenException", "The NextToken was given out more than 300 seconds ago.");
    }
    return Wanted.parse(opened.parts());
  }

  private Wanted begun(Input input) {
    String start = input.optionalText("ExclusiveStartShardId");
    Input filter = input.structure("ShardFilter");
    Instant time = filter.optionalTime("Timestamp");
    String shard = filter.optionalText("ShardId");
    String type = input.has("ShardFilter") ? filter.text("Type") : "FROM_TRIM_HORIZON";
    String stream = addresses.stream(input).stream();
    if (type.endsWith("TIMESTAMP") && time == null) {
      throw new AwsException(
          "InvalidArgumentException", "ShardFilter of type " + type + " needs a Timestamp.");
    } else if (type.equals("AFTER_SHARD_ID") && shard == null) {
      throw new AwsException(
          "InvalidArgumentException", "ShardFilter of type AFTER_SHARD_ID needs a ShardId.");
    }
    return new Wanted(
        stream,
        start == null ? -1 : number(start),
        type,
        shard == null ? "" : ShardId.of(number(shard)),
        time == null ? 0 : time.toEpochMilli());
  }

  private static int number(String shard) {
    return ShardId.parse(shard)
        .orElseThrow(
            () ->
                new AwsException(
                    "InvalidArgumentException", "'" + shard + "' is not the id of a shard."));
  }

  private Predicate<Shard> filter(SourceName stream, Wanted wanted) {
    Instant time = Instant.ofEpochMilli(wanted.millis);
    return switch (wanted.type) {
      case "FROM_TRIM_HORIZON" -> shard -> true;
      case "AT_LATEST" -> Shard::isOpen;
      case "AT_TRIM_HORIZON" -> oldest(stream);
      case "AFTER_SHARD_ID" -> shard -> shard.number() > number(wanted.shard);
      case "AT_TIMESTAMP" -> shard -> !shard.openedAt().isAfter(time) && !closedBefore(shard, time);
      case "FROM_TIMESTAMP" -> shard -> !closedBefore(shard, time);
      default ->
          throw AwsException.constraint(
              "ShardFilter.Type",
              wanted.type,
              "satisfy enum value set: [AT_TRIM_HORIZON, FROM_TRIM_HORIZON, AT_LATEST, FROM_TIMESTAMP, AT_TIMESTAMP, AFTER_SHARD_ID]");
    };
  }

  /** Those whose parents are not kept any more. */
  private Predicate<Shard> oldest(SourceName stream) {
    List<Integer> kept = kept(stream).stream().map(Shard::number).toList();
    return shard -> shard.parents().noneMatch(kept::contains);
  }

  private static boolean closedBefore(Shard shard, Instant time) {
    Instant closed = shard.closedAt();
    return closed != null && !closed.isAfter(time);
  }

  // ---- resharding ----

  private Output split(Input input) {
    StreamDefinition stream = addresses.stream(input);
    SourceName name = new SourceName(stream.stream());
    Shard shard = open(name, input.text("ShardToSplit"));
    return resharded(
        () -> streams.split(name, shard.number(), HashKey.of(input, "NewStartingHashKey")));
  }

  private Output merge(Input input) {
    StreamDefinition stream = addresses.stream(input);
    SourceName name = new SourceName(stream.stream());
    Shard shard = open(name, input.text("ShardToMerge"));
    Shard adjacent = open(name, input.text("AdjacentShardToMerge"));
    return resharded(() -> streams.merge(name, shard.number(), adjacent.number()));
  }

  private Output resize(Input input) {
    StreamDefinition stream = addresses.stream(input);
    SourceName name = new SourceName(stream.stream());
    int target = input.integer("TargetShardCount", 1, Integer.MAX_VALUE);
    String scaling = input.text("ScalingType");
    if (!scaling.equals("UNIFORM_SCALING")) {
      throw AwsException.constraint(
          "ScalingType", scaling, "satisfy enum value set: [UNIFORM_SCALING]");
    } else if (target > MOST_SHARDS) {
      throw new AwsException(
          "LimitExceededException", "A stream has at most " + MOST_SHARDS + " shards.");
    }
    int current = streams.shards(name).open().size();
    resharded(() -> streams.resize(name, target));
    return new Output()
        .with("StreamName", stream.stream())
        .with("CurrentShardCount", current)
        .with("TargetShardCount", target)
        .with("StreamARN", addresses.arn(stream.stream()));
  }

  private Shard open(SourceName stream, String id) {
    Shard shard = addresses.shard(stream, id);
    if (!shard.isOpen()) {
      throw new AwsException(
          "ResourceInUseException", "Shard " + id + " in stream " + stream + " is closed.");
    }
    return shard;
  }

  private static Output resharded(Runnable change) {
    try {
      change.run();
      return Output.EMPTY;
    } catch (TarnException e) {
      if (e.code() == ErrorCode.LIMIT_EXCEEDED) {
        throw new AwsException("LimitExceededException", e.line());
      } else if (e.code() == ErrorCode.BUSY
          || e.code() == ErrorCode.CONFLICT
          || e.code() == ErrorCode.FORBIDDEN) {
        throw new AwsException("ResourceInUseException", e.line());
      }
      throw e;
    }
  }
}
