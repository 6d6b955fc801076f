package tarn.server;

import java.io.InputStream;
import tarn.core.ledger.SourceName;

/**
 * A file that comes in.
 *
 * @param source what it is of
 * @param folder the folders between the source and the file, {@code year=2025/month=10}; empty for
 *     none. No {@code .}, {@code ..}, empty or control-character part
 * @param name the file's own name, {@code orders.csv}
 * @param body its bytes, to be read once
 */
public record Upload(SourceName source, String folder, String name, InputStream body) {}
