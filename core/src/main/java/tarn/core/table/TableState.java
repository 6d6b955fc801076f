package tarn.core.table;

import java.util.List;
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

  /** The property that says by which columns rows are told, as {@link #keyText} writes it. */
  public static final String KEY = "tarn.key";

  /** The columns by which rows are told, as the property has them; empty for none. */
  public static List<String> key(Map<String, String> properties) {
    String text = properties.getOrDefault(KEY, "");
    return text.isEmpty() ? List.of() : List.of(text.split("\n", -1));
  }

  /** The property's value. */
  public static String keyText(List<String> columns) {
    return String.join("\n", columns);
  }

  /** The ledger sequence consumed; 0 for none. */
  public long ledgerSeq() {
    return Long.parseLong(properties.getOrDefault(LEDGER_SEQ, "0"));
  }
}
