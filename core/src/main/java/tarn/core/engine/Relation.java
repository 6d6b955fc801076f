package tarn.core.engine;

import java.util.List;
import tarn.core.table.Changelog;
import tarn.core.table.Scan;

/** Rows that a query can read. */
public sealed interface Relation {
  /** Rows of a table. */
  record OfTable(Scan scan) implements Relation {}

  /**
   * What happened to a table's rows: {@code _change_type}, {@code _change_ordinal}, {@code
   * _commit_snapshot_id}, {@code _commit_timestamp} (names and meanings as Apache Spark's changelog
   * view of Iceberg tables has them, and the time), then the table's columns. A row that goes and
   * comes in one commit with the same values is none; with the same key it is an {@code
   * UPDATE_BEFORE} and an {@code UPDATE_AFTER}.
   *
   * @param net all commits as if they were one
   */
  record OfChanges(Changelog log, boolean net) implements Relation {
    public static final String TYPE = "_change_type";
    public static final String ORDINAL = "_change_ordinal";
    public static final String SNAPSHOT = "_commit_snapshot_id";
    public static final String TIME = "_commit_timestamp";

    /** The columns before the table's own. */
    public static final List<String> COLUMNS = List.of(TYPE, ORDINAL, SNAPSHOT, TIME);
  }

  /**
   * Records of raw files, each read as its format says, with these columns; columns that a file
   * lacks are null. A record that does not fit fails the query with {@code DATA_INVALID}.
   */
  record OfFiles(List<RawInput> inputs, List<Column> columns) implements Relation {}
}
