package tarn.core.query;

import java.time.Instant;

/** Which state of a table a query reads. */
public sealed interface At {
  /** The newest. */
  record Latest() implements At {}

  /**
   * The snapshot of that id.
   *
   * @param snapshot an Iceberg snapshot id
   */
  record Version(long snapshot) implements At {}

  /**
   * The state as of that moment.
   *
   * @param instant the moment; a text without a zone means UTC
   */
  record Timestamp(Instant instant) implements At {}

  /**
   * No state, but how one became another: {@code table_changes}.
   *
   * @param since a version or a moment: the state before the first change
   * @param until the last state
   * @param net only what is different in the end
   */
  record Changes(At since, At until, boolean net) implements At {}
}
