package tarn.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tarn.api.ReplayAnswer;
import tarn.api.ReplayRequest;
import tarn.core.catalog.DatasetName;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.Replay;
import tarn.core.ingest.TableLoader;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.TableDefinition;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.Whereabouts.Span;
import tarn.core.observe.Progress;

/** {@code replay}: which batches and tables are meant, and what became of each. */
final class Replays {
  private static final int PAGE = 1_000;

  private final Ledger ledger;
  private final Replay replay;

  Replays(Ledger ledger, Replay replay) {
    this.ledger = ledger;
    this.replay = replay;
  }

  /** Replays into every table that is meant; one that fails holds up no other. */
  ReplayAnswer run(LakeDefinition lake, ReplayRequest request, Progress progress) {
    SourceName stream = new SourceName(request.stream());
    if (lake.streams().stream().noneMatch(s -> s.stream().equals(request.stream()))) {
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          "there is no stream '" + stream + "'; `datalake stream list` lists those there are");
    }
    List<TableDefinition> meant = tables(lake, stream, request.tables());
    TimeSpan time = TimeSpan.of(request.from(), request.to());
    Span span = span(stream, time);
    List<ReplayAnswer.Table> done = new ArrayList<>();
    for (TableDefinition table : meant) {
      progress.report("replay", table.table(), done.size(), meant.size(), "tables");
      done.add(table(table, span, request.dryRun(), progress));
    }
    return new ReplayAnswer(stream.value(), done);
  }

  private static List<TableDefinition> tables(
      LakeDefinition lake, SourceName stream, List<String> wanted) {
    List<TableDefinition> all =
        lake.tables().stream()
            .filter(t -> DatasetName.isOf(stream, TableLoader.from(t)))
            .filter(t -> wanted.isEmpty() || wanted.contains(t.table()))
            .toList();
    for (String name : wanted) {
      if (all.stream().noneMatch(t -> t.table().equals(name))) {
        throw new TarnException(
            ErrorCode.NOT_FOUND, name + " is not a table that is made of the stream " + stream);
      }
    }
    if (all.isEmpty()) {
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          "no table is made of the stream "
              + stream
              + ": write tables/"
              + stream
              + ".yaml with 'from: "
              + stream
              + "'");
    }
    return all;
  }

  private ReplayAnswer.Table table(
      TableDefinition table, Span span, boolean dryRun, Progress progress) {
    Replay.Plan plan;
    try {
      plan = replay.plan(table, span);
      TableLoader.Report report =
          dryRun || plan.files() == 0 ? null : replay.run(table, span, progress);
      String how = plan.files() == 0 ? "nothing" : plan.anew().isEmpty() ? "batches" : "anew";
      List<String> messages = new ArrayList<>();
      if (!plan.anew().isEmpty()) {
        messages.add("made anew: " + plan.anew());
      }
      if (report != null) {
        messages.addAll(report.warnings());
      }
      return new ReplayAnswer.Table(
          table.table(),
          how,
          plan.span().first(),
          plan.span().last(),
          plan.files(),
          plan.bytes(),
          report == null ? 0 : report.read(),
          report == null ? 0 : report.stored(),
          report == null ? 0 : report.quarantined(),
          report == null ? null : report.snapshot(),
          String.join("; ", messages),
          false);
    } catch (TarnException e) {
      if (e.code() == ErrorCode.CANCELLED) {
        throw e;
      }
      return new ReplayAnswer.Table(
          table.table(), "nothing", span.first(), span.last(), 0, 0, 0, 0, 0, null, e.line(), true);
    }
  }

  /** The batches that landed in a span of time; empty, from 1 to 0, if none did. */
  private Span span(SourceName stream, TimeSpan time) {
    long first = 0;
    long last = 0;
    long after = 0;
    while (true) {
      List<Batch> page = ledger.batches(Set.of(stream), after, PAGE);
      for (Batch batch : page) {
        after = batch.seq();
        if (time.has(batch.landedAt())) {
          first = first == 0 ? batch.seq() : first;
          last = batch.seq();
        }
      }
      if (page.size() < PAGE) {
        return first == 0 ? new Span(1, 0) : new Span(first, last);
      }
    }
  }
}
