package tarn.core.engine;

/**
 * What a column's values look like. Numbers only: no value is kept.
 *
 * @param column its name
 * @param kind {@code email}, {@code phone}, {@code name}, {@code card_number} or {@code ip_address}
 * @param matches how many of the values looked at are of that kind
 * @param values how many values were looked at, nulls and empty texts left out
 */
public record Classified(String column, String kind, long matches, long values) {
  private static final long LEAST_VALUES = 10;
  private static final long LEAST_PERCENT = 80;

  /** The share of values that match, in percent, rounded down. */
  public long confidence() {
    return values == 0 ? 0 : matches * 100 / values;
  }

  /** Whether there are enough values, and enough of them match, to tell people. */
  public boolean isSuggested() {
    return values >= LEAST_VALUES && confidence() >= LEAST_PERCENT;
  }
}
