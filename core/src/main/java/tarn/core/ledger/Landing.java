package tarn.core.ledger;

import java.time.Instant;
import java.util.List;

/**
 * What a source asks the ledger to enter: files that are stored and synced already, and the offset
 * that they move.
 *
 * @param source what lands
 * @param kind {@link Batch#kind}
 * @param partition {@link Batch#partition}
 * @param expected the offset that the caller read before; compared with the ledger's, value and
 *     epoch
 * @param to the offset afterwards
 * @param files at least one
 * @param landedAt now
 */
public record Landing(
    SourceName source,
    String kind,
    String partition,
    Offset expected,
    String to,
    List<RawFile> files,
    Instant landedAt) {}
