package tarn.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tarn.api.LifecycleWork;
import tarn.api.UnarchiveAnswer;
import tarn.api.UnarchiveRequest;

/**
 * What becomes of files as they grow old: the second half of {@code maintain}; {@code unarchive}.
 */
final class Lifecycle {
  private static final List<String> AMOUNTS =
      List.of(
          "archived:BIGINT",
          "archived_bytes:BIGINT",
          "expired:BIGINT",
          "expired_bytes:BIGINT",
          "waiting:BIGINT",
          "removed:BIGINT",
          "removed_bytes:BIGINT");

  private Lifecycle() {}

  /**
   * Prints what became of tables, then of files by rule: as two tables for people, as one for
   * programs, in which a rule is a row whose table is {@code lifecycle <rule>}.
   */
  static void print(
      Session session,
      List<String> tableColumns,
      List<List<@Nullable Object>> tables,
      List<LifecycleWork> lifecycle) {
    for (LifecycleWork work : lifecycle) {
      work.notes().forEach(note -> session.notes().say("lifecycle " + work.rule() + ": " + note));
    }
    if (session.format().equals("table")) {
      session.table(tableColumns, tables);
      if (!lifecycle.isEmpty()) {
        session.print("\n");
        session.table(
            Stream.concat(Stream.of("lifecycle"), AMOUNTS.stream()).toList(),
            lifecycle.stream().map(w -> row(w.rule(), 0, w)).toList());
      }
      return;
    }
    List<List<@Nullable Object>> all = new ArrayList<>();
    for (List<@Nullable Object> table : tables) {
      List<@Nullable Object> row = new ArrayList<>(table);
      AMOUNTS.forEach(a -> row.add(null));
      all.add(row);
    }
    lifecycle.forEach(w -> all.add(row("lifecycle " + w.rule(), tableColumns.size() - 1, w)));
    session.table(Stream.concat(tableColumns.stream(), AMOUNTS.stream()).toList(), all);
  }

  private static List<@Nullable Object> row(String name, int empty, LifecycleWork work) {
    List<@Nullable Object> row = new ArrayList<>();
    row.add(name);
    for (int i = 0; i < empty; i++) {
      row.add(null);
    }
    row.addAll(
        List.of(
            work.archived(),
            work.archivedBytes(),
            work.expired(),
            work.expiredBytes(),
            work.waiting(),
            work.removed(),
            work.removedBytes()));
    return row;
  }

  /** Returns 1 if a file could not be brought back. */
  static int unarchive(Session session) {
    Line line = session.line();
    UnarchiveRequest request =
        new UnarchiveRequest(
            line.argument(),
            Objects.requireNonNullElse(line.option("--from"), ""),
            Objects.requireNonNullElse(line.option("--to"), ""),
            line.has("--dry-run"));
    UnarchiveAnswer answer =
        UnarchiveAnswer.from(Work.ask(session, session.connect(), "/v1/unarchive", request));
    answer.failed().forEach(why -> session.notes().say(why));
    session.table(
        List.of(
            "dataset",
            "restored:BIGINT",
            "restored_bytes:BIGINT",
            "expired:BIGINT",
            "failed:BIGINT"),
        List.of(
            Arrays.asList(
                answer.dataset(),
                answer.restored(),
                answer.restoredBytes(),
                answer.expired(),
                answer.failed().size())));
    return answer.failed().isEmpty() ? 0 : 1;
  }
}
