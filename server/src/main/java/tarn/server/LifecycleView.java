package tarn.server;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import tarn.api.LifecycleWork;
import tarn.api.PlannedChange;
import tarn.api.UnarchiveAnswer;
import tarn.api.UnarchiveRequest;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lifecycle.Lifecycle;
import tarn.core.observe.Progress;
import tarn.core.table.TableName;

/** The lifecycle in the words of the API. */
final class LifecycleView {
  private final Lifecycle lifecycle;

  LifecycleView(Lifecycle lifecycle) {
    this.lifecycle = lifecycle;
  }

  /**
   * What is due by the lake folder as it is now. A folder with errors says nothing that could be
   * followed, and tables are maintained without it.
   */
  List<LifecycleWork> work(Supplier<LakeDefinition> folder, boolean dryRun, Progress progress) {
    LakeDefinition lake;
    try {
      lake = folder.get();
    } catch (TarnException e) {
      String note = "nothing was archived, expired or removed: " + e.line();
      return List.of(new LifecycleWork("lifecycle", 0, 0, 0, 0, 0, 0, 0, List.of(note)));
    }
    List<Lifecycle.Result> results =
        dryRun ? lifecycle.preview(lake) : lifecycle.apply(lake, progress);
    List<LifecycleWork> work = new ArrayList<>();
    for (Lifecycle.Result result : results) {
      work.add(
          new LifecycleWork(
              result.rule(),
              result.archived().files(),
              result.archived().bytes(),
              result.expired().files(),
              result.expired().bytes(),
              result.waiting(),
              result.removed().files(),
              result.removed().bytes(),
              result.notes()));
    }
    return work;
  }

  /** Removes what nobody needs any more, and follows no rule. */
  void removeLeftovers(LakeDefinition lake) {
    lifecycle.removeLeftovers(lake);
  }

  /** What the next maintenance would do. */
  List<PlannedChange> plan(LakeDefinition lake) {
    List<PlannedChange> changes = new ArrayList<>();
    for (Lifecycle.Result result : lifecycle.preview(lake)) {
      add(changes, result, "archive", result.archived());
      add(changes, result, "expire", result.expired());
    }
    return changes;
  }

  private static void add(
      List<PlannedChange> changes, Lifecycle.Result result, String what, Lifecycle.Amount amount) {
    if (amount.files() > 0) {
      List<String> details = new ArrayList<>(List.of("by the next `datalake maintain`"));
      details.addAll(result.notes());
      changes.add(
          new PlannedChange(
              "lifecycle " + result.rule(), what, amount.files(), amount.bytes(), details));
    }
  }

  UnarchiveAnswer unarchive(UnarchiveRequest request, Progress progress) {
    Instant from = request.from().isEmpty() ? Instant.EPOCH : day(request.from(), 0);
    Instant to =
        request.to().isEmpty() ? Instant.parse("9999-12-31T00:00:00Z") : day(request.to(), 1);
    String name = request.dataset();
    TableName dataset = TableName.parse(name.indexOf('.') < 0 ? "raw." + name : name);
    Lifecycle.Restored restored = lifecycle.restore(dataset, from, to, request.dryRun(), progress);
    return new UnarchiveAnswer(
        dataset.toString(),
        restored.restored().files(),
        restored.restored().bytes(),
        restored.expired(),
        restored.failed());
  }

  private static Instant day(String text, long later) {
    try {
      return LocalDate.parse(text).plusDays(later).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST, "'" + text + "' is not a day like 2026-03-01", e);
    }
  }
}
