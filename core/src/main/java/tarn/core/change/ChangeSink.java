package tarn.core.change;

/** Takes transactions, one after the other in the order of their commits, each whole. */
public interface ChangeSink {
  /** A transaction begins. */
  void begin(Transaction transaction);

  /** One of its changes. Its arrays are the sink's from here on. */
  void change(Change change);

  /**
   * It has ended.
   *
   * @param end where the log goes on behind it: whoever follows from here gets what comes after
   */
  void commit(Lsn end);
}
