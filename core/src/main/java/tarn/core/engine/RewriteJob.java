package tarn.core.engine;

import java.time.Duration;
import java.util.List;
import tarn.core.table.ScanFile;
import tarn.core.table.TableState;

/**
 * Data files to be written anew with the same rows: small ones together, deleted rows left out.
 *
 * @param table whose they are
 * @param files of one partition spec
 * @param timeout after which it is stopped
 */
public record RewriteJob(TableState table, List<ScanFile> files, Duration timeout) {}
