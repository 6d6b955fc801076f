package tarn.api;

import java.util.List;

/** All streams of a lake, by name. */
public record StreamsAnswer(List<StreamStatus> streams) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("streams", streams);
  }

  public static StreamsAnswer from(Fields fields) {
    return new StreamsAnswer(fields.objects("streams", StreamStatus::from));
  }
}
