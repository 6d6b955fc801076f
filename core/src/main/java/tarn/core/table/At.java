package tarn.core.table;

import java.time.Instant;

/** Which state of a table to read. */
public sealed interface At {
  /** The current one. */
  record Now() implements At {}

  /** A snapshot, by id. */
  record Snapshot(long id) implements At {}

  /** The snapshot that was current at a time. */
  record Time(Instant when) implements At {}
}
