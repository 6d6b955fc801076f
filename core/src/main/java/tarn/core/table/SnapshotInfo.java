package tarn.core.table;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a table's history.
 *
 * @param version counts the table's commits
 * @param snapshotId of the snapshot it made; null if it changed no rows
 * @param committedAt when
 * @param operation what did it
 * @param principal who
 * @param ledgerSeq the ledger sequence consumed afterwards; null if the table consumes no ledger
 * @param summary counts
 * @param readable whether the snapshot can still be read (it has not expired)
 */
public record SnapshotInfo(
    long version,
    @Nullable Long snapshotId,
    Instant committedAt,
    String operation,
    String principal,
    @Nullable Long ledgerSeq,
    Map<String, String> summary,
    boolean readable) {}
