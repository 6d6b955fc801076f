package tarn.server;

/** What lakes without streams stand on. */
final class NoStreams {
  static final StreamParts PARTS =
      new StreamParts(
          () -> {
            throw new AssertionError("a lake without streams opened a log");
          },
          new HeapIds());

  private NoStreams() {}
}
