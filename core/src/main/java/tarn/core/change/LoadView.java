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

  /**
   * Divides a table into parts that can be copied beside each other: together they are every row
   * once. At least one.
   *
   * @param bytes about as large as a part should be in the source
   */
  List<Part> parts(SourceTable table, long bytes);

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
   * @param condition the source's own SQL, which the source made itself; empty for all rows
   */
  record Part(String condition) {}
}
