package tarn.core.workflow;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One run of a workflow.
 *
 * @param id unique in the lake: {@code 20260131T235959-3f9a61}
 * @param trigger why it was begun
 * @param attempt how often its body was begun; from 1 once it runs
 * @param failures how many of the attempts failed
 * @param createdAt when it was entered
 * @param startedAt when the first attempt began
 * @param endedAt when it was over
 * @param progress how far it is, in words
 * @param problem what went wrong last; why it was skipped; empty if nothing did
 * @param log the last of what it said
 * @param stopAsked whether somebody wants it to stop
 * @param notice what became of telling others: {@code due}, {@code telling}, {@code told}, or what
 *     went wrong; null if nobody is to be told
 */
public record Run(
    String id,
    String workflow,
    Trigger trigger,
    State state,
    int attempt,
    int failures,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    Counts counts,
    String progress,
    String problem,
    String log,
    boolean stopAsked,
    @Nullable String notice) {

  /** Where it stands. */
  public enum State {
    /** It begins when the run before has ended. */
    QUEUED,
    /** It runs, or waits for its next attempt. */
    RUNNING,
    SUCCEEDED,
    FAILED,
    /** It was stopped before its end. */
    CANCELLED,
    /** It was due while one ran and another waited already, which does what it would have done. */
    SKIPPED;

    /** Whether nothing follows. */
    public boolean isEnd() {
      return this != QUEUED && this != RUNNING;
    }
  }
}
