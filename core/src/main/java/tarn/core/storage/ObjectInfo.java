package tarn.core.storage;

import java.time.Instant;

/**
 * What a store says of an object without reading it.
 *
 * @param key where it is
 * @param bytes its size
 * @param modified when its bytes last changed, by the store's clock
 * @param version changes when the bytes change (an ETag; size and modification time for local
 *     files); for comparing only
 */
public record ObjectInfo(ObjectKey key, long bytes, Instant modified, String version) {}
