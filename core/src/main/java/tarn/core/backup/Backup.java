package tarn.core.backup;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import tarn.core.database.CatalogRows;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeFolder;
import tarn.core.observe.Progress;
import tarn.core.storage.Hashes;
import tarn.core.storage.HeldObjectStore;
import tarn.core.storage.LocalFailures;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.OwnerOnly;
import tarn.core.table.TableStore;

/**
 * Copies a lake into a repository while it is used: one state of the catalog, read in one
 * transaction, and every object that this state needs. The backup exists when its manifest does,
 * which is written last; what a failed or killed backup leaves behind, the next one uses or
 * removes.
 */
public final class Backup {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final LakeDefinition lake;
  private final Database database;
  private final HeldObjectStore objects;
  private final TableStore tables;
  private final Clock clock;

  public Backup(
      LakeDefinition lake,
      Database database,
      HeldObjectStore objects,
      TableStore tables,
      Clock clock) {
    this.lake = lake;
    this.database = database;
    this.objects = objects;
    this.tables = tables;
    this.clock = clock;
  }

  /**
   * What was done.
   *
   * @param id the backup's name
   * @param tables of the lake
   * @param objects that the lake needs
   * @param bytes of all of them
   * @param copied objects that the repository did not have
   * @param bytesCopied of those
   */
  public record Report(
      String id, long tables, long objects, long bytes, long copied, long bytesCopied) {}

  /**
   * Makes a backup.
   *
   * @param dir the repository; made if it is not there
   * @param byReference whether to leave the objects where they are and only list them
   * @throws TarnException {@code FILE_DAMAGED} if an object is missing or is not what the ledger
   *     says, {@code BUSY} if another backup is written to the same folder, {@code BAD_REQUEST} if
   *     the folder has another lake's backups; there is no new backup then
   */
  public Report make(Path dir, boolean byReference, Progress progress) {
    Repository repository = new Repository(dir);
    try {
      prepare(repository);
      try (Repository.Lock lock = repository.lock();
          HeldObjectStore.Hold hold = objects.hold()) {
        return new Making(repository, byReference, progress).make();
      }
    } catch (IOException e) {
      throw LocalFailures.report(repository.dir(), e);
    } catch (UncheckedIOException e) {
      throw LocalFailures.report(repository.dir(), Objects.requireNonNull(e.getCause()));
    }
  }

  private void prepare(Repository repository) throws IOException {
    Path dir = repository.dir();
    if (dir.startsWith(lake.home()) || lake.home().startsWith(dir)) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "the backup would be in the lake's home "
              + lake.home()
              + " and be lost with it: name a folder elsewhere, best on another disk");
    }
    Path parent = dir.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (!Files.isDirectory(dir)) {
      OwnerOnly.createFolder(dir);
    }
  }

  /** One backup on its way. */
  private final class Making {
    private final Repository repository;
    private final boolean byReference;
    private final Progress progress;
    private final Disk disk;
    private final String id;
    private final Path folder;

    Making(Repository repository, boolean byReference, Progress progress) {
      this.repository = repository;
      this.byReference = byReference;
      this.progress = progress;
      this.disk = new Disk(repository.dir(), repository.partial());
      this.id = STAMP.format(clock.instant());
      this.folder = repository.folder(id);
    }

    Report make() throws IOException {
      Map<ObjectKey, LakeObject> before = before();
      removeUnfinished();
      disk.folder(folder.resolve("catalog"));
      disk.folder(folder.resolve("lake"));
      Exported exported = database.read(this::export);
      for (Manifest.Rows table : exported.rows()) {
        disk.sync(folder.resolve("catalog").resolve(CatalogFiles.file(table.name())));
      }
      List<Manifest.Part> definition = definition();
      CatalogFiles catalog = new CatalogFiles(folder.resolve("catalog"), exported.rows());
      List<LakeObject> needed = LakeObjects.of(catalog).all(tables, Backup::unreadable);
      ObjectCopies copies = new ObjectCopies(repository, disk, objects, before);
      AtomicLong done = new AtomicLong();
      InParallel.each(
          needed,
          object -> {
            progress.report("backup", lake.name(), done.get(), needed.size(), "files");
            copies.keep(object, byReference);
            done.incrementAndGet();
          });
      progress.report("backup", lake.name(), needed.size(), needed.size(), "files");
      copies.refuseDamaged();
      Manifest.Objects list = list(copies.kept(needed));
      disk.syncFolders();
      finish(
          new Manifest(
              Manifest.FORMAT,
              id,
              lake.name(),
              lake.prefix(),
              lake.environment(),
              exported.version(),
              byReference,
              exported.rows(),
              definition,
              list));
      return new Report(
          id, exported.tables(), list.count(), list.bytes(), copies.copied(), copies.bytesCopied());
    }

    private Exported export(Handle handle) {
      CatalogRows catalog = new CatalogRows(database, handle);
      return new Exported(
          catalog.version(), CatalogFiles.write(catalog, folder.resolve("catalog")));
    }

    /** What the newest backup with copies has; of a damaged one nothing is believed. */
    private Map<ObjectKey, LakeObject> before() {
      List<String> ids = repository.ids();
      for (int i = ids.size() - 1; i >= 0; i--) {
        Optional<SavedBackup> earlier = whole(ids.get(i));
        if (earlier.isPresent()) {
          requireSameLake(earlier.get());
          if (!earlier.get().manifest().byReference()) {
            return earlier.get().objects().stream()
                .collect(Collectors.toMap(LakeObject::key, object -> object));
          }
        }
      }
      return Map.of();
    }

    private Optional<SavedBackup> whole(String earlier) {
      try {
        SavedBackup backup = repository.open(earlier);
        return backup.damagedParts().isEmpty() ? Optional.of(backup) : Optional.empty();
      } catch (TarnException e) {
        if (e.code() == ErrorCode.FILE_DAMAGED || e.code() == ErrorCode.VERSION_MISMATCH) {
          return Optional.empty();
        }
        throw e;
      }
    }

    private void requireSameLake(SavedBackup earlier) {
      boolean same =
          earlier.prefix().equals(lake.prefix())
              && earlier.environment().equals(lake.environment());
      if (!same) {
        throw new TarnException(
            ErrorCode.BAD_REQUEST,
            repository.dir()
                + " has backups of the lake "
                + earlier.prefix()
                + " ("
                + earlier.environment()
                + "), this is "
                + lake.prefix()
                + " ("
                + lake.environment()
                + "): name another folder");
      }
    }

    private void removeUnfinished() throws IOException {
      disk.removeTree(repository.partial());
      disk.folder(repository.backups());
      try (Stream<Path> folders = Files.list(repository.backups())) {
        for (Path each : folders.toList()) {
          if (!Files.exists(Repository.manifest(each))) {
            disk.removeTree(each);
          }
        }
      }
    }

    private List<Manifest.Part> definition() throws IOException {
      List<Manifest.Part> parts = new ArrayList<>();
      for (String file : LakeFolder.files(lake.dir())) {
        Hashes.Summed summed =
            disk.put(folder.resolve("lake").resolve(file), lake.dir().resolve(file));
        parts.add(new Manifest.Part(file, summed.bytes(), summed.sha256()));
      }
      return parts;
    }

    private Manifest.Objects list(List<LakeObject> kept) throws IOException {
      Path file = folder.resolve("objects.jsonl");
      long bytes = 0;
      DigestOutputStream out =
          new DigestOutputStream(
              new BufferedOutputStream(Files.newOutputStream(file), 1 << 16), Hashes.sha256());
      try (out) {
        for (LakeObject object : kept) {
          long size = object.bytes().orElseThrow();
          out.write(SavedBackup.line(object.key(), size, object.sha256()));
          bytes += size;
        }
      }
      disk.sync(file);
      String sha256 = HexFormat.of().formatHex(out.getMessageDigest().digest());
      return new Manifest.Objects(kept.size(), bytes, sha256);
    }

    private void finish(Manifest manifest) throws IOException {
      byte[] json = manifest.json();
      Path file = Repository.manifest(folder);
      String line = Disk.line(Hashes.of(json).sha256(), file.getFileName());
      disk.put(
          Repository.manifestHash(folder),
          new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8)));
      disk.syncFolders();
      disk.put(file, new ByteArrayInputStream(json));
      disk.syncFolders();
    }
  }

  /** One state of the catalog. */
  private record Exported(int version, List<Manifest.Rows> rows) {
    long tables() {
      return rows.stream()
          .filter(table -> table.name().equals("lake_table"))
          .mapToLong(Manifest.Rows::rows)
          .sum();
    }
  }

  private static void unreadable(TarnException e) {
    throw e;
  }
}
