package tarn.core.change;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * One consistent view of a source's tables, for as long as it is open: all of it is of one moment.
 * Safe for use by several threads, each with a connection of its own.
 */
public interface LoadView extends AutoCloseable {

  /** The moment: which transactions it sees. */
  Moment moment();

  /** About how many rows a table has; from the source's statistics, or 0. */
  long estimatedRows(SourceTable table);

  /** About how large a table is in the source. */
  long estimatedBytes(SourceTable table);

  /**
   * Divides a table into parts that can be copied beside each other: together they are every row
   * once. At least one.
   *
   * @param bytes about as large as a part should be in the source
   */
  List<Part> parts(SourceTable table, long bytes);

  /** Whether {@link #range} can be asked: the table has a key, and its order is known. */
  boolean hasRanges(SourceTable table);

  /**
   * The next rows in the order of the key. Other than {@link #parts} it can be asked of one view
   * after another: a key belongs to the same range in all of them.
   *
   * @param after the source's texts of a key's values: rows with higher keys; empty for the first
   * @param rows how many at most
   */
  Range range(SourceTable table, List<String> after, long rows);

  /**
   * Writes a part's rows as CSV, in the convention of {@link tarn.core.change.Change}'s texts:
   * UTF-8, a comma between values, {@code "} around those that need it, doubled inside; a value
   * without characters and quotes is NULL, {@code ""} is the empty text; a line feed ends a row; no
   * header. Columns are those of the table, in its order.
   *
   * @return how many rows
   */
  long copy(SourceTable table, Part part, OutputStream out) throws IOException;

  @Override
  void close();

  /**
   * A part of a table.
   *
   * @param condition the source's own SQL; only parts that the same view has made can be copied
   */
  record Part(String condition) {}

  /**
   * Rows whose keys are next to each other.
   *
   * @param last the texts of its highest key; empty if no rows come after it
   */
  record Range(Part part, List<String> last) {
    public Range {
      last = List.copyOf(last);
    }
  }
}
