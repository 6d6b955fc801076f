package tarn.core.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.Hashes;
import tarn.core.storage.LocalFailures;
import tarn.core.storage.ObjectInfo;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;

/** Brings the objects of a lake into a repository, those that it lacks. Safe for many threads. */
final class ObjectCopies {
  private final Repository repository;
  private final Disk disk;
  private final ObjectStore objects;
  private final Map<ObjectKey, LakeObject> before;
  private final Map<ObjectKey, LakeObject> kept = new ConcurrentHashMap<>();
  private final Damages damages = new Damages();
  private final AtomicLong copied = new AtomicLong();
  private final AtomicLong bytesCopied = new AtomicLong();

  /**
   * Copies from a store.
   *
   * @param before what an earlier backup lists, with sizes and hashes
   */
  ObjectCopies(
      Repository repository, Disk disk, ObjectStore objects, Map<ObjectKey, LakeObject> before) {
    this.repository = repository;
    this.disk = disk;
    this.objects = objects;
    this.before = before;
  }

  /** Makes sure that the repository, or if by reference the store, has an object. */
  void keep(LakeObject object, boolean byReference) {
    Path copy = repository.object(object.key());
    try {
      Optional<Hashes.Summed> summed =
          byReference ? referred(object) : there(object, copy).or(() -> fetch(object, copy));
      summed.ifPresent(
          s ->
              kept.put(
                  object.key(),
                  new LakeObject(
                      object.key(),
                      OptionalLong.of(s.bytes()),
                      s.sha256().isEmpty() ? null : s.sha256())));
    } catch (IOException e) {
      throw LocalFailures.report(copy, e);
    }
  }

  /** Without reading it: the hash is what the ledger says, or none. */
  private Optional<Hashes.Summed> referred(LakeObject object) {
    Optional<ObjectInfo> info = objects.stat(object.key());
    if (info.isEmpty()) {
      return damaged(object.key() + " is missing");
    }
    long bytes = info.get().bytes();
    if (bytes != object.bytes().orElse(bytes)) {
      return wrongSize(object, bytes);
    }
    String sha256 = object.sha256();
    return Optional.of(new Hashes.Summed(bytes, sha256 == null ? "" : sha256));
  }

  /**
   * The copy that is there. One that no whole backup lists is read again; one of another size or
   * hash than it should have is no copy.
   */
  private Optional<Hashes.Summed> there(LakeObject object, Path copy) throws IOException {
    if (!Files.isRegularFile(copy)) {
      return Optional.empty();
    }
    long bytes = Files.size(copy);
    Hashes.Summed known = known(object.key(), bytes);
    if (known != null && object.fits(bytes, known.sha256())) {
      return Optional.of(known);
    }
    Hashes.Summed summed = Hashes.of(copy);
    boolean proven =
        object.sha256() != null
            || objects.stat(object.key()).filter(i -> i.bytes() == bytes).isPresent();
    return proven && object.fits(bytes, summed.sha256()) ? Optional.of(summed) : Optional.empty();
  }

  private Hashes.@Nullable Summed known(ObjectKey key, long bytes) {
    LakeObject earlier = before.get(key);
    String sha256 = earlier == null ? null : earlier.sha256();
    boolean same = earlier != null && earlier.bytes().orElse(-1) == bytes;
    return same && sha256 != null ? new Hashes.Summed(bytes, sha256) : null;
  }

  private Optional<Hashes.Summed> fetch(LakeObject object, Path copy) {
    try (InputStream in = objects.read(object.key())) {
      Disk.Written written = disk.write(in);
      Hashes.Summed summed = written.summed();
      if (object.fits(summed.bytes(), summed.sha256())) {
        disk.name(written, copy);
        copied.incrementAndGet();
        bytesCopied.addAndGet(summed.bytes());
        return Optional.of(summed);
      }
      disk.remove(written.path());
      return object.bytes().orElse(summed.bytes()) == summed.bytes()
          ? damaged(object.key() + " is not what the ledger lists: its SHA-256 differs")
          : wrongSize(object, summed.bytes());
    } catch (IOException e) {
      throw LocalFailures.report(copy, e);
    } catch (TarnException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return damaged(object.key() + " is missing");
      }
      throw e;
    }
  }

  private Optional<Hashes.Summed> wrongSize(LakeObject object, long bytes) {
    return damaged(
        object.key() + " has " + bytes + " bytes instead of " + object.bytes().orElse(bytes));
  }

  private Optional<Hashes.Summed> damaged(String what) {
    damages.add(what);
    return Optional.empty();
  }

  /** {@code FILE_DAMAGED} if an object could not be kept; names the first few. */
  void refuseDamaged() {
    damages.refuse(
        "there is no new backup, for the lake is damaged: ",
        "; an earlier backup may have it under objects/, `datalake verify` lists all");
  }

  /** The objects with the sizes and hashes found, in the order given. */
  List<LakeObject> kept(List<LakeObject> wanted) {
    return wanted.stream().map(object -> kept.getOrDefault(object.key(), object)).toList();
  }

  long copied() {
    return copied.get();
  }

  long bytesCopied() {
    return bytesCopied.get();
  }
}
