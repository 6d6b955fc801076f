package tarn.core.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import tarn.core.change.SourceTable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Values of one source that the lake's types cannot hold, such as a date {@code infinity}: null in
 * the copies and counted here, or refused. Those of a key are always refused: without them rows
 * cannot be told. Safe for use by many threads.
 */
public final class Overflows {
  private final boolean refused;
  private final Map<String, Long> counts = new ConcurrentSkipListMap<>();

  /**
   * @param refused whether such a value is a failure
   */
  public Overflows(boolean refused) {
    this.refused = refused;
  }

  /** {@code public.orders.valid_until (12)}, since this was made; empty if all values fit. */
  public List<String> counts() {
    List<String> all = new ArrayList<>();
    counts.forEach((column, n) -> all.add(String.format(Locale.ROOT, "%s (%d)", column, n)));
    return List.copyOf(all);
  }

  /**
   * Takes note of what did not fit; {@code DATA_INVALID} if that is refused.
   *
   * @param where the rows came from: {@code its load}
   * @param unfit how many values of which columns
   */
  void note(SourceTable table, String where, Map<String, Long> unfit) {
    TreeSet<String> failing = new TreeSet<>(unfit.keySet());
    if (!refused) {
      failing.retainAll(table.key());
    }
    if (!failing.isEmpty()) {
      String column = failing.first();
      throw refusal(
          table.fullName() + "." + column,
          table.key().contains(column),
          unfit.getOrDefault(column, 0L),
          where);
    }
    new TreeMap<>(unfit)
        .forEach((column, n) -> counts.merge(table.fullName() + "." + column, n, Long::sum));
  }

  private static TarnException refusal(String column, boolean key, long values, String where) {
    return new TarnException(
        ErrorCode.DATA_INVALID,
        String.format(
            Locale.ROOT,
            "%s has %d value%s in %s that the lake's type cannot hold%s; have the column copied as"
                + " text, with `texts: [%s]` in the source's file, or %s",
            column,
            values,
            values == 1 ? "" : "s",
            where,
            key ? ", and rows are told by it" : "",
            column,
            key ? "leave the table out" : "let them be null, with `overflow: nulls`"));
  }
}
