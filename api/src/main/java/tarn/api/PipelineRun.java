package tarn.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One run of a pipeline.
 *
 * @param run its id
 * @param pipeline whose
 * @param state {@code queued}, {@code running}, {@code succeeded}, {@code failed}, {@code
 *     cancelled} or {@code skipped}
 * @param trigger {@code manual}, {@code schedule} or {@code after}
 * @param of what triggered it: when it was due, or the run that it followed; empty if somebody
 *     asked for it
 * @param attempt how often it was begun
 * @param createdAt when it was entered
 * @param startedAt when it first began
 * @param endedAt when it was over
 * @param rowsRead rows and changes read
 * @param rowsUpserted rows written
 * @param rowsDeleted rows removed
 * @param progress how far it is, in words; empty if it does not run
 * @param problem what went wrong last, or why it was skipped; empty if nothing did
 * @param notice what became of telling others: {@code told}, or what went wrong; empty if nobody
 *     was to be told
 * @param log the last of what its command said
 */
public record PipelineRun(
    String run,
    String pipeline,
    String state,
    String trigger,
    String of,
    long attempt,
    @Nullable Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    long rowsRead,
    long rowsUpserted,
    long rowsDeleted,
    String progress,
    String problem,
    String notice,
    String log)
    implements Message {

  /** Whether nothing follows. */
  public boolean isOver() {
    return !state.equals("queued") && !state.equals("running");
  }

  @Override
  public Fields fields() {
    return new Fields()
        .with("run", run)
        .with("pipeline", pipeline)
        .with("state", state)
        .with("trigger", trigger)
        .with("of", of)
        .with("attempt", attempt)
        .with("created_at", createdAt)
        .with("started_at", startedAt)
        .with("ended_at", endedAt)
        .with("rows_read", rowsRead)
        .with("rows_upserted", rowsUpserted)
        .with("rows_deleted", rowsDeleted)
        .with("progress", progress)
        .with("problem", problem)
        .with("notice", notice)
        .with("log", log);
  }

  public static PipelineRun from(Fields fields) {
    return new PipelineRun(
        fields.text("run"),
        fields.text("pipeline"),
        fields.text("state"),
        fields.text("trigger"),
        fields.text("of"),
        fields.number("attempt"),
        fields.timeOrNull("created_at"),
        fields.timeOrNull("started_at"),
        fields.timeOrNull("ended_at"),
        fields.number("rows_read"),
        fields.number("rows_upserted"),
        fields.number("rows_deleted"),
        fields.text("progress"),
        fields.text("problem"),
        fields.text("notice"),
        fields.text("log"));
  }
}
