package tarn.core.backup;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import tarn.core.database.CatalogRows;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.observe.Progress;
import tarn.core.storage.Hashes;
import tarn.core.storage.LocalFailures;
import tarn.core.storage.ObjectInfo;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;

/**
 * Brings a backup into empty zones and an empty catalog. Objects first, then the whole catalog in
 * one transaction: until that is committed there is no lake, afterwards there is all of it. One
 * that was killed is run again: objects that are there are compared, not copied.
 */
public final class Restore {
  private final SavedBackup backup;
  private final ObjectStore objects;
  private final Database database;
  private final Damages damages = new Damages();
  private final Map<Zone, Path> staging = new EnumMap<>(Zone.class);

  /**
   * Restores.
   *
   * @param database opened at the backup's {@link SavedBackup#schemaVersion}
   */
  public Restore(SavedBackup backup, ObjectStore objects, Database database) {
    this.backup = backup;
    this.objects = objects;
    this.database = database;
  }

  /**
   * What was brought back.
   *
   * @param rows of the catalog
   */
  public record Report(String id, long objects, long bytes, long rows) {}

  /**
   * Restores.
   *
   * @throws TarnException {@code ALREADY_EXISTS} if the catalog has something that is not of this
   *     backup, or a zone an object with other bytes; {@code FILE_DAMAGED} with the files of the
   *     backup that are missing or broken. The catalog is as it was then; objects may be there.
   */
  public Report run(Progress progress) {
    Manifest manifest = backup.manifest();
    long rows = manifest.tables().stream().mapToLong(Manifest.Rows::rows).sum();
    boolean untouched = database.read(this::untouched);
    List<LakeObject> wanted = backup.objects();
    try {
      AtomicLong done = new AtomicLong();
      InParallel.each(
          wanted,
          object -> {
            progress.report("restore", backup.id(), done.get(), wanted.size(), "files");
            place(object);
            done.incrementAndGet();
          });
    } finally {
      removeStaging();
    }
    damages.refuse("the catalog was not restored: ", "");
    if (untouched) {
      long filled = database.write(this::fill);
      progress.report("restore", "catalog", filled, filled, "rows");
    }
    return new Report(backup.id(), wanted.size(), manifest.objects().bytes(), rows);
  }

  /** Whether the catalog is still to be filled; else it has exactly what it should have. */
  private boolean untouched(Handle handle) {
    CatalogRows catalog = new CatalogRows(database, handle);
    if (catalog.untouched()) {
      return true;
    }
    if (CatalogFiles.describe(catalog).equals(backup.manifest().tables())) {
      return false;
    }
    throw occupied();
  }

  private long fill(Handle handle) {
    CatalogRows catalog = new CatalogRows(database, handle);
    if (!catalog.untouched()) {
      throw occupied();
    }
    backup.catalog().fill(catalog);
    return backup.manifest().tables().stream().mapToLong(Manifest.Rows::rows).sum();
  }

  private static TarnException occupied() {
    return new TarnException(
        ErrorCode.ALREADY_EXISTS,
        "the catalog has a lake already: restore into a new folder, and with PostgreSQL into an"
            + " empty schema");
  }

  private void place(LakeObject object) {
    Path copy = backup.copy(object.key());
    try {
      Optional<ObjectInfo> there = objects.stat(object.key());
      if (there.isPresent()) {
        compare(object, there.get());
      } else if (backup.manifest().byReference()) {
        damages.add(object.key() + " is missing, and this backup has no copies");
      } else {
        put(object, copy);
      }
    } catch (NoSuchFileException e) {
      damages.add(copy + " is missing");
    } catch (IOException e) {
      throw LocalFailures.report(copy, e);
    }
  }

  private void compare(LakeObject object, ObjectInfo there) throws IOException {
    boolean same = object.bytes().orElse(-1) == there.bytes();
    if (same && !backup.manifest().byReference()) {
      try (InputStream in = objects.read(object.key())) {
        Hashes.Summed summed = Hashes.of(in);
        same = object.fits(summed.bytes(), summed.sha256());
      }
    }
    if (!same) {
      throw new TarnException(
          ErrorCode.ALREADY_EXISTS,
          object.key() + " is there with other bytes than in the backup: restore into empty zones");
    }
  }

  private void put(LakeObject object, Path copy) throws IOException {
    Path file = staging(object.key().zone()).resolve(UUID.randomUUID().toString());
    Hashes.Summed summed;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(copy));
        OutputStream out = Files.newOutputStream(file)) {
      summed = Hashes.copy(in, out);
    }
    if (object.fits(summed.bytes(), summed.sha256())) {
      objects.put(object.key(), file);
    } else {
      Files.delete(file);
      damages.add(copy + " is not what was copied: its size or SHA-256 differs");
    }
  }

  private synchronized Path staging(Zone zone) {
    return staging.computeIfAbsent(zone, objects::stagingDirectory);
  }

  private synchronized void removeStaging() {
    for (Path folder : staging.values()) {
      try {
        new Disk(folder, folder).removeTree(folder);
      } catch (IOException e) {
        throw LocalFailures.report(folder, e);
      }
    }
  }
}
