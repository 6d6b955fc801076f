package tarn.core.table;

import java.util.List;
import java.util.OptionalLong;
import org.apache.iceberg.Schema;

/**
 * The files to read for a state of a table, pruned by partition and column bounds.
 *
 * @param table which
 * @param snapshotId of the state read; empty for a table without rows ever
 * @param schema the columns to show: for time travel, those of that time
 * @param files what is left after pruning; may be empty
 * @param filesBeforePruning for reports
 */
public record Scan(
    TableName table,
    OptionalLong snapshotId,
    Schema schema,
    List<ScanFile> files,
    long filesBeforePruning) {
  /** Rows in the files, deleted ones left out. */
  public long rows() {
    return files.stream().mapToLong(f -> f.rows() - f.deleted()).sum();
  }

  /** Size of the files. */
  public long bytes() {
    return files.stream().mapToLong(ScanFile::bytes).sum();
  }
}
