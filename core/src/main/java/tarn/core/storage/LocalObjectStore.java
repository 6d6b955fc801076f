package tarn.core.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.StorageClass;

/**
 * Objects as plain files: {@code <zonesRoot>/<bucket>/<path>}, readable by their owner only. Files
 * being written are under {@code <bucket>/.staging}, which is never listed. A symbolic link that
 * leads out of its bucket is as good as absent. A name that an object has cannot be a folder too.
 */
public final class LocalObjectStore implements ObjectStore {
  private static final int MAX_ATTEMPTS = 20;

  /** What Java makes of bytes of a name that are no UTF-8. */
  private static final char UNDECODABLE = '\uFFFD';

  private final Buckets buckets;
  private final Map<Zone, Bucket> zones = new EnumMap<>(Zone.class);
  private final Staging staging;
  private final DurableFolders folders;

  /** Puts share it, moves hold it alone: a rename would replace what a put has just linked. */
  private final ReadWriteLock names = new ReentrantReadWriteLock();

  /**
   * Opens the five buckets, makes those that are missing, and removes what dead processes left in
   * staging.
   *
   * @param fsync whether a put survives power loss; false for {@code durability: none}
   */
  public LocalObjectStore(Path zonesRoot, Buckets buckets, boolean fsync) {
    this.buckets = buckets;
    this.folders = new DurableFolders(fsync);
    this.staging = new Staging();
    for (Zone zone : Zone.values()) {
      Path root = zonesRoot.toAbsolutePath().normalize().resolve(buckets.name(zone));
      try {
        folders.create(root.getRoot(), root);
        Bucket bucket = new Bucket(root.toRealPath());
        zones.put(zone, bucket);
        staging.removeLeftovers(bucket.staging());
      } catch (IOException e) {
        throw LocalFailures.report(root, e);
      }
    }
  }

  @Override
  public void put(ObjectKey key, Path file) {
    Path target = bucket(key).path(key);
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new TarnException(
            ErrorCode.BAD_REQUEST, "'" + file + "' is not a regular file: it cannot be stored");
      }
      name(key, file, target);
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw LocalFailures.report(target, e);
    }
  }

  @Override
  public void put(ObjectKey key, Path file, StorageClass storageClass) {
    put(key, file);
  }

  @Override
  public void put(ObjectKey key, byte[] bytes) {
    Path target = bucket(key).path(key);
    try (Staging.Folder folder = staging.open(bucket(key).staging())) {
      name(key, Files.write(folder.path().resolve("bytes"), bytes), target);
    } catch (IOException e) {
      throw LocalFailures.report(target, e);
    }
  }

  @Override
  public InputStream read(ObjectKey key) {
    Path path = bucket(key).existing(key).orElseThrow(() -> notFound(key));
    try {
      return Files.newInputStream(path);
    } catch (NoSuchFileException e) {
      throw notFound(key);
    } catch (IOException e) {
      throw LocalFailures.report(path, e);
    }
  }

  @Override
  public byte[] read(ObjectKey key, long offset, int length) {
    Path path = bucket(key).existing(key).orElseThrow(() -> notFound(key));
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      int there = (int) Math.max(0, Math.min(length, channel.size() - offset));
      ByteBuffer buffer = ByteBuffer.allocate(there);
      while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {}
      byte[] bytes = new byte[buffer.position()];
      buffer.flip().get(bytes);
      return bytes;
    } catch (NoSuchFileException e) {
      throw notFound(key);
    } catch (IOException e) {
      throw LocalFailures.report(path, e);
    }
  }

  @Override
  public Optional<ObjectInfo> stat(ObjectKey key) {
    Optional<Path> path = bucket(key).existing(key);
    if (path.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(info(key, Files.readAttributes(path.get(), BasicFileAttributes.class)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw LocalFailures.report(path.get(), e);
    }
  }

  @Override
  public void list(Zone zone, String prefix, Consumer<ObjectInfo> visitor) {
    Bucket bucket = bucket(zone);
    Optional<Path> start = bucket.folderOf(prefix);
    if (start.isEmpty()) {
      return;
    }
    try {
      Files.walkFileTree(start.get(), new Visit(bucket, zone, prefix, visitor));
    } catch (IOException e) {
      throw LocalFailures.report(start.get(), e);
    }
  }

  @Override
  public void delete(ObjectKey key) {
    Optional<Path> path = bucket(key).existing(key);
    if (path.isEmpty()) {
      return;
    }
    try {
      Files.deleteIfExists(path.get());
      if (key.zone() != Zone.RAW) {
        removeEmptyFolders(bucket(key).root(), path.get());
      }
    } catch (IOException e) {
      throw LocalFailures.report(path.get(), e);
    }
  }

  @Override
  public void move(ObjectKey from, ObjectKey to) {
    if (from.equals(to)) {
      return;
    }
    Path source = bucket(from).existing(from).orElseThrow(() -> notFound(from));
    Path target = bucket(to).path(to);
    try {
      rename(from, source, to, target);
    } catch (AtomicMoveNotSupportedException e) {
      copyThenDelete(source, to, target);
    } catch (IOException e) {
      throw LocalFailures.report(target, e);
    }
  }

  @Override
  public FileLease localize(ObjectKey key) {
    Path path = bucket(key).existing(key).orElseThrow(() -> notFound(key));
    return new FileLease() {
      @Override
      public Path path() {
        return path;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Path stagingDirectory(Zone zone) {
    Path root = bucket(zone).staging();
    try {
      return staging.make(root);
    } catch (IOException e) {
      throw LocalFailures.report(root, e);
    }
  }

  @Override
  public String uri(ObjectKey key) {
    return buckets.uri(key);
  }

  @Override
  public ObjectKey key(String uri) {
    return buckets.key(uri);
  }

  @Override
  public void close() {}

  private Bucket bucket(ObjectKey key) {
    return bucket(key.zone());
  }

  private Bucket bucket(Zone zone) {
    Bucket bucket = zones.get(zone);
    if (bucket == null) {
      throw new TarnException(ErrorCode.INTERNAL, "no bucket for zone " + zone);
    }
    return bucket;
  }

  /** Gives bytes their name: nobody sees it before they are synced, nothing is replaced. */
  private void name(ObjectKey key, Path file, Path target) throws IOException {
    OwnerOnly.file(file);
    folders.sync(file);
    for (int attempt = 1; ; attempt++) {
      try {
        bucket(key).createFolders(folders, target);
        link(key, file, target);
        folders.sync(parent(target));
        return;
      } catch (NoSuchFileException e) {
        // Somebody removed the folder, or the object that had the name, between two of our steps.
        folders.forget(target);
        if (attempt == MAX_ATTEMPTS || !Files.exists(file)) {
          throw e;
        }
      }
    }
  }

  private void link(ObjectKey key, Path file, Path target) throws IOException {
    names.readLock().lock();
    try {
      Files.createLink(target, file);
      return;
    } catch (FileAlreadyExistsException e) {
      requireEqual(key, file, target);
      return;
    } catch (UnsupportedOperationException e) {
      // Falls through to a copy.
    } catch (IOException e) {
      if (!LocalFailures.crossesDevices(e) && !LocalFailures.linksUnsupported(e)) {
        throw e;
      }
    } finally {
      names.readLock().unlock();
    }
    renameCopy(key, file, target);
  }

  /** For files of another disk, and for disks without links. */
  private void renameCopy(ObjectKey key, Path file, Path target) throws IOException {
    try (Staging.Folder folder = staging.open(bucket(key).staging())) {
      Path copy = Files.copy(file, folder.path().resolve("copy"));
      OwnerOnly.file(copy);
      folders.sync(copy);
      names.writeLock().lock();
      try {
        renameNew(key, copy, target);
      } finally {
        names.writeLock().unlock();
      }
    }
  }

  private void rename(ObjectKey from, Path source, ObjectKey to, Path target) throws IOException {
    bucket(to).createFolders(folders, target);
    names.writeLock().lock();
    try {
      renameNew(to, source, target);
    } catch (NoSuchFileException e) {
      folders.forget(target);
      if (Files.exists(source)) {
        throw e;
      }
      throw notFound(from);
    } finally {
      names.writeLock().unlock();
    }
    folders.sync(parent(target));
    folders.sync(parent(source));
  }

  private static void renameNew(ObjectKey to, Path source, Path target) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      requireEqual(to, source, target);
      Files.deleteIfExists(source);
    } else {
      Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private void copyThenDelete(Path source, ObjectKey to, Path target) {
    try {
      name(to, source, target);
      Files.deleteIfExists(source);
    } catch (IOException e) {
      throw LocalFailures.report(target, e);
    }
  }

  private void removeEmptyFolders(Path root, Path object) throws IOException {
    for (Path folder = parent(object);
        folder.startsWith(root) && !folder.equals(root);
        folder = parent(folder)) {
      try {
        Files.delete(folder);
        folders.forget(folder);
      } catch (DirectoryNotEmptyException | NoSuchFileException e) {
        return;
      }
    }
  }

  private static void requireEqual(ObjectKey key, Path file, Path target) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(target.toString());
    }
    boolean equal =
        Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS) && Files.mismatch(file, target) < 0;
    if (!equal) {
      throw new TarnException(
          ErrorCode.ALREADY_EXISTS,
          "'" + key + "' exists with other bytes; objects are never overwritten: use a new name");
    }
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }

  private static ObjectInfo info(ObjectKey key, BasicFileAttributes attributes) {
    var modified = attributes.lastModifiedTime();
    String version = attributes.size() + "-" + modified.to(TimeUnit.NANOSECONDS);
    return new ObjectInfo(key, attributes.size(), modified.toInstant(), version);
  }

  private static TarnException notFound(ObjectKey key) {
    return new TarnException(ErrorCode.NOT_FOUND, "there is no object '" + key + "'");
  }

  /** Reports every object below a folder. */
  private static final class Visit extends SimpleFileVisitor<Path> {
    private final Bucket bucket;
    private final Zone zone;
    private final String prefix;
    private final Consumer<ObjectInfo> visitor;

    Visit(Bucket bucket, Zone zone, String prefix, Consumer<ObjectInfo> visitor) {
      this.bucket = bucket;
      this.zone = zone;
      this.prefix = prefix;
      this.visitor = visitor;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      if (folder.equals(bucket.staging())) {
        return FileVisitResult.SKIP_SUBTREE;
      }
      String name = bucket.name(folder) + "/";
      boolean reachable =
          folder.equals(bucket.root()) || name.startsWith(prefix) || prefix.startsWith(name);
      return reachable ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = bucket.name(file);
      if (attributes.isRegularFile() && name.startsWith(prefix)) {
        visitor.accept(info(key(file, name), attributes));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (e instanceof NoSuchFileException) {
        bucket.requireThere();
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
        throws IOException {
      if (e != null) {
        throw e;
      }
      return FileVisitResult.CONTINUE;
    }

    private ObjectKey key(Path file, String name) {
      try {
        ObjectKey key = new ObjectKey(zone, name);
        if (name.indexOf(UNDECODABLE) < 0 || Files.exists(bucket.resolve(name))) {
          return key;
        }
      } catch (TarnException e) {
        throw unnameable(file, e);
      }
      throw unnameable(file, null);
    }

    private static TarnException unnameable(Path file, @Nullable TarnException cause) {
      return new TarnException(
          ErrorCode.DATA_INVALID,
          "the file '" + file + "' has a name that no object can have: rename it",
          cause);
    }
  }
}
