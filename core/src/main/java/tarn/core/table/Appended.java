package tarn.core.table;

/** What came to a table's rows from one of its snapshots to a later one. */
public sealed interface Appended {
  /**
   * Rows came and none went or changed. Files that were compacted since are given as they were
   * written.
   *
   * @param files those that came, the oldest first, with the later snapshot's columns; without
   *     files no row changed
   */
  record Only(Scan files) implements Appended {}

  /**
   * More happened, or it is not known any more.
   *
   * @param why in words: {@code clean.orders had an upsert since}
   */
  record More(String why) implements Appended {}
}
