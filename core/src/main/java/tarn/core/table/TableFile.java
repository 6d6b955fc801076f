package tarn.core.table;

import java.util.OptionalLong;
import tarn.core.storage.ObjectKey;

/**
 * A file that a table needs.
 *
 * @param key where it is
 * @param bytes its size, if what lists it says so
 */
public record TableFile(ObjectKey key, OptionalLong bytes) {}
