package tarn.api;

import java.util.List;

/** What {@code GET /v1/pipelines} answers: all pipelines, by name. */
public record PipelinesAnswer(List<PipelineStatus> pipelines) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("pipelines", pipelines);
  }

  public static PipelinesAnswer from(Fields fields) {
    return new PipelinesAnswer(fields.objects("pipelines", PipelineStatus::from));
  }
}
