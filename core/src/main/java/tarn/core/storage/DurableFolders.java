package tarn.core.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes folders, and syncs files and folders. A new folder survives power loss only when the folder
 * above it is synced, whoever made it: so every thread syncs until it knows that one has.
 */
final class DurableFolders {
  private static final int MAX_KNOWN = 10_000;

  private final boolean fsync;
  private final Set<Path> known = ConcurrentHashMap.newKeySet();

  DurableFolders(boolean fsync) {
    this.fsync = fsync;
  }

  boolean knows(Path folder) {
    return known.contains(folder);
  }

  /** Makes a folder and those above it, down from one that is there. */
  void create(Path root, Path folder) throws IOException {
    if (folder.equals(root) || known.contains(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent == null) {
      return;
    }
    create(root, parent);
    boolean made = make(folder);
    if (made || folder.startsWith(root)) {
      syncIfReadable(parent, made);
    }
    if (known.size() >= MAX_KNOWN) {
      known.clear();
    }
    known.add(folder);
  }

  /** Takes a folder, or a file with the folders above it, for not made. */
  void forget(Path path) {
    for (Path above = path; above != null; above = above.getParent()) {
      known.remove(above);
    }
  }

  void sync(Path path) throws IOException {
    if (fsync && (OwnerOnly.POSIX || Files.isRegularFile(path))) {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private void syncIfReadable(Path folder, boolean required) throws IOException {
    if (required || Files.isReadable(folder)) {
      sync(folder);
    }
  }

  private static boolean make(Path folder) throws IOException {
    try {
      OwnerOnly.createFolder(folder);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(folder)) {
        return false;
      } else if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw new NoSuchFileException(folder.toString()); // somebody removed it in between
      }
      throw e;
    }
  }
}
