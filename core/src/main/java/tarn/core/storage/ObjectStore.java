package tarn.core.storage;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import tarn.core.lake.StorageClass;

/**
 * The bytes of the lake: immutable objects in five zones. Two implementations keep one contract
 * ({@code ObjectStoreContract} in the testkit): local files, and an S3 API with a bounded local
 * cache.
 *
 * <p><b>Atomic:</b> an object is there whole or not at all; a reader never sees half of one.
 * <b>Durable:</b> when {@link #put} returns, file and directory are synced (unless the lake says
 * {@code durability: none}). <b>Never overwritten:</b> names are unique; a second put to a name
 * fails with {@code ALREADY_EXISTS} and changes nothing, unless its bytes are those already there
 * (a retry after a lost answer), which succeeds. <b>Empty answers</b> mean that the object is not
 * there, never that the store could not be asked: an outage throws {@code STORAGE_UNAVAILABLE}, a
 * full disk {@code DISK_FULL}. <b>After a failure</b> a put may have left the whole object (its
 * answer was lost) or nothing; a delete or move may have happened. Safe for use by many threads.
 */
public interface ObjectStore extends AutoCloseable {

  /**
   * Stores a local file under a new name. The file is consumed: it may be moved into the store
   * rather than copied, and is gone afterwards. If it fails, the file may still be there.
   */
  void put(ObjectKey key, Path file);

  /**
   * Stores a local file as {@link #put(ObjectKey, Path)} does, in a storage class of S3. Stores
   * without such classes leave it out of account.
   */
  void put(ObjectKey key, Path file, StorageClass storageClass);

  /** Stores a few bytes under a new name. */
  void put(ObjectKey key, byte[] bytes);

  /**
   * Opens an object from its start; {@code NOT_FOUND} if it is not there. The caller closes the
   * stream.
   */
  InputStream read(ObjectKey key);

  /**
   * Reads a range of bytes; shorter if the object ends first. {@code NOT_FOUND} if it is not there.
   */
  byte[] read(ObjectKey key, long offset, int length);

  /** What the store knows of an object; empty if it is not there. */
  Optional<ObjectInfo> stat(ObjectKey key);

  /**
   * Visits every object of a zone whose path starts with a prefix, in no promised order, files
   * being written excepted. The prefix is of characters, as in S3 ({@code landing/or} finds {@code
   * landing/orders/a.csv}); empty visits all.
   */
  void list(Zone zone, String prefix, Consumer<ObjectInfo> visitor);

  /** Removes an object; nothing happens if it is not there. */
  void delete(ObjectKey key);

  /**
   * Renames an object to a new name. Local: atomic. S3: copy, then delete, so that after a failure
   * both may be there; the bytes are always under at least one of the two names.
   */
  void move(ObjectKey from, ObjectKey to);

  /**
   * Makes an object's bytes readable as a local file until the lease is closed. Local: the file
   * itself. S3: a copy in the bounded cache, which is not evicted while leased. The file must not
   * be changed. {@code NOT_FOUND} if the object is not there.
   */
  FileLease localize(ObjectKey key);

  /**
   * A fresh, empty local directory for files that will be {@link #put} into this zone: on the same
   * file system as a local store, so that a put is a rename. The caller removes it; leftovers of
   * dead processes are removed at start.
   */
  Path stagingDirectory(Zone zone);

  /**
   * The object's name in Iceberg metadata, the same in both shapes: {@code s3://<bucket>/<path>}.
   */
  String uri(ObjectKey key);

  /** The inverse of {@link #uri}; {@code BAD_REQUEST} for a URI that is not of this lake. */
  ObjectKey key(String uri);

  @Override
  void close();
}
