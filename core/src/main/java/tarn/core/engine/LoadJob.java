package tarn.core.engine;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.iceberg.expressions.Expression;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Rule;
import tarn.core.engine.plan.Step;
import tarn.core.ledger.RawFile;
import tarn.core.table.Scan;
import tarn.core.table.TableName;
import tarn.core.table.TableState;

/**
 * Raw files on their way into a table.
 *
 * @param table the target
 * @param inputs in the ledger's order
 * @param unreadable files without a record that can be read: each becomes one row of the quarantine
 * @param columns what the recipe starts from, partition columns included; a value that does not fit
 *     its type rejects its record
 * @param steps the recipe; its output columns are matched with the table's by name, and missing
 *     ones are null
 * @param rules checked on the recipe's output
 * @param measures asked about the table's rows as they would be with this load
 * @param others plans all rows of another table, for measures that compare with it
 * @param mode what the rows do to those that are there
 * @param existing plans the table's rows as of {@code table}, for upserts and uniqueness
 * @param quarantine the table for rejected records, made when it is first needed
 * @param timeout after which the work is stopped
 */
public record LoadJob(
    TableState table,
    List<RawInput> inputs,
    List<Unreadable> unreadable,
    List<Column> columns,
    List<Step> steps,
    List<Rule> rules,
    List<Measure> measures,
    Function<TableName, Scan> others,
    WriteMode mode,
    Function<Expression, Scan> existing,
    Supplier<TableState> quarantine,
    Duration timeout) {

  /**
   * A raw file that cannot be read at all.
   *
   * @param ledgerSeq the batch that lists it
   * @param reason for the quarantine
   */
  public record Unreadable(long ledgerSeq, RawFile file, String reason) {}
}
