package tarn.aws;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.FileLease;
import tarn.core.storage.OwnerOnly;
import tarn.core.storage.Staging;

/**
 * Local copies of objects, at most so many bytes; the longest unused go first, leased ones never.
 * Copies are whole or not there (downloaded beside, synced, renamed), so that those of a killed
 * process serve the next one.
 */
final class LocalCopies {
  private static final String NAME = "[0-9a-f]{64}(-.{1,80})?";

  private final Path objects;
  private final Path staging;
  private final Staging folders = new Staging();
  private final long maxBytes;

  /** Longest unused first. */
  private final Map<String, Copy> copies = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  private static final class Copy {
    final long size;
    final CompletableFuture<Path> ready = new CompletableFuture<>();
    int leases;

    Copy(long size) {
      this.size = size;
    }
  }

  LocalCopies(Path folder, long maxBytes) {
    this.objects = folder.resolve("objects");
    this.staging = folder.resolve("staging");
    this.maxBytes = maxBytes;
    try {
      Files.createDirectories(folder);
      for (Path part : List.of(objects, staging)) {
        if (!Files.isDirectory(part)) {
          OwnerOnly.createFolder(part);
        }
      }
      folders.removeLeftovers(staging);
      adopt();
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  Path stagingDirectory() {
    try {
      return folders.make(staging);
    } catch (IOException e) {
      throw failure(staging, e);
    }
  }

  /**
   * A copy under lease; downloaded by the first who asks, waited for by the others. {@code
   * LIMIT_EXCEEDED} if it does not fit beside the copies in use.
   */
  FileLease lease(String name, long size, Consumer<Path> download) {
    while (true) {
      boolean mine;
      Copy copy;
      synchronized (this) {
        copy = copies.get(name);
        mine = copy == null;
        if (copy == null) {
          makeRoom(size);
          copy = new Copy(size);
          copies.put(name, copy);
          bytes += size;
        }
        copy.leases++;
      }
      Copy leased = copy;
      if (mine) {
        fetch(name, leased, download);
      }
      if (whole(leased, size)) {
        return new Lease(leased.ready.join(), () -> giveBack(leased));
      }
      forget(name, leased);
    }
  }

  private void fetch(String name, Copy copy, Consumer<Path> download) {
    try (Staging.Folder folder = folders.open(staging)) {
      Path part = folder.path().resolve("part");
      download.accept(part);
      if (Files.size(part) != copy.size) {
        throw new TarnException(
            ErrorCode.STORAGE_UNAVAILABLE,
            "an object was cut short: " + Files.size(part) + " of " + copy.size + " bytes came");
      }
      sync(part);
      OwnerOnly.file(part);
      copy.ready.complete(Files.move(part, objects.resolve(name), StandardCopyOption.ATOMIC_MOVE));
    } catch (IOException e) {
      throw failed(name, copy, failure(objects.resolve(name), e));
    } catch (RuntimeException e) {
      throw failed(name, copy, e);
    } catch (Error e) {
      throw failed(name, copy, e);
    }
  }

  private <E extends Throwable> E failed(String name, Copy copy, E e) {
    forget(name, copy);
    copy.ready.completeExceptionally(e);
    return e;
  }

  /** Waits for the copy; false if it could not be had, or somebody damaged it since. */
  private boolean whole(Copy copy, long size) {
    try {
      Path path = copy.ready.get();
      return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && Files.size(path) == size;
    } catch (ExecutionException | IOException e) {
      return false;
    } catch (InterruptedException e) {
      giveBack(copy);
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "interrupted while waiting for a local copy", e);
    }
  }

  private synchronized void giveBack(Copy copy) {
    copy.leases--;
  }

  private synchronized void forget(String name, Copy copy) {
    copy.leases--;
    if (copies.remove(name, copy)) {
      bytes -= copy.size;
    }
  }

  private void makeRoom(long size) {
    Iterator<Map.Entry<String, Copy>> oldest = copies.entrySet().iterator();
    while (bytes + size > maxBytes && oldest.hasNext()) {
      Map.Entry<String, Copy> entry = oldest.next();
      if (entry.getValue().leases == 0) {
        remove(objects.resolve(entry.getKey()));
        bytes -= entry.getValue().size;
        oldest.remove();
      }
    }
    if (bytes + size > maxBytes) {
      throw new TarnException(
          ErrorCode.LIMIT_EXCEEDED,
          "an object of "
              + size
              + " bytes does not fit into the local cache: "
              + bytes
              + " of "
              + maxBytes
              + " bytes are in use; raise the cache's limit or ask for less at once");
    }
  }

  private static void remove(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  /** Takes over the copies that an earlier process left. */
  private synchronized void adopt() throws IOException {
    List<Path> files = new ArrayList<>();
    try (var all = Files.list(objects)) {
      all.forEach(files::add);
    }
    files.sort(Comparator.comparing(LocalCopies::modified));
    for (Path file : files) {
      if (!file.getFileName().toString().matches(NAME)) {
        remove(file);
        continue;
      }
      Copy copy = new Copy(Files.size(file));
      copy.ready.complete(file);
      copies.put(file.getFileName().toString(), copy);
      bytes += copy.size;
    }
    makeRoom(0);
  }

  private static long modified(Path path) {
    try {
      return Files.getLastModifiedTime(path).toMillis();
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static TarnException failure(Path path, IOException e) {
    boolean full = String.valueOf(e.getMessage()).contains("No space left");
    return new TarnException(
        full ? ErrorCode.DISK_FULL : ErrorCode.STORAGE_UNAVAILABLE,
        full
            ? "the disk of the local cache '" + path + "' is full: free some space, then retry"
            : "the local cache '" + path + "' cannot be used: " + e,
        e);
  }

  private static final class Lease implements FileLease {
    private final Path path;
    private final Runnable giveBack;
    private final AtomicBoolean open = new AtomicBoolean(true);

    Lease(Path path, Runnable giveBack) {
      this.path = path;
      this.giveBack = giveBack;
    }

    @Override
    public Path path() {
      return path;
    }

    @Override
    public void close() {
      if (open.getAndSet(false)) {
        giveBack.run();
      }
    }
  }
}
