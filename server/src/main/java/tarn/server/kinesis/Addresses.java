package tarn.server.kinesis;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.StreamDefinition;
import tarn.core.ledger.SourceName;
import tarn.core.stream.Shard;
import tarn.core.stream.ShardMap;
import tarn.server.aws.AwsException;
import tarn.server.aws.AwsPlace;
import tarn.server.aws.Input;
import tarn.server.event.EventStreams;

/** Finds the stream, and the shard, that a request is about. */
final class Addresses {
  private static final Pattern ARN =
      Pattern.compile("arn:aws[^:]*:kinesis:([^:]*):([0-9]{12}):stream/(\\S+)");

  private final EventStreams streams;
  private final AwsPlace place;

  Addresses(EventStreams streams, AwsPlace place) {
    this.streams = streams;
    this.place = place;
  }

  String arn(String stream) {
    return place.arn("kinesis", "stream/" + stream);
  }

  /** The stream of a request, by its name or its ARN, or both. */
  StreamDefinition stream(Input input) {
    return named(name(input));
  }

  /** A stream; {@code ResourceNotFoundException} if there is none. */
  StreamDefinition named(String name) {
    try {
      return streams.named(new SourceName(name));
    } catch (TarnException e) {
      if (e.code() == ErrorCode.NOT_FOUND || e.code() == ErrorCode.BAD_REQUEST) {
        throw notFound(name);
      }
      throw e;
    }
  }

  /** The name that a request gives; nobody has looked whether there is such a stream. */
  String name(Input input) {
    String name = input.optionalText("StreamName");
    String arn = input.optionalText("StreamARN");
    String named = arn == null ? name : nameIn(arn);
    if (named == null) {
      throw new AwsException(
          "InvalidArgumentException", "Either StreamName or StreamARN has to be given.");
    } else if (name != null && !name.equals(named)) {
      throw new AwsException(
          "InvalidArgumentException", "StreamName and StreamARN are of different streams.");
    }
    return named;
  }

  private String nameIn(String arn) {
    Matcher matcher = ARN.matcher(arn);
    if (!matcher.matches()) {
      throw AwsException.constraint(
          "StreamARN",
          arn,
          "satisfy regular expression pattern: arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+");
    }
    String name = matcher.group(3);
    if (!matcher.group(1).equals(place.region()) || !matcher.group(2).equals(place.account())) {
      throw new AwsException(
          "ResourceNotFoundException",
          "Stream " + arn + " not found: streams of this lake are " + arn(name) + " and the like.");
    }
    return name;
  }

  AwsException notFound(String stream) {
    return new AwsException(
        "ResourceNotFoundException",
        "Stream " + stream + " under account " + place.account() + " not found.");
  }

  /** A shard of a stream by its id. */
  Shard shard(SourceName stream, String id) {
    ShardMap shards = streams.shards(stream);
    OptionalInt number = ShardId.parse(id);
    if (number.isEmpty() || !shards.has(number.getAsInt())) {
      throw new AwsException(
          "ResourceNotFoundException",
          "Could not find shard "
              + id
              + " in stream "
              + stream
              + " under account "
              + place.account()
              + ".");
    }
    return shards.shard(number.getAsInt());
  }

  String account() {
    return place.account();
  }
}
