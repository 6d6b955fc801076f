package tarn.core.table;

import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;

/**
 * What a new table is made from. Field ids of the schema are assigned anew.
 *
 * @param schema its columns
 * @param partition its partition fields, in order; empty for an unpartitioned table
 * @param sort its sort fields, in order; empty for none
 * @param formatVersion Iceberg's: 2, or 3 for keyed tables
 * @param properties in addition to those that every table gets (metadata limits)
 */
public record TableSpec(
    Schema schema,
    List<PartitionTransform> partition,
    List<SortColumn> sort,
    int formatVersion,
    Map<String, String> properties) {}
