package tarn.core.workflow;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import tarn.core.lake.Schedule;

/**
 * What is run: a pipeline today.
 *
 * @param name unique in the lake
 * @param version of its definition: another text when it changes
 * @param enabled whether times and other runs start it, as its definition says
 * @param schedule when it is due
 * @param zone of the schedule's clock
 * @param next workflows that run when it succeeded
 * @param timeout of one attempt
 * @param retries how often it is begun again after it failed
 * @param notifies whether somebody is told when it failed
 * @param body what it does
 */
public record Workflow(
    String name,
    String version,
    boolean enabled,
    Optional<Schedule> schedule,
    ZoneId zone,
    List<String> next,
    Optional<Duration> timeout,
    int retries,
    boolean notifies,
    Body body) {
  public Workflow {
    next = List.copyOf(next);
  }
}
