package tarn.core.workflow;

import java.util.Map;
import tarn.core.lake.PipelineDefinition;

/** Settings of pipelines by command, laid over their files. */
public final class PipelineOverrides {
  private PipelineOverrides() {}

  /** A definition with settings by command; those that can no longer be read are passed over. */
  public static PipelineDefinition applied(
      PipelineDefinition definition, Map<String, String> settings) {
    PipelineDefinition now = definition;
    for (Map.Entry<String, String> one : settings.entrySet()) {
      try {
        now = now.with(one.getKey(), one.getValue());
      } catch (IllegalArgumentException e) {
        continue; // the file has changed since: what it says holds
      }
    }
    return now;
  }
}
