package tarn.core.engine;

import java.util.List;

/** Takes a result as it comes, in the thread that asked. Whatever it throws stops the query. */
public interface RowSink {
  /** Called once, first. */
  void columns(List<ResultColumn> columns);

  /**
   * Called any number of times.
   *
   * @param jsonRows a JSON array of rows in UTF-8, each an array with a value for each column:
   *     numbers exact, times in ISO 8601, binary in Base64
   * @param count how many rows
   */
  void rows(byte[] jsonRows, int count);
}
