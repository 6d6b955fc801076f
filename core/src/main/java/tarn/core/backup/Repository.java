package tarn.core.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.LocalFailures;
import tarn.core.storage.ObjectKey;

/**
 * A folder with the backups of one lake: {@code backups/<id>/} each with its {@code manifest.json},
 * and {@code objects/<zone>/<path>}, which all of them share. Objects never change, so a backup
 * copies only those that are new.
 */
public final class Repository {
  private static final Pattern ID = Pattern.compile("\\d{8}T\\d{6}\\.\\d{3}Z");
  private static final String MANIFEST = "manifest.json";

  private final Path dir;

  public Repository(Path dir) {
    this.dir = dir.toAbsolutePath().normalize();
  }

  Path dir() {
    return dir;
  }

  Path folder(String id) {
    return backups().resolve(id);
  }

  Path backups() {
    return dir.resolve("backups");
  }

  Path partial() {
    return dir.resolve("partial");
  }

  /** Where the copy of an object is or would be. */
  Path object(ObjectKey key) {
    return dir.resolve("objects").resolve(key.zone().label()).resolve(key.path());
  }

  static Path manifest(Path folder) {
    return folder.resolve(MANIFEST);
  }

  static Path manifestHash(Path folder) {
    return folder.resolve(MANIFEST + ".sha256");
  }

  /** The backups that exist, oldest first. */
  public List<String> ids() {
    if (!Files.isDirectory(backups())) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(backups())) {
      return folders
          .filter(folder -> Files.exists(manifest(folder)))
          .map(folder -> folder.getFileName().toString())
          .filter(name -> ID.matcher(name).matches())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw LocalFailures.report(dir, e);
    }
  }

  /**
   * One of them.
   *
   * @param id which; null for the newest
   * @throws TarnException {@code NOT_FOUND} if there is none, {@code FILE_DAMAGED} if its manifest
   *     is not what was written
   */
  public SavedBackup open(@Nullable String id) {
    List<String> ids = ids();
    if (ids.isEmpty()) {
      throw none();
    }
    String wanted = id == null ? ids.get(ids.size() - 1) : id;
    if (!ids.contains(wanted)) {
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          "there is no backup '"
              + wanted
              + "' in "
              + dir
              + "; there are "
              + String.join(", ", ids));
    }
    return SavedBackup.read(this, folder(wanted));
  }

  TarnException none() {
    return new TarnException(
        ErrorCode.NOT_FOUND,
        "there is no backup in " + dir + ": it has no backups/<time>/" + MANIFEST);
  }

  /** Keeps other backups out of the repository until it is closed. */
  interface Lock extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  /** {@code BUSY} if another backup is written into this folder. */
  Lock lock() throws IOException {
    FileChannel channel =
        FileChannel.open(dir.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel::close;
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw busy(e);
    }
    channel.close();
    throw busy(null);
  }

  private TarnException busy(@Nullable Exception cause) {
    return new TarnException(
        ErrorCode.BUSY, "another backup is being written into " + dir + ": wait for it", cause);
  }
}
