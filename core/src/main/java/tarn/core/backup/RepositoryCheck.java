package tarn.core.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.observe.Progress;
import tarn.core.storage.Hashes;
import tarn.core.storage.LocalFailures;

/** Checks that the backups of a repository can be restored. Needs no lake. */
public final class RepositoryCheck {
  private final Repository repository;

  public RepositoryCheck(Repository repository) {
    this.repository = repository;
  }

  /**
   * A backup that its manifest describes.
   *
   * @param tables of the lake
   * @param objects that it lists
   * @param bytes of them
   * @param byReference whether it has no copies of them
   */
  public record Saved(String id, long tables, long objects, long bytes, boolean byReference) {}

  /**
   * What was found.
   *
   * @param backups oldest first, but those whose manifest cannot be read
   * @param copies how many were looked at
   * @param bytes of those that are there
   * @param problems what is missing or broken, one line each
   */
  public record Report(List<Saved> backups, long copies, long bytes, List<String> problems) {}

  /**
   * Checks manifests, catalogs and lists by their hashes, and that each object's copy is there with
   * its size.
   *
   * @param deep whether to read every copy and compare its hash too
   * @throws TarnException {@code NOT_FOUND} if there is no backup
   */
  public Report check(boolean deep, Progress progress) {
    List<String> ids = repository.ids();
    if (ids.isEmpty()) {
      throw repository.none();
    }
    List<Saved> backups = new ArrayList<>();
    Damages damages = new Damages();
    Map<Path, LakeObject> copies = new LinkedHashMap<>();
    for (String id : ids) {
      try {
        SavedBackup backup = repository.open(id);
        backups.add(saved(backup));
        collect(backup, copies, damages);
      } catch (TarnException e) {
        if (e.code() != ErrorCode.FILE_DAMAGED && e.code() != ErrorCode.VERSION_MISMATCH) {
          throw e;
        }
        damages.add(e.line());
      }
    }
    AtomicLong done = new AtomicLong();
    AtomicLong bytes = new AtomicLong();
    InParallel.each(
        List.copyOf(copies.entrySet()),
        copy -> {
          progress.report("verify", "copies", done.get(), copies.size(), "files");
          bytes.addAndGet(check(copy.getKey(), copy.getValue(), deep, damages));
          done.incrementAndGet();
        });
    return new Report(backups, copies.size(), bytes.get(), damages.all());
  }

  private static Saved saved(SavedBackup backup) {
    Manifest manifest = backup.manifest();
    long tables =
        manifest.tables().stream()
            .filter(t -> t.name().equals("lake_table"))
            .mapToLong(Manifest.Rows::rows)
            .sum();
    Manifest.Objects objects = manifest.objects();
    return new Saved(backup.id(), tables, objects.count(), objects.bytes(), manifest.byReference());
  }

  private static void collect(SavedBackup backup, Map<Path, LakeObject> copies, Damages damages) {
    List<String> damaged = backup.damagedParts();
    damaged.forEach(damages::add);
    if (damaged.isEmpty() && !backup.manifest().byReference()) {
      backup.objects().forEach(object -> copies.put(backup.copy(object.key()), object));
    }
  }

  private static long check(Path copy, LakeObject object, boolean deep, Damages damages) {
    try {
      long bytes = Files.size(copy);
      if (bytes != object.bytes().orElse(bytes)) {
        damages.add(copy + " has " + bytes + " bytes instead of " + object.bytes().orElse(bytes));
      } else if (deep && !object.fits(bytes, Hashes.of(copy).sha256())) {
        damages.add(copy + " is not what was copied: its SHA-256 differs");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      damages.add(copy + " is missing");
      return 0;
    } catch (IOException e) {
      throw LocalFailures.report(copy, e);
    }
  }
}
