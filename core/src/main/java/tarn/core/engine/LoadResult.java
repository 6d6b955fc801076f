package tarn.core.engine;

import java.util.List;
import tarn.core.table.DataChange;
import tarn.core.table.WrittenFile;

/**
 * Files written, not committed. {@code read = stored + superseded + filtered + quarantined}.
 *
 * @param change for the table
 * @param quarantined files for the quarantine table; empty if nothing was rejected
 * @param read records in the inputs
 * @param stored rows that are new in the table
 * @param superseded records that lost to a newer version of their key
 * @param filtered records that the recipe drops
 * @param rejected records for the quarantine
 * @param strictFiles inputs read at full speed
 * @param slowFiles inputs that took the byte-preserving path
 */
public record LoadResult(
    DataChange change,
    List<WrittenFile> quarantined,
    long read,
    long stored,
    long superseded,
    long filtered,
    long rejected,
    int strictFiles,
    int slowFiles) {}
