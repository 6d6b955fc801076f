package tarn.core.engine;

import java.time.Duration;
import java.util.List;

/**
 * A SELECT that may be run: it has passed the guard, and reads nothing but its views.
 *
 * @param sql one SELECT, or {@code EXPLAIN} of one
 * @param views all that it reads
 * @param timeout after which it is stopped, by force if it must be
 * @param maxRows after which the result is cut, and says so
 * @param maxBytes of the result as JSON, after which it is cut
 */
public record QueryJob(
    String sql, List<View> views, Duration timeout, long maxRows, long maxBytes) {}
