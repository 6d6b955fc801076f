package tarn.core.table;

import java.util.Map;
import java.util.OptionalLong;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;

/**
 * A table as it was at one commit: what a change is computed from.
 *
 * @param name its name
 * @param id never changes, also when the table is renamed
 * @param version counts its commits, from 1
 * @param metadataLocation the URI of this state's metadata file
 * @param formatVersion Iceberg's
 * @param schema the current one
 * @param spec the current one
 * @param sortOrder the current one
 * @param properties all
 * @param snapshotId of the current snapshot; empty for a table without rows ever
 * @param location the URI under which its files are
 */
public record TableState(
    TableName name,
    String id,
    long version,
    String metadataLocation,
    int formatVersion,
    Schema schema,
    PartitionSpec spec,
    SortOrder sortOrder,
    Map<String, String> properties,
    OptionalLong snapshotId,
    String location) {
  /**
   * The property that says which ledger entries the table has consumed: all of its source's up to
   * this sequence number.
   */
  public static final String LEDGER_SEQ = "tarn.ledger-seq";

  /** The ledger sequence consumed; 0 for none. */
  public long ledgerSeq() {
    return Long.parseLong(properties.getOrDefault(LEDGER_SEQ, "0"));
  }
}
