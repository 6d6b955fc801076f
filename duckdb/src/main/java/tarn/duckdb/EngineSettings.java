package tarn.duckdb;

import java.nio.file.Path;

/**
 * What the engine may use.
 *
 * @param memoryBytes of all workers together, for DuckDB; each gets an equal share
 * @param workers how many may work at once
 * @param queue how many pieces of work may wait for one
 * @param threads of each worker
 * @param spillBytes of all workers' files in the work directory; each gets an equal share
 * @param workDirectory for spilled data and work files; emptied at start
 * @param nativeDirectory where DuckDB's native library is kept unpacked, once for all workers
 */
public record EngineSettings(
    long memoryBytes,
    int workers,
    int queue,
    int threads,
    long spillBytes,
    Path workDirectory,
    Path nativeDirectory) {}
