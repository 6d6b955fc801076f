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
    Map<String, String> partitionValues) {}
