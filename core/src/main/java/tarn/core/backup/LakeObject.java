package tarn.core.backup;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tarn.core.storage.ObjectKey;

/**
 * An object that a lake needs.
 *
 * @param key where it is
 * @param bytes its size, if that is known without asking the store
 * @param sha256 its hash in lower-case hex, or null if that is not known
 */
record LakeObject(ObjectKey key, OptionalLong bytes, @Nullable String sha256) {

  /** Whether an object of this size and hash can be this one. */
  boolean fits(long size, String hash) {
    return bytes.orElse(size) == size && (sha256 == null || sha256.equals(hash));
  }
}
