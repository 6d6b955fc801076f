package tarn.server;

import tarn.core.ledger.SourceName;
import tarn.core.stream.IdIndex;
import tarn.core.stream.IdIndexes;

/** What lakes without streams stand on. */
final class NoStreams {
  static final StreamParts PARTS =
      new StreamParts(
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
          });

  private NoStreams() {}
}
