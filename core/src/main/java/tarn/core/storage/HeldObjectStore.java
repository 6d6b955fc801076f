package tarn.core.storage;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import tarn.core.lake.StorageClass;

/**
 * A store whose tables' files can be held: while they are, deleting one does nothing, and it stays
 * as a file that no table lists, which maintenance finds and removes later. For whoever reads a
 * state of all tables while others commit.
 */
public final class HeldObjectStore implements ObjectStore {
  private final ObjectStore objects;
  private final ReadWriteLock deleting = new ReentrantReadWriteLock();
  private int holds;

  public HeldObjectStore(ObjectStore objects) {
    this.objects = objects;
  }

  /** Files stay until it is closed. */
  public interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Holds the files of all tables, after the deletes that are under way. What a database said
   * before may be gone; what it says from here on stays.
   */
  public Hold hold() {
    change(1);
    return () -> change(-1);
  }

  private void change(int by) {
    deleting.writeLock().lock();
    try {
      holds += by;
    } finally {
      deleting.writeLock().unlock();
    }
  }

  @Override
  public void delete(ObjectKey key) {
    deleting.readLock().lock();
    try {
      boolean ofTables = key.zone() == Zone.CLEAN || key.zone() == Zone.ANALYTICS;
      if (holds == 0 || !ofTables) {
        objects.delete(key);
      }
    } finally {
      deleting.readLock().unlock();
    }
  }

  @Override
  public void put(ObjectKey key, Path file) {
    objects.put(key, file);
  }

  @Override
  public void put(ObjectKey key, Path file, StorageClass storageClass) {
    objects.put(key, file, storageClass);
  }

  @Override
  public void put(ObjectKey key, byte[] bytes) {
    objects.put(key, bytes);
  }

  @Override
  public InputStream read(ObjectKey key) {
    return objects.read(key);
  }

  @Override
  public byte[] read(ObjectKey key, long offset, int length) {
    return objects.read(key, offset, length);
  }

  @Override
  public Optional<ObjectInfo> stat(ObjectKey key) {
    return objects.stat(key);
  }

  @Override
  public void list(Zone zone, String prefix, Consumer<ObjectInfo> visitor) {
    objects.list(zone, prefix, visitor);
  }

  @Override
  public void move(ObjectKey from, ObjectKey to) {
    objects.move(from, to);
  }

  @Override
  public FileLease localize(ObjectKey key) {
    return objects.localize(key);
  }

  @Override
  public Path stagingDirectory(Zone zone) {
    return objects.stagingDirectory(zone);
  }

  @Override
  public String uri(ObjectKey key) {
    return objects.uri(key);
  }

  @Override
  public ObjectKey key(String uri) {
    return objects.key(uri);
  }

  @Override
  public void close() {
    objects.close();
  }
}
