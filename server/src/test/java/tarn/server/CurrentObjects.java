package tarn.server;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tarn.core.lake.StorageClass;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectInfo;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;

/** The store of whichever life is lived now, for an engine that outlives it. */
final class CurrentObjects implements ObjectStore {
  volatile @Nullable ObjectStore current;

  private ObjectStore now() {
    return Objects.requireNonNull(current);
  }

  @Override
  public void put(ObjectKey key, Path file) {
    now().put(key, file);
  }

  @Override
  public void put(ObjectKey key, Path file, StorageClass storageClass) {
    now().put(key, file, storageClass);
  }

  @Override
  public void put(ObjectKey key, byte[] bytes) {
    now().put(key, bytes);
  }

  @Override
  public InputStream read(ObjectKey key) {
    return now().read(key);
  }

  @Override
  public byte[] read(ObjectKey key, long offset, int length) {
    return now().read(key, offset, length);
  }

  @Override
  public Optional<ObjectInfo> stat(ObjectKey key) {
    return now().stat(key);
  }

  @Override
  public void list(Zone zone, String prefix, Consumer<ObjectInfo> visitor) {
    now().list(zone, prefix, visitor);
  }

  @Override
  public void delete(ObjectKey key) {
    now().delete(key);
  }

  @Override
  public void move(ObjectKey from, ObjectKey to) {
    now().move(from, to);
  }

  @Override
  public FileLease localize(ObjectKey key) {
    return now().localize(key);
  }

  @Override
  public Path stagingDirectory(Zone zone) {
    return now().stagingDirectory(zone);
  }

  @Override
  public String uri(ObjectKey key) {
    return now().uri(key);
  }

  @Override
  public ObjectKey key(String uri) {
    return now().key(uri);
  }

  @Override
  public void close() {}
}
