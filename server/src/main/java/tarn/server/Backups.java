package tarn.server;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tarn.api.BackupAnswer;
import tarn.api.BackupRequest;
import tarn.api.VerifiedBackup;
import tarn.api.VerifiedTable;
import tarn.api.VerifyAnswer;
import tarn.api.VerifyRequest;
import tarn.core.backup.Backup;
import tarn.core.backup.ContentHash;
import tarn.core.backup.LakeCheck;
import tarn.core.backup.Repository;
import tarn.core.backup.RepositoryCheck;
import tarn.core.database.Database;
import tarn.core.engine.Engine;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeSettings;
import tarn.core.observe.Progress;
import tarn.core.storage.HeldObjectStore;
import tarn.core.table.TableStore;

/** Backups and checks of an open lake, as the API answers them. */
final class Backups {
  private final Backup backup;
  private final LakeCheck check;
  private final Turns turns = new Turns();

  private Backups(Backup backup, LakeCheck check) {
    this.backup = backup;
    this.check = check;
  }

  /** Those of a lake, from its parts. */
  static Backups of(
      LakeDefinition lake,
      Database database,
      HeldObjectStore objects,
      TableStore tables,
      Engine engine,
      Clock clock) {
    ContentHash hash =
        new ContentHash(tables, engine, lake.settings().get(LakeSettings.ENGINE_LOAD_TIMEOUT));
    return new Backups(
        new Backup(lake, database, objects, tables, clock),
        new LakeCheck(database, objects, tables, hash));
  }

  /** For work that takes files away. */
  Turns.Turn removing(Progress progress) {
    return turns.take("maintain", progress);
  }

  BackupAnswer backup(BackupRequest request, Progress progress) {
    Path dir = Path.of(request.directory());
    if (!dir.isAbsolute()) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST, "the backup's directory '" + dir + "' is not an absolute path");
    }
    long started = System.nanoTime();
    try (Turns.Turn turn = turns.take("backup", progress)) {
      Backup.Report report = backup.make(dir, request.byReference(), progress);
      return new BackupAnswer(
          report.id(),
          dir.toString(),
          report.tables(),
          report.objects(),
          report.bytes(),
          report.copied(),
          report.bytesCopied(),
          (System.nanoTime() - started) / 1_000_000);
    }
  }

  VerifyAnswer verify(VerifyRequest request, Progress progress) {
    try (Turns.Turn turn = turns.take("verify", progress)) {
      LakeCheck.Report report = check.check(request.deep(), progress);
      return new VerifyAnswer(
          report.contents().stream().map(Backups::verified).toList(),
          List.of(),
          report.objects(),
          report.bytes(),
          report.problems());
    }
  }

  private static VerifiedTable verified(ContentHash.Content content) {
    return new VerifiedTable(
        content.table().toString(), content.rows(), content.hash(), snapshot(content.snapshot()));
  }

  private static @Nullable Long snapshot(OptionalLong snapshot) {
    return snapshot.isPresent() ? snapshot.getAsLong() : null;
  }

  /** Checks a folder of backups; needs no lake. */
  static VerifyAnswer verify(Path dir, boolean deep, Progress progress) {
    RepositoryCheck.Report report = new RepositoryCheck(new Repository(dir)).check(deep, progress);
    return new VerifyAnswer(
        List.of(),
        report.backups().stream()
            .map(
                b ->
                    new VerifiedBackup(b.id(), b.tables(), b.objects(), b.bytes(), b.byReference()))
            .toList(),
        report.copies(),
        report.bytes(),
        report.problems());
  }
}
