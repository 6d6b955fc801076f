package tarn.core.table;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tarn.core.storage.ObjectKey;

/**
 * A data file that is stored and synced, and not yet part of a table.
 *
 * @param key where it is
 * @param bytes its size
 * @param rows at least 1
 * @param partition one value for each field of the table's partition spec, in order, in Iceberg's
 *     Java types; null values allowed
 * @param columns by field id; columns without statistics are left out
 * @param sorted whether its rows are in the table's sort order
 */
public record WrittenFile(
    ObjectKey key,
    long bytes,
    long rows,
    List<@Nullable Object> partition,
    Map<Integer, ColumnStats> columns,
    boolean sorted) {}
