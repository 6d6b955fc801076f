package tarn.server;

import java.util.function.BooleanSupplier;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.TableChoice;
import tarn.core.ledger.SourceName;
import tarn.core.observe.Progress;
import tarn.core.workflow.SourceWork;

/** What pipelines do with databases that are followed all the time anyway. */
final class SourceRuns implements SourceWork {
  @Override
  public Done load(
      SourceName source, TableChoice tables, Progress progress, BooleanSupplier cancelled) {
    throw notYet(source);
  }

  @Override
  public Done seed(
      SourceName source, TableChoice tables, Progress progress, BooleanSupplier cancelled) {
    throw notYet(source);
  }

  @Override
  public Done incremental(
      SourceName source, TableChoice tables, Progress progress, BooleanSupplier cancelled) {
    throw notYet(source);
  }

  @Override
  public Done continuous(SourceName source, Progress progress, BooleanSupplier cancelled) {
    throw notYet(source);
  }

  private static TarnException notYet(SourceName source) {
    return new TarnException(
        ErrorCode.BAD_REQUEST,
        "the source " + source + " is followed all the time; no pipeline moves it yet");
  }
}
