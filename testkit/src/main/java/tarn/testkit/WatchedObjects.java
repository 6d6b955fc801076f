package tarn.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.StorageClass;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectInfo;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;

/** Counts what is put into an object store, and refuses deletes while a test wants it. */
public final class WatchedObjects implements ObjectStore {
  private final ObjectStore inner;
  private final AtomicLong puts = new AtomicLong();
  private final AtomicLong bytesPut = new AtomicLong();
  private volatile boolean refusing;

  public WatchedObjects(ObjectStore inner) {
    this.inner = inner;
  }

  /** How many objects were put. */
  public long puts() {
    return puts.get();
  }

  /** The size of all objects put, in bytes. */
  public long bytesPut() {
    return bytesPut.get();
  }

  /** From now on deletes fail with {@code STORAGE_UNAVAILABLE}, or no longer. */
  public void refuseDeletes(boolean refuse) {
    refusing = refuse;
  }

  @Override
  public void put(ObjectKey key, Path file) {
    count(size(file));
    inner.put(key, file);
  }

  @Override
  public void put(ObjectKey key, Path file, StorageClass storageClass) {
    count(size(file));
    inner.put(key, file, storageClass);
  }

  @Override
  public void put(ObjectKey key, byte[] bytes) {
    count(bytes.length);
    inner.put(key, bytes);
  }

  @Override
  public InputStream read(ObjectKey key) {
    return inner.read(key);
  }

  @Override
  public byte[] read(ObjectKey key, long offset, int length) {
    return inner.read(key, offset, length);
  }

  @Override
  public Optional<ObjectInfo> stat(ObjectKey key) {
    return inner.stat(key);
  }

  @Override
  public void list(Zone zone, String prefix, Consumer<ObjectInfo> visitor) {
    inner.list(zone, prefix, visitor);
  }

  @Override
  public void delete(ObjectKey key) {
    if (refusing) {
      throw new TarnException(ErrorCode.STORAGE_UNAVAILABLE, "a test refuses to delete " + key);
    }
    inner.delete(key);
  }

  @Override
  public void move(ObjectKey from, ObjectKey to) {
    inner.move(from, to);
  }

  @Override
  public FileLease localize(ObjectKey key) {
    return inner.localize(key);
  }

  @Override
  public Path stagingDirectory(Zone zone) {
    return inner.stagingDirectory(zone);
  }

  @Override
  public String uri(ObjectKey key) {
    return inner.uri(key);
  }

  @Override
  public ObjectKey key(String uri) {
    return inner.key(uri);
  }

  @Override
  public void close() {
    inner.close();
  }

  private void count(long bytes) {
    puts.incrementAndGet();
    bytesPut.addAndGet(bytes);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
