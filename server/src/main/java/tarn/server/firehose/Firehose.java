package tarn.server.firehose;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.lake.StreamDefinition;
import tarn.core.ledger.SourceName;
import tarn.core.stream.ShardedLog;
import tarn.server.aws.AwsException;
import tarn.server.aws.AwsPlace;
import tarn.server.aws.AwsService;
import tarn.server.aws.Input;
import tarn.server.aws.Output;
import tarn.server.event.EventStreams;

/**
 * Amazon Data Firehose over the lake's streams: every stream is a delivery stream of its name.
 * Where its events go is what the lake folder says, so delivery streams are not made or changed
 * here.
 */
public final class Firehose implements AwsService {
  private static final int MOST_RECORDS = 500;
  private static final int MOST_RECORD_BYTES = 1000 << 10;
  private static final int MOST_REQUEST_BYTES = 4 << 20;
  private static final int MOST_LISTED = 10_000;
  private static final int LISTED = 10;

  private final EventStreams streams;
  private final AwsPlace place;
  private final String bucket;

  /**
   * The service.
   *
   * @param bucket the raw zone's
   */
  public Firehose(EventStreams streams, AwsPlace place, String bucket) {
    this.streams = streams;
    this.place = place;
    this.bucket = bucket;
  }

  @Override
  public String target() {
    return "Firehose_20150804";
  }

  @Override
  public String signingName() {
    return "firehose";
  }

  @Override
  public Map<String, Operation> operations() {
    return Map.of(
        "PutRecord",
        this::putRecord,
        "PutRecordBatch",
        this::putRecords,
        "DescribeDeliveryStream",
        this::describe,
        "ListDeliveryStreams",
        this::list);
  }

  private Output putRecord(Input input) {
    StreamDefinition stream = stream(input);
    List<ShardedLog.Event> events = new ArrayList<>();
    add(data(input.structure("Record")), events);
    EventLog.Outcome outcome = worst(streams.put(new SourceName(stream.stream()), events));
    if (outcome instanceof EventLog.Outcome.Failed failed && failed.retry()) {
      throw new AwsException("ServiceUnavailableException", 503, failed.reason());
    } else if (outcome instanceof EventLog.Outcome.Failed failed) {
      throw new AwsException("InvalidArgumentException", failed.reason());
    }
    return told(outcome).with("Encrypted", false);
  }

  private Output putRecords(Input input) {
    StreamDefinition stream = stream(input);
    List<ShardedLog.Event> events = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    long bytes = 0;
    for (Input record : input.structures("Records", MOST_RECORDS)) {
      byte[] data = data(record);
      bytes += data.length;
      add(data, events);
      ends.add(events.size());
    }
    if (bytes > MOST_REQUEST_BYTES) {
      throw new AwsException(
          "InvalidArgumentException", "The records of a request have at most 4 MiB.");
    }
    List<EventLog.Outcome> outcomes = streams.put(new SourceName(stream.stream()), events);
    List<Output> results = new ArrayList<>();
    int failed = 0;
    int begin = 0;
    for (int end : ends) {
      EventLog.Outcome outcome = worst(outcomes.subList(begin, end));
      begin = end;
      failed += outcome instanceof EventLog.Outcome.Failed ? 1 : 0;
      results.add(told(outcome));
    }
    return new Output()
        .with("FailedPutCount", failed)
        .with("Encrypted", false)
        .with("RequestResponses", results);
  }

  private static byte[] data(Input record) {
    byte[] data = record.blob("Data");
    if (data.length > MOST_RECORD_BYTES) {
      throw AwsException.constraint(
          "Record.Data",
          "[" + data.length + " bytes]",
          "have length less than or equal to " + MOST_RECORD_BYTES);
    }
    return data;
  }

  private static void add(byte[] record, List<ShardedLog.Event> to) {
    RecordEvents.of(record).forEach(event -> to.add(new ShardedLog.Event("", null, event)));
  }

  /** The last place, or the first failure: then all of the record is to be sent again. */
  private static EventLog.Outcome worst(List<EventLog.Outcome> outcomes) {
    return outcomes.stream()
        .filter(outcome -> outcome instanceof EventLog.Outcome.Failed)
        .findFirst()
        .orElseGet(() -> outcomes.get(outcomes.size() - 1));
  }

  private static Output told(EventLog.Outcome outcome) {
    if (outcome instanceof EventLog.Outcome.Failed failed) {
      return new Output()
          .with("ErrorCode", failed.retry() ? "ServiceUnavailableException" : "InternalFailure")
          .with("ErrorMessage", failed.reason());
    }
    EventLog.Outcome.Appended in = (EventLog.Outcome.Appended) outcome;
    return new Output().with("RecordId", in.shard() + "-" + in.offset());
  }

  private StreamDefinition stream(Input input) {
    String name = input.text("DeliveryStreamName");
    try {
      return streams.named(new SourceName(name));
    } catch (TarnException e) {
      if (e.code() == ErrorCode.NOT_FOUND || e.code() == ErrorCode.BAD_REQUEST) {
        throw new AwsException(
            "ResourceNotFoundException",
            "Firehose " + name + " under account " + place.account() + " not found.");
      }
      throw e;
    }
  }

  private Output describe(Input input) {
    StreamDefinition stream = stream(input);
    Instant declared = streams.declared(new SourceName(stream.stream()));
    return new Output()
        .with(
            "DeliveryStreamDescription",
            new Output()
                .with("DeliveryStreamName", stream.stream())
                .with(
                    "DeliveryStreamARN", place.arn("firehose", "deliverystream/" + stream.stream()))
                .with("DeliveryStreamStatus", "ACTIVE")
                .with("DeliveryStreamType", "DirectPut")
                .with("VersionId", "1")
                .with("CreateTimestamp", declared)
                .with("LastUpdateTimestamp", declared)
                .with("Destinations", List.of(destination(stream)))
                .with("HasMoreDestinations", false));
  }

  /** The raw zone, where the events land. */
  private Output destination(StreamDefinition stream) {
    Output s3 =
        new Output()
            .with("RoleARN", "arn:aws:iam::" + place.account() + ":role/lake")
            .with("BucketARN", "arn:aws:s3:::" + bucket)
            .with("Prefix", "streams/" + stream.stream() + "/")
            .with(
                "BufferingHints",
                new Output()
                    .with("IntervalInSeconds", Math.max(0, stream.freshness().toSeconds()))
                    .with("SizeInMBs", 1))
            .with("CompressionFormat", "ZSTD")
            .with(
                "EncryptionConfiguration", new Output().with("NoEncryptionConfig", "NoEncryption"));
    return new Output()
        .with("DestinationId", "destinationId-000000000001")
        .with("S3DestinationDescription", s3)
        .with("ExtendedS3DestinationDescription", s3);
  }

  private Output list(Input input) {
    int most = input.integer("Limit", 1, MOST_LISTED, LISTED);
    String after = input.optionalText("ExclusiveStartDeliveryStreamName");
    String type = input.optionalText("DeliveryStreamType");
    List<String> all =
        streams.all().stream()
            .map(StreamDefinition::stream)
            .filter(name -> after == null || name.compareTo(after) > 0)
            .filter(name -> type == null || type.equals("DirectPut"))
            .toList();
    List<String> page = all.subList(0, Math.min(most, all.size()));
    return new Output()
        .with("DeliveryStreamNames", page)
        .with("HasMoreDeliveryStreams", page.size() < all.size());
  }
}
