package tarn.api;

/**
 * What {@code POST /v1/streams/{stream}/reshard} asks.
 *
 * @param shards how many there are to be, with ranges of the same size
 */
public record ReshardRequest(long shards) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("shards", shards);
  }

  public static ReshardRequest from(Fields fields) {
    fields.only("shards");
    return new ReshardRequest(fields.number("shards"));
  }
}
