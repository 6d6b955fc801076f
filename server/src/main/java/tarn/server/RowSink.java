package tarn.server;

import java.util.List;
import tarn.api.Column;

/** Hears a query's answer, in one thread. */
public interface RowSink {

  /** The columns; called once, before any rows. */
  void columns(List<Column> columns);

  /**
   * Some rows, as few or as many as are at hand (a few hundred is good).
   *
   * @param json an array of rows in UTF-8, each an array with one value for each column
   * @param count how many
   */
  void rows(byte[] json, int count);
}
