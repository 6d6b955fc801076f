package tarn.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.RestoreAnswer;
import tarn.core.backup.Repository;
import tarn.core.backup.Restore;
import tarn.core.backup.SavedBackup;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeFolder;
import tarn.core.observe.Progress;
import tarn.core.storage.LocalFailures;
import tarn.core.storage.ObjectStore;

/**
 * Makes a lake folder from a backup. A file in it, {@code .restoring}, names the backup from the
 * first step to the last: while it is there no server opens the lake, and the same restore goes on.
 */
final class Restoration {
  private static final String MARK = ".restoring";

  private final Path folder;
  private final SavedBackup backup;
  private final @Nullable Path lakeYaml;

  /**
   * Restores a backup.
   *
   * @param dir the repository
   * @param id which backup; null for the newest
   * @param lakeYaml in the place of the backup's lake.yaml; null for that one
   */
  Restoration(Path folder, Path dir, @Nullable String id, @Nullable Path lakeYaml) {
    this.folder = folder.toAbsolutePath().normalize();
    this.backup = new Repository(dir).open(id);
    this.lakeYaml = lakeYaml;
  }

  /** {@code CONFLICT} for a lake whose restore has not ended. */
  static void refuseUnfinished(Path folder) {
    if (Files.exists(folder.resolve(MARK))) {
      throw new TarnException(
          ErrorCode.CONFLICT,
          "the restore of " + folder + " was not finished: run the same `datalake restore` again");
    }
  }

  RestoreAnswer run(Progress progress) {
    long started = System.nanoTime();
    backup.requireWhole();
    try {
      prepare();
      Restore.Report report = fill(Wiring.read(folder, backup.environment()), progress);
      Files.delete(folder.resolve(MARK));
      sync(folder);
      return new RestoreAnswer(
          report.id(),
          folder.toString(),
          report.objects(),
          report.bytes(),
          report.rows(),
          (System.nanoTime() - started) / 1_000_000);
    } catch (IOException e) {
      throw LocalFailures.report(folder, e);
    }
  }

  /** The lake folder's files, behind the mark. */
  private void prepare() throws IOException {
    Path mark = folder.resolve(MARK);
    if (!Files.exists(mark)) {
      refuseOccupied();
      Files.createDirectories(folder);
      Files.writeString(mark, backup.id());
      sync(mark);
      sync(folder);
    } else if (!Files.readString(mark).equals(backup.id())) {
      throw new TarnException(
          ErrorCode.CONFLICT,
          "the restore of backup "
              + Files.readString(mark)
              + " into "
              + folder
              + " was not finished: finish it with --backup, or empty the folder");
    }
    for (String file : backup.definition()) {
      boolean replaced = lakeYaml != null && file.equals(LakeFolder.LAKE_FILE);
      copy(replaced && lakeYaml != null ? lakeYaml : backup.definition(file), folder.resolve(file));
    }
  }

  private void refuseOccupied() {
    List<String> there =
        backup.definition().stream().filter(file -> Files.exists(folder.resolve(file))).toList();
    if (!there.isEmpty()) {
      throw new TarnException(
          ErrorCode.ALREADY_EXISTS,
          folder + " has a " + there.get(0) + " already: restore into a new or empty folder");
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Path parent = to.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    sync(to);
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private Restore.Report fill(Lake lake, Progress progress) {
    LakeDefinition definition = lake.definition();
    requireSameBuckets(definition);
    try (HomeLock lock = HomeLock.take(lake.home());
        ObjectStore objects = Wiring.objects(definition);
        Database database = Wiring.databaseAt(definition, backup.schemaVersion())) {
      return new Restore(backup, objects, database).run(progress);
    }
  }

  /** Iceberg's metadata names files by bucket, so they cannot move to buckets of other names. */
  private void requireSameBuckets(LakeDefinition definition) {
    boolean same =
        definition.prefix().equals(backup.prefix())
            && definition.environment().equals(backup.environment());
    if (!same) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "the backup is of prefix '"
              + backup.prefix()
              + "' and environment '"
              + backup.environment()
              + "', lake.yaml says '"
              + definition.prefix()
              + "' and '"
              + definition.environment()
              + "': the tables' files name their buckets, so both must stay");
    }
  }
}
