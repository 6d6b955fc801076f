package tarn.server;

import java.time.Instant;
import java.util.List;
import java.util.Queue;
import tarn.api.PipelineRun;
import tarn.api.PipelineRunsAnswer;
import tarn.api.PipelineSetting;
import tarn.api.PipelineStatus;
import tarn.api.PipelinesAnswer;

/** One pipeline whose runs end when they are asked for again. */
record MemoryPipelines(Queue<String> asked) implements PipelineOperations {
  @Override
  public PipelinesAnswer list() {
    return new PipelinesAnswer(List.of(status("nightly")));
  }

  @Override
  public PipelineStatus status(String pipeline) {
    return new PipelineStatus(
        pipeline,
        "custom",
        "",
        true,
        "",
        "rate(2 hours)",
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(told(pipeline, "failed")));
  }

  @Override
  public PipelineRunsAnswer history(String pipeline, int limit) {
    return new PipelineRunsAnswer(List.of(told(pipeline, "failed")));
  }

  @Override
  public PipelineRun find(String pipeline, String run) {
    return told(pipeline, "failed");
  }

  @Override
  public PipelineRun run(String pipeline) {
    asked.add("run pipeline " + pipeline);
    return told(pipeline, "running");
  }

  @Override
  public PipelineRunsAnswer stop(String pipeline) {
    asked.add("stop pipeline " + pipeline);
    return new PipelineRunsAnswer(List.of());
  }

  @Override
  public PipelineStatus enable(String pipeline, boolean enabled) {
    asked.add((enabled ? "enable " : "disable ") + pipeline);
    return status(pipeline);
  }

  @Override
  public PipelineStatus set(String pipeline, PipelineSetting setting) {
    asked.add("set " + setting.key() + "=" + setting.value());
    return status(pipeline);
  }

  private static PipelineRun told(String pipeline, String state) {
    return new PipelineRun(
        "r1",
        pipeline,
        state,
        "manual",
        "",
        1,
        Instant.EPOCH,
        Instant.EPOCH,
        null,
        0,
        0,
        0,
        "",
        state.equals("failed") ? "it broke" : "",
        "",
        "");
  }
}
