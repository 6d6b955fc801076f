package tarn.core.change;

import java.time.Instant;

/**
 * A transaction of the source.
 *
 * @param id the source's number of it: 32 bits, as unsigned
 * @param commit where its commit is in the log: transactions come in this order
 * @param at when it was committed, by the source's clock
 */
public record Transaction(long id, Lsn commit, Instant at) {}
