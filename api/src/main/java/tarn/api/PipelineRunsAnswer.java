package tarn.api;

import java.util.List;

/** Runs of a pipeline, the newest first: what {@code GET /v1/pipelines/{pipeline}/runs} answers. */
public record PipelineRunsAnswer(List<PipelineRun> runs) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("runs", runs);
  }

  public static PipelineRunsAnswer from(Fields fields) {
    return new PipelineRunsAnswer(fields.objects("runs", PipelineRun::from));
  }
}
