package tarn.server;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Column;

/** Hears a query's answer, in one thread. */
public interface RowSink {

  /** The columns; called once, before any rows. */
  void columns(List<Column> columns);

  /**
   * Some rows, as few or as many as are at hand (a few hundred is good). Each has one value per
   * column: null, {@link Boolean}, {@link Number}, {@link List}, {@link java.util.Map}, or anything
   * whose {@code toString} is how a person writes it.
   */
  void rows(List<? extends List<? extends @Nullable Object>> rows);
}
