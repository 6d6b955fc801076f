package tarn.api;

import java.util.List;

/** How far behind the readers of a stream are: the delivery, then the consumers by name. */
public record LagAnswer(List<ReaderLag> readers) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("readers", readers);
  }

  public static LagAnswer from(Fields fields) {
    return new LagAnswer(fields.objects("readers", ReaderLag::from));
  }
}
