package tarn.server;

import java.util.List;
import java.util.function.BooleanSupplier;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.TableChoice;
import tarn.core.ledger.SourceName;
import tarn.core.observe.Progress;
import tarn.core.source.Copies;
import tarn.core.source.Goal;
import tarn.core.workflow.SourceWork;

/**
 * What pipelines do with databases. One with {@code follow: pipeline} is followed by the run
 * itself; of one that is followed all the time a run waits until that has come as far.
 */
record SourceRuns(Sources sources) implements SourceWork {
  private static final String STAGE = "source";
  private static final long LOOK_MILLIS = 500;

  /** A load that was cut goes on; whole ones begin anew. */
  @Override
  public Done load(
      SourceName source, TableChoice tables, Progress progress, BooleanSupplier cancelled) {
    List<String> anew = sources.loaded(source).stream().filter(tables::takes).toList();
    if (!anew.isEmpty()) {
      sources.reload(source, anew);
    }
    progress.report(STAGE, "loading " + source, 0, -1, "rows");
    long rows = sources.reach(source, Goal.LOADED, cancelled);
    while (!sources.loaded(source).containsAll(anew)) {
      if (cancelled.getAsBoolean()) {
        throw new TarnException(ErrorCode.CANCELLED, "waiting for loads was cancelled");
      }
      pause();
      rows += sources.reach(source, Goal.LOADED, cancelled);
    }
    return new Done(rows, 0, 0, 0);
  }

  /** Copies of one database move together, so that all of them come up to date. */
  @Override
  public Done seed(
      SourceName source, TableChoice tables, Progress progress, BooleanSupplier cancelled) {
    progress.report(STAGE, "copies of " + source, 0, -1, "rows");
    return done(sources.apply(source));
  }

  @Override
  public Done incremental(
      SourceName source, TableChoice tables, Progress progress, BooleanSupplier cancelled) {
    progress.report(STAGE, "changes of " + source, 0, -1, "changes");
    sources.reach(source, Goal.CAUGHT_UP, cancelled);
    return done(sources.apply(source));
  }

  @Override
  public Done continuous(SourceName source, Progress progress, BooleanSupplier cancelled) {
    progress.report(STAGE, "following " + source, 0, -1, "changes");
    try {
      sources.follow(source, cancelled);
    } catch (TarnException e) {
      if (e.code() != ErrorCode.CANCELLED) {
        throw e;
      }
    }
    return done(sources.apply(source));
  }

  /** A goal is reached, or the run has failed: nothing of the log before it is left. */
  private static Done done(List<Copies.Applied> applied) {
    return new Done(
        applied.stream().mapToLong(Copies.Applied::read).sum(),
        applied.stream().mapToLong(Copies.Applied::upserted).sum(),
        applied.stream().mapToLong(Copies.Applied::deleted).sum(),
        0);
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "interrupted while waiting", e);
    }
  }
}
