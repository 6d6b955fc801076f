package tarn.core.engine;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.apache.iceberg.expressions.Expression;
import org.jspecify.annotations.Nullable;
import tarn.core.change.Lsn;
import tarn.core.change.Moment;
import tarn.core.table.DataChange;
import tarn.core.table.Scan;
import tarn.core.table.TableState;

/**
 * Changes of a source's table on their way into its copy. A batch is applied once: a second time
 * changes nothing, unless rows got other keys in it whose values were not all said.
 *
 * @param table the copy; columns are matched by name, and those that a file lacks are null
 * @param changes Parquet files with {@link ChangeColumns} and the table's columns, in any order:
 *     changes come in the order of their {@link ChangeColumns#LSN} and {@link
 *     ChangeColumns#ORDINAL}
 * @param key the columns that tell rows; they are never null. If there are none, an update and a
 *     delete tell the whole row that was there: one row goes that is equal to it
 * @param loaded changes of transactions that it sees are passed over: the copy has them; null: none
 * @param settled the rows of the load are of moments before this place in the log; a change that
 *     was committed before it may meet a row that is newer than the change, or gone
 * @param existing plans the copy's rows as of {@code table}
 * @param mergeOnRead delete old rows by position, or else rewrite their files
 * @param timeout after which it is stopped
 */
public record ApplyJob(
    TableState table,
    List<RawInput> changes,
    List<String> key,
    @Nullable Moment loaded,
    Lsn settled,
    Function<Expression, Scan> existing,
    boolean mergeOnRead,
    Duration timeout) {

  /**
   * Files written, not committed.
   *
   * @param change for the table
   * @param read changes in the files
   * @param seen of these, passed over because the copy has them
   * @param upserted rows of the copy that are new or replace another
   * @param deleted rows of the copy that go without another in their place; after a truncate all
   *     that it had
   */
  public record Result(DataChange change, long read, long seen, long upserted, long deleted) {}
}
