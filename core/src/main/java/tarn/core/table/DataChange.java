package tarn.core.table;

import java.util.List;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;
import tarn.core.storage.ObjectKey;

/** What a commit does to a table's rows. */
public sealed interface DataChange {

  /** The data files that it brings. */
  default List<WrittenFile> files() {
    return List.of();
  }

  /** Properties only. */
  record None() implements DataChange {}

  /** New rows. */
  record Append(List<WrittenFile> files) implements DataChange {}

  /**
   * These rows instead of all there are.
   *
   * @param columns how the columns change in the same commit; the files have been written for
   *     {@link TableStore#evolved}. If it is not empty, any commit since the change's base is in
   *     the way
   */
  record ReplaceAll(List<WrittenFile> files, SchemaChange columns) implements DataChange {
    /** The columns stay as they are. */
    public ReplaceAll(List<WrittenFile> files) {
      this(files, new SchemaChange(List.of(), List.of(), List.of(), List.of()));
    }
  }

  /** These rows instead of all those in the partitions that they touch. */
  record ReplacePartitions(List<WrittenFile> files) implements DataChange {}

  /**
   * Some rows go, by file and position, and new ones come: merge-on-read. Positions are added to
   * those deleted before.
   *
   * @param deletes written as deletion vectors: tables of format version 3
   * @param deleteFiles written by the engine already: tables of format version 2
   */
  record MergeOnRead(
      List<RowDeletes> deletes, List<PositionDeletes> deleteFiles, List<WrittenFile> files)
      implements DataChange {}

  /**
   * Whole data files go and others come in their place, with other rows: copy-on-write.
   *
   * @param about rows that others added since the change's base are in the way if this may be true
   *     of them
   */
  record CopyOnWrite(List<ScanFile> removed, List<WrittenFile> files, Expression about)
      implements DataChange {
    /** Any new row is in the way. */
    public CopyOnWrite(List<ScanFile> removed, List<WrittenFile> files) {
      this(removed, files, Expressions.alwaysTrue());
    }
  }

  /** Whole data files go and others come in their place, with the same rows: compaction. */
  record Rewrite(List<ScanFile> removed, List<WrittenFile> files) implements DataChange {}

  /**
   * These rows instead of all there are, in a table of this shape: its columns, partitioning and
   * order become those of {@code spec}, whose format version and properties are not looked at.
   *
   * @param files written for {@link TableStore#reshaped} of the same base and spec
   */
  record Rebuild(TableSpec spec, List<WrittenFile> files) implements DataChange {}

  /**
   * The rows of an older snapshot again, as if nothing had come after it, with the columns of that
   * time. Refused if the table has another snapshot than the change's base.
   *
   * @param snapshotId the older one; null for no rows
   */
  record Rollback(@Nullable Long snapshotId) implements DataChange {}

  /**
   * Rows of one data file that are to be deleted.
   *
   * @param file as planned from the change's base
   * @param positions from 0, ascending and distinct
   */
  record RowDeletes(ScanFile file, long[] positions) {}

  /**
   * A stored Parquet file of position deletes (file_path, pos; sorted), all of one data file.
   *
   * @param file the data file
   * @param key where the delete file is
   * @param bytes its size
   * @param rows how many positions it has
   */
  record PositionDeletes(ScanFile file, ObjectKey key, long bytes, long rows) {}
}
