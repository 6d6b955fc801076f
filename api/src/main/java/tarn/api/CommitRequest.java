package tarn.api;

import java.util.List;

/**
 * What {@code POST /v1/streams/{stream}/consumers/{consumer}/offsets} asks.
 *
 * @param offsets the steps of an {@link EventsAnswer}
 */
public record CommitRequest(List<OffsetStep> offsets) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("offsets", offsets);
  }

  public static CommitRequest from(Fields fields) {
    fields.only("offsets");
    return new CommitRequest(fields.objects("offsets", OffsetStep::from));
  }
}
