package tarn.core.engine;

import java.util.Map;
import tarn.core.ledger.RawFile;

/**
 * A raw file to read.
 *
 * @param ledgerSeq the batch that lists it
 * @param file what the ledger says of it
 * @param format how to read it
 * @param compression of its bytes
 * @param partitionValues from its folders, {@code year=2025/month=10}, as texts; they are columns
 *     too
 */
public record RawInput(
    long ledgerSeq,
    RawFile file,
    RawFormat format,
    Compression compression,
    Map<String, String> partitionValues) {
  /**
   * The column with the ledger's number of the batch that events came in, or of the last of several
   * whose events have been put together. What their folders say, events say themselves.
   */
  public static final String BATCH = "_batch";
}
