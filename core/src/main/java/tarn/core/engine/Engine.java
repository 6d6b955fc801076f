package tarn.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Step;
import tarn.core.table.WrittenFile;

/**
 * Reshapes data. One contract (the {@code Engine…Contract} classes of the testkit) for DuckDB on
 * one machine and Spark on many.
 *
 * <p><b>Isolation:</b> whatever a text or a file does to the engine's process costs that piece of
 * work and nothing else: {@code ENGINE_CRASHED}. <b>Limits:</b> work that exceeds its time ends
 * with {@code TIMEOUT} within a second of it, memory and spill with {@code OUT_OF_MEMORY}; more
 * work than may run or wait at once is refused with {@code BUSY}. An interrupted caller stops its
 * work ({@code CANCELLED}). <b>After a failure</b> no table is changed; files may be left in the
 * store that nothing lists: maintenance finds them. Safe for use by many threads.
 */
public interface Engine extends AutoCloseable {

  /**
   * The tree of one SELECT (SHOW and DESCRIBE count) in the engine's own JSON, with every field;
   * {@code SQL_INVALID} with the engine's message and position; {@code SQL_REFUSED} for a statement
   * that has no tree. The text's length and nesting have been bounded before.
   */
  JsonNode parse(String sql, Duration timeout);

  /** The text of a tree, and what the engine reads in that text. */
  Text unparse(JsonNode tree, Duration timeout);

  /**
   * A text and its tree.
   *
   * @param tree as {@link #parse} of the text gives it
   */
  record Text(String sql, JsonNode tree) {}

  /**
   * Finds the types of raw files' columns from samples of their records. Records that cannot be
   * read are passed over; if none can, the columns are those of the header as text, or none.
   * Partition values are not among them.
   *
   * @param inputs at least one, all of the same format and compression
   */
  List<Column> infer(List<RawInput> inputs);

  /**
   * What values of raw files' texts and whole numbers look like, from some of their records. A
   * column of no kind has the kind {@code ""} and no matches.
   *
   * @param inputs at least one, all of the same format and compression
   * @param columns as {@link #infer} found them
   */
  default List<Classified> classify(List<RawInput> inputs, List<Column> columns) {
    return List.of();
  }

  /** The columns that a recipe makes from these. */
  List<Column> describe(List<Column> columns, List<Step> steps);

  /** The columns of a query's result, as table columns. */
  List<Column> describe(QueryJob query);

  /** Runs a query. */
  QueryOutcome query(QueryJob query, RowSink sink);

  /**
   * Reads raw files strictly; those that fail take the slower path, which keeps every good record
   * and rejects every bad one with its place, reason and bytes.
   */
  LoadResult load(LoadJob job);

  /** Runs a model. */
  List<WrittenFile> build(BuildJob job);

  /**
   * Measures a table as it would be after a change of all its rows or an addition to them. A
   * measure without a value, such as the mean of no rows, is missing.
   */
  Map<Measure, BigDecimal> measure(MeasureJob job);

  /**
   * Writes rows of text into a Parquet file. A value that does not fit its column's type is null
   * there, and its text in {@link ChangeColumns#UNFIT}. {@code DATA_INVALID} for a text that is not
   * what {@link ColumnarJob#text} says.
   */
  ColumnarJob.Stored columnar(ColumnarJob job);

  /**
   * Applies changes to a copy of their table: afterwards it has, for each key, the row that the
   * last change left, or none. A value that a change did not say is the one that the row had before
   * it, in an earlier change or in the copy, under the old key if the key changed. A truncate
   * removes all that was before it.
   *
   * @throws tarn.core.errors.TarnException {@code DATA_INVALID} if a value that was not said is
   *     nowhere: the copy lacks the row
   */
  ApplyJob.Result apply(ApplyJob job);

  /**
   * Compares rows of a source with their copy; {@code CONFLICT} if a column has another type in the
   * copy.
   */
  CompareJob.Result compare(CompareJob job);

  /** Compacts. */
  List<WrittenFile> rewrite(RewriteJob job);

  @Override
  void close();
}
