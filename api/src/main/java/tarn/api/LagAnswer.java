package tarn.api;

import java.util.List;

/**
 * How far behind the readers of a stream are.
 *
 * @param readers the delivery, then the consumers by name
 * @param unseen events that lie beyond the ends of closed shards: the delivery takes them, and no
 *     consumer sees them
 */
public record LagAnswer(List<ReaderLag> readers, long unseen) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("readers", readers).with("unseen", unseen);
  }

  public static LagAnswer from(Fields fields) {
    return new LagAnswer(fields.objects("readers", ReaderLag::from), fields.number("unseen"));
  }
}
