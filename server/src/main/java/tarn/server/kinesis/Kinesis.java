package tarn.server.kinesis;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import tarn.server.aws.AwsPlace;
import tarn.server.aws.AwsService;
import tarn.server.event.EventStreams;

/**
 * Amazon Kinesis Data Streams over the lake's streams. One record is one event, but for those that
 * the producer library packed together. Not here: consumers of their own (enhanced fan-out), tags,
 * encryption by keys, resource policies, on-demand mode.
 */
public final class Kinesis implements AwsService {
  private final Map<String, Operation> operations = new HashMap<>();

  /**
   * The service.
   *
   * @param sealKey of shard iterators; who has it can make them
   */
  public Kinesis(EventStreams streams, AwsPlace place, byte[] sealKey, Clock clock) {
    Addresses addresses = new Addresses(streams, place);
    Seals seals = new Seals(sealKey, clock);
    Shards shards = new Shards(streams, addresses, seals);
    operations.putAll(new Records(streams, addresses, seals, clock).operations());
    operations.putAll(shards.operations());
    operations.putAll(new Declarations(streams, addresses, shards, seals).operations());
  }

  @Override
  public String target() {
    return "Kinesis_20131202";
  }

  @Override
  public String signingName() {
    return "kinesis";
  }

  @Override
  public Map<String, Operation> operations() {
    return operations;
  }

  @Override
  public int mostAnswerBytes(String operation) {
    // As they are read, and once more in Base64.
    return operation.equals(Records.GET_RECORDS) ? Records.MOST_ANSWER_BYTES / 3 * 7 : 0;
  }
}
