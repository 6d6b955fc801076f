package tarn.core.catalog;

import java.time.Instant;
import java.util.List;
import tarn.core.engine.Column;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;

/**
 * What the crawler knows of a dataset.
 *
 * @param name {@code raw.orders}
 * @param source where it lands
 * @param columns of its records and its partitions, with the widest types seen
 * @param partitions the columns that come from folders
 * @param format {@code csv}, {@code json}, with its compression; {@code mixed} for several
 * @param files how many
 * @param bytes their sizes, summed
 * @param crawledSeq the ledger is taken in up to here
 * @param updatedAt when this was last changed
 */
public record Dataset(
    TableName name,
    SourceName source,
    List<Column> columns,
    List<String> partitions,
    String format,
    long files,
    long bytes,
    long crawledSeq,
    Instant updatedAt) {}
