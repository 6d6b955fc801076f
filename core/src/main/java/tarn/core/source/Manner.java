package tarn.core.source;

import java.time.Duration;

/**
 * How a database is followed.
 *
 * @param freshness how soon after its commit a change should be in the ledger
 * @param timeout of one piece of the engine's work
 * @param split so many bytes of a table in the source are loaded as one
 * @param reloads whether all tables are loaded anew when changes are lost
 * @param overflows told of values that the lake's types cannot hold
 */
public record Manner(
    Duration freshness, Duration timeout, long split, boolean reloads, Overflows overflows) {}
