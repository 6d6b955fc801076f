package tarn.testkit.faults;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import tarn.core.lake.StorageClass;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectInfo;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;

/** A store whose caller may die before or right after a put, a move or a delete. */
public record FaultyObjectStore(ObjectStore objects, Faults faults) implements ObjectStore {
  @Override
  public void put(ObjectKey key, Path file) {
    faults.effect(() -> objects.put(key, file));
  }

  @Override
  public void put(ObjectKey key, Path file, StorageClass storageClass) {
    faults.effect(() -> objects.put(key, file, storageClass));
  }

  @Override
  public void put(ObjectKey key, byte[] bytes) {
    faults.effect(() -> objects.put(key, bytes));
  }

  @Override
  public InputStream read(ObjectKey key) {
    return faults.read(() -> objects.read(key));
  }

  @Override
  public byte[] read(ObjectKey key, long offset, int length) {
    return faults.read(() -> objects.read(key, offset, length));
  }

  @Override
  public Optional<ObjectInfo> stat(ObjectKey key) {
    return faults.read(() -> objects.stat(key));
  }

  @Override
  public void list(Zone zone, String prefix, Consumer<ObjectInfo> visitor) {
    boolean listed =
        faults.read(
            () -> {
              objects.list(zone, prefix, visitor);
              return true;
            });
    assert listed;
  }

  @Override
  public void delete(ObjectKey key) {
    faults.effect(() -> objects.delete(key));
  }

  @Override
  public void move(ObjectKey from, ObjectKey to) {
    faults.effect(() -> objects.move(from, to));
  }

  @Override
  public FileLease localize(ObjectKey key) {
    return faults.read(() -> objects.localize(key));
  }

  @Override
  public Path stagingDirectory(Zone zone) {
    return faults.read(() -> objects.stagingDirectory(zone));
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
