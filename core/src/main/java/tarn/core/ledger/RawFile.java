package tarn.core.ledger;

import java.time.Instant;
import tarn.core.storage.ObjectKey;

/**
 * A file of a batch: immutable bytes in the raw zone. The same content in the same folder of the
 * same source is the same file, whatever its name: it lands once.
 *
 * @param key where its bytes are, a name that no other content ever has
 * @param folder the folders between the source and the file, {@code year=2025/month=10}; empty for
 *     none
 * @param name the name it came with, {@code orders.csv}
 * @param bytes its size
 * @param sha256 of its bytes, 64 lower case hex digits
 * @param modified when its sender last changed it, or when it landed
 */
public record RawFile(
    ObjectKey key, String folder, String name, long bytes, String sha256, Instant modified) {}
