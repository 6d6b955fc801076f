package tarn.core.lake;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as the lake folder writes them: {@code 500ms}, {@code 10s}, {@code 5m}, {@code 2h},
 * {@code 7d}.
 */
public final class DurationText {
  static final String PATTERN = "[0-9]{1,12}(ms|s|m|h|d)";
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  private DurationText() {}

  /** Reads one; IllegalArgumentException, with what is expected, if it is none. */
  public static Duration parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("a number with ms, s, m, h or d, like 10s or 7d");
    }
    long unit = MILLIS.getOrDefault(matcher.group(2), 1L);
    return Duration.ofMillis(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
  }

  /** Writes one in the largest unit that has no remainder; parts of a millisecond are dropped. */
  public static String print(Duration duration) {
    long millis = duration.toMillis();
    for (String unit : new String[] {"d", "h", "m", "s"}) {
      long size = MILLIS.getOrDefault(unit, 1L);
      if (millis != 0 && millis % size == 0) {
        return millis / size + unit;
      }
    }
    return millis + "ms";
  }
}
