package tarn.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a pipeline is.
 *
 * @param pipeline its name
 * @param type {@code jdbc_load}, {@code seed}, {@code incremental}, {@code continuous} or {@code
 *     custom}
 * @param source the database that it works on; empty if none
 * @param enabled whether times and other pipelines start it
 * @param switched {@code enabled} or {@code disabled} if a command said so and it holds; else empty
 * @param schedule when it is due; empty if never
 * @param nextAt when it is due next; null if it is not
 * @param after pipelines whose success starts it
 * @param next pipelines that its success starts
 * @param overrides settings by command, {@code retries=3}
 * @param newest its run that runs, or the last one; empty if it never ran
 */
public record PipelineStatus(
    String pipeline,
    String type,
    String source,
    boolean enabled,
    String switched,
    String schedule,
    @Nullable Instant nextAt,
    List<String> after,
    List<String> next,
    List<String> overrides,
    List<PipelineRun> newest)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("pipeline", pipeline)
        .with("type", type)
        .with("source", source)
        .with("enabled", enabled)
        .with("switched", switched)
        .with("schedule", schedule)
        .with("next_at", nextAt)
        .with("after", after)
        .with("next", next)
        .with("overrides", overrides)
        .with("newest", newest);
  }

  public static PipelineStatus from(Fields fields) {
    return new PipelineStatus(
        fields.text("pipeline"),
        fields.text("type"),
        fields.text("source"),
        fields.flag("enabled"),
        fields.text("switched"),
        fields.text("schedule"),
        fields.timeOrNull("next_at"),
        fields.texts("after"),
        fields.texts("next"),
        fields.texts("overrides"),
        fields.objects("newest", PipelineRun::from));
  }
}
