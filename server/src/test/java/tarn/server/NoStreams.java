package tarn.server;

import java.util.function.Function;
import tarn.core.change.ChangeSource;
import tarn.core.lake.SourceDefinition;
import tarn.core.ledger.SourceName;
import tarn.core.stream.IdIndex;
import tarn.core.stream.IdIndexes;

/** What lakes without streams stand on. */
final class NoStreams {
  static final Arrivals PARTS =
      new Arrivals(
          () -> {
            throw new AssertionError("a lake without streams opened a log");
          },
          new IdIndexes() {
            @Override
            public IdIndex open(SourceName stream) {
              throw new AssertionError("a lake without streams opened an index");
            }

            @Override
            public void discard(SourceName stream) {
              throw new AssertionError("a lake without streams removed an index");
            }
          },
          source -> {
            throw new AssertionError("a lake without sources opened " + source.source());
          });

  private NoStreams() {}

  /** The same of a lake with databases. */
  static Arrivals with(Function<SourceDefinition, ChangeSource> databases) {
    return new Arrivals(PARTS.log(), PARTS.indexes(), databases);
  }
}
