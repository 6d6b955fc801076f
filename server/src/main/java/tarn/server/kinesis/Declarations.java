package tarn.server.kinesis;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tarn.core.errors.TarnException;
import tarn.core.lake.StreamDefinition;
import tarn.core.ledger.SourceName;
import tarn.core.stream.Shard;
import tarn.server.aws.AwsException;
import tarn.server.aws.AwsService.Operation;
import tarn.server.aws.Input;
import tarn.server.aws.Output;
import tarn.server.event.EventStreams;

/** Streams themselves: made, described, listed, removed, and what can be changed of them. */
final class Declarations {
  private static final int MOST_LISTED = 10_000;
  private static final int LISTED = 100;
  private static final int LEAST_RETENTION_HOURS = 24;
  private static final int MOST_RETENTION_HOURS = 8760;
  private static final int RECORD_KIB = 1024;
  private static final String TOKEN = "streams";

  private final EventStreams streams;
  private final Addresses addresses;
  private final Shards shards;
  private final Seals seals;

  Declarations(EventStreams streams, Addresses addresses, Shards shards, Seals seals) {
    this.streams = streams;
    this.addresses = addresses;
    this.shards = shards;
    this.seals = seals;
  }

  Map<String, Operation> operations() {
    Map<String, Operation> operations = new HashMap<>();
    operations.put("CreateStream", this::create);
    operations.put("DeleteStream", this::delete);
    operations.put("DescribeStream", this::describe);
    operations.put("DescribeStreamSummary", this::summary);
    operations.put("DescribeLimits", input -> limits());
    operations.put("ListStreams", this::list);
    operations.put("IncreaseStreamRetentionPeriod", input -> retain(input, true));
    operations.put("DecreaseStreamRetentionPeriod", input -> retain(input, false));
    operations.put("UpdateStreamMode", this::mode);
    operations.put("ListTagsForStream", this::tags);
    operations.put("AddTagsToStream", this::tag);
    operations.put("RemoveTagsFromStream", this::untag);
    operations.put("StartStreamEncryption", this::encrypt);
    operations.put("StopStreamEncryption", this::decrypt);
    return operations;
  }

  // ---- made and removed ----

  private Output create(Input input) {
    String name = input.text("StreamName");
    onlyProvisioned(input);
    if (input.has("Tags")) {
      throw noTags();
    }
    int size = input.integer("MaxRecordSizeInKiB", RECORD_KIB, 10 * RECORD_KIB, RECORD_KIB);
    if (size > RECORD_KIB) {
      throw new AwsException(
          "ValidationException", "A record of this lake has at most " + RECORD_KIB + " KiB.");
    }
    if (!input.has("ShardCount")) {
      throw new AwsException(
          "ValidationException", "ShardCount is required for a stream of mode PROVISIONED.");
    }
    int count = input.integer("ShardCount", 1, Integer.MAX_VALUE);
    if (count > Shards.MOST_SHARDS) {
      throw new AwsException(
          "LimitExceededException", "A stream has at most " + Shards.MOST_SHARDS + " shards.");
    }
    return changed(name, () -> streams.create(new SourceName(name), count));
  }

  private Output delete(Input input) {
    String name = addresses.stream(input).stream();
    return changed(name, () -> streams.delete(new SourceName(name)));
  }

  private Output changed(String stream, Runnable change) {
    try {
      change.run();
      return Output.EMPTY;
    } catch (TarnException e) {
      throw switch (e.code()) {
        case ALREADY_EXISTS ->
            new AwsException(
                "ResourceInUseException",
                "Stream " + stream + " under account " + addresses.account() + " already exists.");
        case BUSY, FORBIDDEN -> new AwsException("ResourceInUseException", e.line());
        case NOT_FOUND -> addresses.notFound(stream);
        case DEFINITION_INVALID -> new AwsException("InvalidArgumentException", e.line());
        default -> e;
      };
    }
  }

  private static void onlyProvisioned(Input input) {
    String mode = input.structure("StreamModeDetails").optionalText("StreamMode");
    if (mode != null && !mode.equals("PROVISIONED")) {
      throw new AwsException(
          "ValidationException",
          "StreamMode "
              + mode
              + " is not of this lake: nothing scales shards by itself. Use PROVISIONED and ShardCount.");
    }
  }

  // ---- described ----

  /** A stream that may still be beginning. */
  private StreamDefinition described(Input input) {
    String name = addresses.name(input);
    return streams.all().stream()
        .filter(stream -> stream.stream().equals(name) && beginning(stream))
        .findFirst()
        .orElseGet(() -> addresses.named(name));
  }

  private boolean beginning(StreamDefinition stream) {
    return streams.beginning(new SourceName(stream.stream()));
  }

  private Output common(StreamDefinition stream) {
    return new Output()
        .with("StreamName", stream.stream())
        .with("StreamARN", addresses.arn(stream.stream()))
        .with("StreamStatus", beginning(stream) ? "CREATING" : "ACTIVE")
        .with("StreamModeDetails", new Output().with("StreamMode", "PROVISIONED"))
        .with("StreamCreationTimestamp", declared(stream));
  }

  private Output described(StreamDefinition stream) {
    return common(stream)
        .with("RetentionPeriodHours", Math.toIntExact(stream.retention().toHours()))
        .with("EnhancedMonitoring", List.of(new Output().with("ShardLevelMetrics", List.of())))
        .with("EncryptionType", "NONE");
  }

  private Instant declared(StreamDefinition stream) {
    return streams.declared(new SourceName(stream.stream()));
  }

  private Output describe(Input input) {
    StreamDefinition stream = described(input);
    int most = input.integer("Limit", 1, MOST_LISTED, LISTED);
    String start = input.optionalText("ExclusiveStartShardId");
    List<Shard> kept = beginning(stream) ? List.of() : shards.kept(new SourceName(stream.stream()));
    List<Shard> all =
        kept.stream()
            .filter(shard -> start == null || ShardId.of(shard.number()).compareTo(start) > 0)
            .toList();
    List<Shard> page = all.subList(0, Math.min(most, all.size()));
    return new Output()
        .with(
            "StreamDescription",
            described(stream)
                .with("Shards", page.stream().map(Shards::told).toList())
                .with("HasMoreShards", page.size() < all.size()));
  }

  private Output summary(Input input) {
    StreamDefinition stream = described(input);
    return new Output()
        .with(
            "StreamDescriptionSummary",
            described(stream)
                .with("OpenShardCount", open(stream))
                .with("ConsumerCount", 0)
                .with("MaxRecordSizeInKiB", RECORD_KIB));
  }

  private long open(StreamDefinition stream) {
    return beginning(stream)
        ? 0
        : streams.shards(new SourceName(addresses.named(stream.stream()).stream())).open().size();
  }

  private Output limits() {
    List<StreamDefinition> all = streams.all();
    return new Output()
        .with("ShardLimit", Shards.MOST_SHARDS * Math.max(1, all.size()))
        .with("OpenShardCount", all.stream().mapToLong(this::open).sum())
        .with("OnDemandStreamCount", 0)
        .with("OnDemandStreamCountLimit", 0);
  }

  private Output list(Input input) {
    int most = input.integer("Limit", 1, MOST_LISTED, LISTED);
    String token = input.optionalText("NextToken");
    String after =
        token == null
            ? input.optionalText("ExclusiveStartStreamName")
            : seals.open(TOKEN, "NextToken", token).parts().get(0);
    List<StreamDefinition> all =
        streams.all().stream()
            .filter(stream -> after == null || stream.stream().compareTo(after) > 0)
            .toList();
    List<StreamDefinition> page = all.subList(0, Math.min(most, all.size()));
    boolean more = page.size() < all.size();
    return new Output()
        .with("StreamNames", page.stream().map(StreamDefinition::stream).toList())
        .with("HasMoreStreams", more)
        .with(
            "NextToken",
            more ? seals.seal(TOKEN, List.of(page.get(page.size() - 1).stream())) : null)
        .with("StreamSummaries", page.stream().map(this::common).toList());
  }

  // ---- changed ----

  private Output retain(Input input, boolean longer) {
    StreamDefinition stream = addresses.stream(input);
    int hours = input.integer("RetentionPeriodHours", 1, Integer.MAX_VALUE);
    long now = stream.retention().toHours();
    if (hours < LEAST_RETENTION_HOURS || hours > MOST_RETENTION_HOURS) {
      throw new AwsException(
          "InvalidArgumentException",
          "The retention period has "
              + LEAST_RETENTION_HOURS
              + " to "
              + MOST_RETENTION_HOURS
              + " hours; "
              + hours
              + " were requested.");
    } else if (longer ? hours < now : hours > now) {
      throw new AwsException(
          "InvalidArgumentException",
          "Requested retention period ("
              + hours
              + " hours) for stream "
              + stream.stream()
              + " can not be "
              + (longer ? "shorter" : "longer")
              + " than existing retention period ("
              + now
              + " hours). Use "
              + (longer ? "DecreaseStreamRetentionPeriod" : "IncreaseStreamRetentionPeriod")
              + " API.");
    } else if (hours == now) {
      return Output.EMPTY;
    }
    return changed(
        stream.stream(),
        () -> streams.retain(new SourceName(stream.stream()), Duration.ofHours(hours)));
  }

  private Output mode(Input input) {
    addresses.stream(input);
    onlyProvisioned(input);
    return Output.EMPTY;
  }

  // ---- what a lake has not ----

  private Output tags(Input input) {
    addresses.stream(input);
    return new Output().with("Tags", List.of()).with("HasMoreTags", false);
  }

  private Output tag(Input input) {
    addresses.stream(input);
    throw noTags();
  }

  private static AwsException noTags() {
    return new AwsException(
        "InvalidArgumentException",
        "This lake keeps no tags: describe a stream in its file, streams/<name>.yaml.");
  }

  /** Those that are not there are gone. */
  private Output untag(Input input) {
    addresses.stream(input);
    input.texts("TagKeys", 50);
    return Output.EMPTY;
  }

  private Output encrypt(Input input) {
    addresses.stream(input);
    throw new AwsException(
        "KMSNotFoundException",
        "This lake has no KMS and no key "
            + input.optionalText("KeyId")
            + ": encrypt the disk of the lake's home.");
  }

  private Output decrypt(Input input) {
    addresses.stream(input);
    return Output.EMPTY;
  }
}
