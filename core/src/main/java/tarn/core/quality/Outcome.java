package tarn.core.quality;

/**
 * How a rule for a whole table turned out.
 *
 * @param rule as its author wrote it
 * @param passed whether it is met
 * @param seen the numbers that it was judged by: {@code Completeness 0.93}
 */
public record Outcome(String rule, boolean passed, String seen) {}
