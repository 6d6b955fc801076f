package tarn.core.engine;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import tarn.core.engine.plan.Measure;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.TableName;
import tarn.core.table.TableState;

/**
 * Numbers about a table's rows as they would be after a change whose files are written and not
 * committed.
 *
 * @param table the target, with the columns after the change
 * @param change files that come instead of all rows or beside them
 * @param measures what is asked
 * @param existing plans all rows of the table before the change
 * @param others plans all rows of another table
 * @param timeout after which the work is stopped
 */
public record MeasureJob(
    TableState table,
    DataChange change,
    List<Measure> measures,
    Supplier<Scan> existing,
    Function<TableName, Scan> others,
    Duration timeout) {
  public MeasureJob {
    measures = List.copyOf(measures);
  }
}
