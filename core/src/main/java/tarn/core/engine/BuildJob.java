package tarn.core.engine;

import java.time.Duration;
import java.util.List;
import tarn.core.table.TableState;

/**
 * A model's SELECT whose rows become a table's files.
 *
 * @param table the target; the result's columns are matched by name
 * @param sql as in {@link QueryJob}
 * @param views all that it reads
 * @param timeout after which it is stopped
 */
public record BuildJob(TableState table, String sql, List<View> views, Duration timeout) {}
