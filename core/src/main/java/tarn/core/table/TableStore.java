package tarn.core.table;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.iceberg.expressions.Expression;

/**
 * The lake's Iceberg tables. Pointers to their metadata are rows of the lake's database, so that
 * several tables are committed in one transaction.
 *
 * <p><b>Atomic:</b> {@link #commit} applies every change or none. <b>Durable:</b> metadata files
 * are synced before the pointer moves. <b>Empty answers</b> mean that there is none. <b>Three
 * outcomes:</b> committed, conflict, or an exception {@code COMMIT_UNKNOWN} (the database did not
 * answer, also when asked again: the files are kept, and the caller compares the table's ledger
 * sequence later). Any other exception: nothing was committed; data files that the caller wrote are
 * orphans, which maintenance removes. Safe for use by many threads and several servers.
 */
public interface TableStore {

  /** Every table, in order of name. */
  List<TableName> list();

  /**
   * A table's current state; empty if there is none. {@code CATALOG_CORRUPT} if its metadata cannot
   * be read.
   */
  Optional<TableState> load(TableName name);

  /** Makes an empty table; {@code ALREADY_EXISTS} if there is one. */
  TableState create(TableName name, TableSpec spec);

  /**
   * Forgets a table. Its files stay until maintenance finds them unlisted and past the grace
   * period.
   */
  void drop(TableName name);

  /**
   * Changes columns; {@code CONFLICT} if someone else changed them since the state was read, {@code
   * BAD_REQUEST} for a change Iceberg forbids.
   */
  TableState evolve(TableState base, SchemaChange change);

  /**
   * Sets how rows that come from now on are divided and ordered, and properties; files that are
   * there stay as they are. {@code CONFLICT} if someone else changed columns or the same properties
   * since the state was read, {@code BAD_REQUEST} for a partitioning that does not fit the columns.
   */
  TableState define(
      TableState base,
      List<PartitionTransform> partition,
      List<SortColumn> sort,
      Map<String, String> properties);

  /**
   * The state that a table will have before its rows are written anew with {@link
   * DataChange.Rebuild}: no rows, and exactly the spec's columns, partitioning and order. A column
   * whose name and type stay keeps its id. Nothing is committed.
   */
  TableState reshaped(TableState base, TableSpec spec);

  /**
   * The state that {@link #evolve} would make, for writing files that are committed together with
   * the change ({@link DataChange.ReplaceAll}). Nothing is changed. {@code BAD_REQUEST} for a
   * change Iceberg forbids.
   */
  TableState evolved(TableState base, SchemaChange change);

  /** Applies changes of one or more tables, each table once, in one transaction. */
  CommitOutcome commit(List<TableChange> changes);

  /**
   * Plans the reading of a table; {@code NOT_FOUND} if there is no such table, snapshot or time.
   */
  Scan scan(TableName name, At at, Expression filter);

  /**
   * What came to a table's rows since one snapshot, up to a later one. It is {@link Appended.Only}
   * if every commit between appended files or wrote the same rows in other files, no column
   * changed, and no snapshot between has expired; a snapshot that holds no more, after an undo, or
   * that is not known gives {@link Appended.More}. {@code NOT_FOUND} if there is no such table.
   */
  Appended appended(TableName name, long since, long upTo);

  /**
   * What happened to a table's rows after one of its states, up to another: every commit that
   * changed rows, also those that took others back. Commits that wrote the same rows in other files
   * are left out.
   *
   * @param since the state before the first change; a time before the table had rows is the
   *     beginning
   * @param until the last state
   * @throws tarn.core.errors.TarnException {@code NOT_FOUND} if there is no such table or state, or
   *     what came after {@code since} has expired: says from when on changes are known; {@code
   *     BAD_REQUEST} if {@code until} is before {@code since}
   */
  Changelog changes(TableName name, At since, At until);

  /**
   * Visits the positions of a file's deleted rows, in no promised order, each once. Vectors only:
   * position delete files are read by the engine.
   */
  void deletedPositions(ScanFile file, LongConsumer visitor);

  /**
   * Visits every file that a state of a table needs, each once: its metadata, and metadata, data
   * and deletes of all snapshots in it. {@code CATALOG_CORRUPT} if metadata cannot be read.
   *
   * @param metadataLocation which state, as {@link TableState#metadataLocation} says
   */
  void files(String metadataLocation, Consumer<TableFile> visitor);

  /**
   * Totals of a state's snapshot, in Iceberg's names: {@code total-records}, {@code
   * total-data-files}, {@code total-files-size}…; empty without rows ever.
   */
  Map<String, String> totals(TableState state);

  /** The newest entries of a table's history, newest first. */
  List<SnapshotInfo> history(TableName name, int limit);

  /**
   * Expires snapshots and rewrites manifests where that pays. Data files are not touched, but those
   * that only expired snapshots listed are removed.
   */
  MaintenanceReport maintain(TableName name, MaintenancePolicy policy);

  /**
   * Removes files under the tables' locations that no metadata lists, and returns how many. A file
   * goes when two sweeps found it unlisted, as far apart as the grace period and as the longest
   * work of this lake may take: queries and loads that still run lose nothing.
   */
  long removeOrphans(MaintenancePolicy policy);

  /** What maintenance did to a table's metadata. */
  record MaintenanceReport(
      TableName table,
      int snapshotsExpired,
      int filesRemoved,
      int manifestsBefore,
      int manifestsAfter) {}
}
