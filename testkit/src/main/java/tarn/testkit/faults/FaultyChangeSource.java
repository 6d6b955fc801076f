package tarn.testkit.faults;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import tarn.core.change.ChangeSink;
import tarn.core.change.ChangeSource;
import tarn.core.change.ChangeStream;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;

/** A database that is followed by somebody who may die before or right after what changes it. */
public record FaultyChangeSource(ChangeSource database, Faults faults) implements ChangeSource {
  @Override
  public List<SourceTable> tables() {
    return faults.read(database::tables);
  }

  @Override
  public State state() {
    return faults.read(database::state);
  }

  @Override
  public Lsn endOf(int timeline) {
    return faults.read(() -> database.endOf(timeline));
  }

  @Override
  public List<Check> check(boolean followed) {
    return faults.read(() -> database.check(followed));
  }

  @Override
  public boolean prepare(List<SourceTable> tables) {
    return faults.effect(() -> database.prepare(tables));
  }

  @Override
  public Set<String> published() {
    return faults.read(database::published);
  }

  @Override
  public void awaitOpenTransactions() {
    faults.effect(database::awaitOpenTransactions);
  }

  @Override
  public LoadView view() {
    return faults.effect(database::view);
  }

  @Override
  public ChangeStream follow(Lsn after) {
    return new Stream(faults.effect(() -> database.follow(after)), faults);
  }

  @Override
  public void forget() {
    faults.effect(database::forget);
  }

  @Override
  public void close() {
    database.close();
  }

  private record Stream(ChangeStream stream, Faults faults) implements ChangeStream {
    @Override
    public boolean next(ChangeSink sink, Duration patience) {
      return faults.read(() -> stream.next(sink, patience));
    }

    @Override
    public void acknowledge(Lsn upTo) {
      faults.effect(() -> stream.acknowledge(upTo));
    }

    @Override
    public Lsn readThrough() {
      return stream.readThrough();
    }

    @Override
    public void close() {
      stream.close();
    }
  }
}
