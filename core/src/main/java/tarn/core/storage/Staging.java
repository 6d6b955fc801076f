package tarn.core.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Folders for work in progress, named after the process that uses them, {@code
 * <pid>-<start>-<uuid>}: what a dead process left can be told from what a living one needs. Used by
 * every store that works through local files.
 */
public final class Staging {
  private static final ProcessHandle SELF = ProcessHandle.current();

  /** A folder that is removed with its contents when closed. */
  public record Folder(Path path) implements AutoCloseable {
    @Override
    public void close() {
      try {
        removeTree(path);
      } catch (IOException e) {
        throw LocalFailures.report(path, e);
      }
    }
  }

  /** A new folder for the length of a block. */
  public Folder open(Path staging) throws IOException {
    return new Folder(make(staging));
  }

  /** A new folder that the caller removes. */
  public Path make(Path staging) throws IOException {
    if (!Files.isDirectory(staging)) {
      createAgain(staging);
    }
    Path folder = staging.resolve(owner(SELF) + "-" + UUID.randomUUID());
    OwnerOnly.createFolder(folder);
    return folder;
  }

  /** Removes the folders of processes that are dead; those of living ones stay. */
  public void removeLeftovers(Path staging) throws IOException {
    if (!Files.isDirectory(staging)) {
      return;
    }
    try (var folders = Files.list(staging)) {
      for (Path folder : folders.toList()) {
        if (!alive(folder.getFileName().toString())) {
          removeTree(folder);
        }
      }
    }
  }

  private static void createAgain(Path staging) throws IOException {
    Path bucket = staging.getParent();
    if (bucket == null || !Files.isDirectory(bucket)) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "the folder '" + bucket + "' is gone: is its disk mounted?");
    }
    try {
      OwnerOnly.createFolder(staging);
    } catch (java.nio.file.FileAlreadyExistsException e) {
      if (!Files.isDirectory(staging)) {
        throw e;
      }
    }
  }

  private static String owner(ProcessHandle process) {
    return process.pid() + "-" + start(process);
  }

  private static long start(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  private static boolean alive(String name) {
    String[] parts = name.split("-", 3);
    if (parts.length < 3 || !parts[0].matches("[0-9]{1,18}")) {
      return false;
    }
    Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(parts[0]));
    return process.isPresent() && name.startsWith(owner(process.get()) + "-");
  }

  private static void removeTree(Path folder) throws IOException {
    List<Path> paths;
    try (var tree = Files.walk(folder)) {
      paths = tree.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException e) {
      return;
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
