package tarn.core.workflow;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of an attempt.
 *
 * @param state {@code SUCCEEDED}, {@code FAILED} or {@code CANCELLED}
 * @param problem why it failed
 * @param log the last of what it said
 * @param retryAt when the run is begun again, if it failed; null if it is over
 */
public record Outcome(
    Run.State state, Counts counts, String problem, String log, @Nullable Instant retryAt) {}
