package tarn.core.table;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a writer knows of one column of a data file, as Iceberg's metrics want it.
 *
 * @param values how many, nulls included
 * @param nulls how many are null
 * @param nans how many are NaN; null if the column cannot have any, or it is not known
 * @param bytes compressed size; null if not known
 * @param lower a lower bound in Iceberg's single-value serialization; null if not known
 * @param upper an upper bound, likewise
 */
public record ColumnStats(
    long values,
    long nulls,
    @Nullable Long nans,
    @Nullable Long bytes,
    @Nullable ByteBuffer lower,
    @Nullable ByteBuffer upper) {}
