package tarn.core.ledger;

import java.time.Instant;
import java.util.Optional;

/**
 * One entry of the ledger.
 *
 * @param seq its place in the ledger: dense, from 1, in the order of the transactions' commits
 * @param source what landed
 * @param kind what its files are: {@code files}, {@code events}, or {@code load} and {@code
 *     changes} of a database
 * @param partition the part of the source, empty if it has only one
 * @param from offset before it
 * @param to offset after it
 * @param epoch its owner's
 * @param landedAt when it was entered, by the server's clock
 * @param files how many files it has
 * @param bytes their sizes, summed
 * @param duplicates files that were offered with it and left out, because they had landed before
 * @param events counts of a batch of events; empty for other kinds
 */
public record Batch(
    long seq,
    SourceName source,
    String kind,
    String partition,
    String from,
    String to,
    long epoch,
    Instant landedAt,
    int files,
    long bytes,
    int duplicates,
    Optional<EventCounts> events) {}
