package tarn.core.engine;

import java.util.List;
import tarn.core.table.Scan;

/** Rows that a query can read. */
public sealed interface Relation {
  /** Rows of a table. */
  record OfTable(Scan scan) implements Relation {}

  /**
   * Records of raw files, each read as its format says, with these columns; columns that a file
   * lacks are null. A record that does not fit fails the query with {@code DATA_INVALID}.
   */
  record OfFiles(List<RawInput> inputs, List<Column> columns) implements Relation {}
}
