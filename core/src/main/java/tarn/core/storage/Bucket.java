package tarn.core.storage;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The folder of one zone, and which paths in it are objects.
 *
 * @param root its real path
 */
record Bucket(Path root) {
  private static final String STAGING = ".staging";

  Path staging() {
    return root.resolve(STAGING);
  }

  /** Where an object of this key is or would be. */
  Path path(ObjectKey key) {
    if (key.path().equals(STAGING) || key.path().startsWith(STAGING + "/")) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "'" + key + "' is not for objects: " + STAGING + " is the store's");
    }
    return resolve(key.path());
  }

  /** The object's file if it is there; never one that a symbolic link fetches from elsewhere. */
  Optional<Path> existing(ObjectKey key) {
    Path path = path(key);
    try {
      boolean inside = path.toRealPath().startsWith(root);
      return inside && Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
    } catch (IOException e) {
      if (LocalFailures.absent(e)) {
        requireThere();
        return Optional.empty();
      }
      throw LocalFailures.report(path, e);
    }
  }

  /** The deepest folder that a prefix names, if it is there. */
  Optional<Path> folderOf(String prefix) {
    requireThere();
    int end = prefix.lastIndexOf('/');
    if (end < 0) {
      return Optional.of(root);
    }
    try {
      Path folder = path(new ObjectKey(Zone.RAW, prefix.substring(0, end)));
      boolean inside = folder.toRealPath().startsWith(root);
      return inside && Files.isDirectory(folder) ? Optional.of(folder) : Optional.empty();
    } catch (TarnException e) {
      // No object's path starts so.
      return Optional.empty();
    } catch (IOException e) {
      if (LocalFailures.absent(e)) {
        return Optional.empty();
      }
      throw LocalFailures.report(root, e);
    }
  }

  /** The path of an object, with {@code /} on every system. */
  String name(Path file) {
    return root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
  }

  /** Makes the folders above an object, durably. */
  void createFolders(DurableFolders folders, Path object) throws IOException {
    Path folder = object.getParent();
    if (folder == null || folders.knows(folder)) {
      return;
    }
    requireThere();
    Path there = folder;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!there.toRealPath().startsWith(root)) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "'" + there + "' leads out of its bucket through a symbolic link: remove the link");
    }
    try {
      folders.create(root, folder);
    } catch (FileAlreadyExistsException e) {
      throw new TarnException(
          ErrorCode.ALREADY_EXISTS,
          "'" + object + "' cannot be stored: an object has the name of one of its folders",
          e);
    }
  }

  /** An outage (a disk that is not mounted) must not look like an empty zone. */
  void requireThere() {
    if (!Files.isDirectory(root)) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "the bucket's folder '" + root + "' is gone: is its disk mounted?");
    }
  }

  Path resolve(String path) {
    try {
      return root.resolve(path);
    } catch (InvalidPathException e) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "'"
              + path
              + "' cannot be a file's name here ("
              + e.getReason()
              + "): run Java in a UTF-8 locale, LC_ALL=C.UTF-8",
          e);
    }
  }
}
