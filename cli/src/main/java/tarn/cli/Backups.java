package tarn.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.BackupAnswer;
import tarn.api.BackupRequest;
import tarn.api.RestoreAnswer;
import tarn.api.VerifiedBackup;
import tarn.api.VerifiedTable;
import tarn.api.VerifyAnswer;
import tarn.api.VerifyRequest;

/** {@code backup}, {@code restore} and {@code verify}; the last two need no server. */
final class Backups {
  private Backups() {}

  static int backup(Session session) {
    Path dir = folder(session, 0, "which folder? datalake backup DIR");
    BackupRequest request = new BackupRequest(dir.toString(), session.line().has("--by-reference"));
    BackupAnswer answer =
        BackupAnswer.from(Work.ask(session, session.connect(), "/v1/backup", request));
    session.table(
        List.of(
            "backup",
            "tables:BIGINT",
            "objects:BIGINT",
            "bytes:BIGINT",
            "copied:BIGINT",
            "bytes_copied:BIGINT",
            "millis:BIGINT"),
        List.of(
            Arrays.asList(
                answer.backup(),
                answer.tables(),
                answer.objects(),
                answer.bytes(),
                answer.copied(),
                answer.bytesCopied(),
                answer.millis())));
    return 0;
  }

  static int restore(Session session) {
    Path dir = folder(session, 0, "which backups? datalake restore DIR LAKE_FOLDER");
    Path lake = folder(session, 1, "into which folder? datalake restore DIR LAKE_FOLDER");
    List<String> what = new ArrayList<>(List.of("--restore", dir.toString()));
    String backup = session.line().option("--backup");
    if (backup != null) {
      what.addAll(List.of("--backup", backup));
    }
    String lakeYaml = session.line().option("--lake-yaml");
    if (lakeYaml != null) {
      what.addAll(List.of("--lake-yaml", absolute(session, lakeYaml).toString()));
    }
    RestoreAnswer answer =
        RestoreAnswer.from(ServerProcess.stream(place(lake), what, session.notes()));
    session.table(
        List.of(
            "backup",
            "lake",
            "objects:BIGINT",
            "bytes:BIGINT",
            "catalog_rows:BIGINT",
            "millis:BIGINT"),
        List.of(
            Arrays.asList(
                answer.backup(),
                answer.lake(),
                answer.objects(),
                answer.bytes(),
                answer.rows(),
                answer.millis())));
    return 0;
  }

  /** Returns 1 if something is missing or broken. */
  static int verify(Session session) {
    boolean deep = session.line().has("--deep");
    boolean live = session.line().arguments().isEmpty();
    VerifyAnswer answer =
        VerifyAnswer.from(
            live
                ? Work.ask(session, session.connect(), "/v1/verify", new VerifyRequest(deep))
                : ServerProcess.stream(
                    place(folder(session, 0, "")),
                    deep ? List.of("--verify", "--deep") : List.of("--verify"),
                    session.notes()));
    if (session.format().equals("table")) {
      people(session, answer, live);
    } else {
      sheet(session, answer);
    }
    return answer.problems().isEmpty() ? 0 : 1;
  }

  private static void people(Session session, VerifyAnswer answer, boolean live) {
    if (live) {
      List<List<@Nullable Object>> rows = new ArrayList<>();
      for (VerifiedTable t : answer.tables()) {
        rows.add(Arrays.asList(t.table(), t.rows(), t.contentHash(), t.snapshot()));
      }
      session.table(List.of("table", "rows:BIGINT", "content_hash", "snapshot:BIGINT"), rows);
    } else {
      List<List<@Nullable Object>> rows = new ArrayList<>();
      for (VerifiedBackup b : answer.backups()) {
        rows.add(Arrays.asList(b.backup(), b.tables(), b.objects(), b.bytes(), b.byReference()));
      }
      session.table(
          List.of(
              "backup", "tables:BIGINT", "objects:BIGINT", "bytes:BIGINT", "by_reference:BOOLEAN"),
          rows);
    }
    answer.problems().forEach(problem -> session.print(Cells.oneLine(problem) + "\n"));
    session.print(
        (answer.problems().isEmpty() ? "All is there: " : answer.problems().size() + " problems; ")
            + answer.objects()
            + (live ? " objects, " : " copies, ")
            + Sizes.bytes(answer.bytes())
            + "\n");
  }

  /** One row for each table, backup and problem. */
  private static void sheet(Session session, VerifyAnswer answer) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (VerifiedTable t : answer.tables()) {
      rows.add(
          Arrays.asList("table", t.table(), t.rows(), t.contentHash(), t.snapshot(), null, null));
    }
    for (VerifiedBackup b : answer.backups()) {
      rows.add(Arrays.asList("backup", b.backup(), null, null, null, b.objects(), b.bytes()));
    }
    for (String problem : answer.problems()) {
      rows.add(Arrays.asList("problem", problem, null, null, null, null, null));
    }
    session.table(
        List.of(
            "kind",
            "name",
            "rows:BIGINT",
            "content_hash",
            "snapshot:BIGINT",
            "objects:BIGINT",
            "bytes:BIGINT"),
        rows);
  }

  private static LakePlace place(Path folder) {
    return new LakePlace(folder, null, folder.resolve(".datalake"));
  }

  private static Path folder(Session session, int at, String missing) {
    List<String> arguments = session.line().arguments();
    if (arguments.size() <= at) {
      throw CommandFailed.usage(missing);
    }
    return absolute(session, arguments.get(at));
  }

  private static Path absolute(Session session, String path) {
    return session.folder().resolve(path).toAbsolutePath().normalize();
  }
}
