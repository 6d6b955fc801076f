package tarn.server;

import tarn.api.PipelineRun;
import tarn.api.PipelineRunsAnswer;
import tarn.api.PipelineSetting;
import tarn.api.PipelineStatus;
import tarn.api.PipelinesAnswer;

/**
 * What can be asked of a lake's pipelines. {@code NOT_FOUND} for a pipeline that the lake folder
 * does not have now.
 */
public interface PipelineOperations {

  /** Tells how all are, by name. */
  PipelinesAnswer list();

  /** Tells how one is. */
  PipelineStatus status(String pipeline);

  /** Tells its newest runs, the newest first. */
  PipelineRunsAnswer history(String pipeline, int limit);

  /** Tells how a run is; {@code NOT_FOUND} if it is not or no longer known. */
  PipelineRun find(String pipeline, String run);

  /** Asks for a run, which begins when the one before has ended; does not wait for it. */
  PipelineRun run(String pipeline);

  /** Stops what runs and takes back what waits; does not wait for the end. */
  PipelineRunsAnswer stop(String pipeline);

  /** Enables or disables one until its file changes. */
  PipelineStatus enable(String pipeline, boolean enabled);

  /** Sets a setting, or lets the file's hold again; {@code BAD_REQUEST} if it cannot be set. */
  PipelineStatus set(String pipeline, PipelineSetting setting);
}
