package tarn.core.backup;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tarn.core.storage.Hashes;
import tarn.core.storage.OwnerOnly;

/**
 * Files that appear whole: written under another name, synced, renamed. Folders are synced together
 * at the end. Safe for use by many threads.
 */
final class Disk {
  private final Path root;
  private final Path partial;
  private final Set<Path> changed = ConcurrentHashMap.newKeySet();
  private final Set<Path> made = ConcurrentHashMap.newKeySet();

  /**
   * Works below a folder.
   *
   * @param partial where half-written files are, on the same disk
   */
  Disk(Path root, Path partial) {
    this.root = root;
    this.partial = partial;
  }

  /** A file that is written and synced, and has no name yet that counts. */
  record Written(Path path, Hashes.Summed summed) {}

  Written write(InputStream in) throws IOException {
    folder(partial);
    Path half = partial.resolve(UUID.randomUUID().toString());
    try (FileChannel channel =
            FileChannel.open(half, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel)) {
      OwnerOnly.file(half);
      Hashes.Summed summed = Hashes.copy(in, out);
      channel.force(true);
      return new Written(half, summed);
    }
  }

  /** Gives it its name; one that has it is replaced. */
  void name(Written file, Path name) throws IOException {
    Path parent = name.getParent();
    if (parent != null) {
      folder(parent);
    }
    Files.move(
        file.path(), name, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    changed(name);
  }

  Hashes.Summed put(Path name, InputStream in) throws IOException {
    Written written = write(in);
    name(written, name);
    return written.summed();
  }

  Hashes.Summed put(Path name, Path from) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(from))) {
      return put(name, in);
    }
  }

  /** Makes a folder and those above it that are missing. */
  void folder(Path folder) throws IOException {
    if (made.contains(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent != null && !Files.isDirectory(folder)) {
      folder(parent);
      try {
        OwnerOnly.createFolder(folder);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(folder)) {
          throw e;
        }
      }
      changed(folder);
    }
    made.add(folder);
  }

  /** Takes a file away; nothing happens if it is not there. */
  void remove(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      changed(file);
    }
  }

  /** Takes a folder away with all in it. */
  void removeTree(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> tree = Files.walk(folder)) {
      paths = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      remove(path);
      made.remove(path);
    }
  }

  void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** What was named survives a power loss from here on. */
  void syncFolders() throws IOException {
    if (OwnerOnly.POSIX) {
      for (Path folder : List.copyOf(changed)) {
        changed.remove(folder);
        if (Files.isDirectory(folder)) {
          sync(folder);
        }
      }
    }
  }

  private void changed(Path path) {
    Path parent = path.getParent();
    if (parent != null && (parent.startsWith(root) || path.equals(root))) {
      changed.add(parent);
    }
  }

  /** The phrase of a file's hash, as {@code sha256sum} writes it. */
  static String line(String sha256, @Nullable Path name) {
    return sha256 + "  " + name + "\n";
  }
}
