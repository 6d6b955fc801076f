package tarn.core.lake;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A size as the lake folder writes it: {@code 128MB}, {@code 10GB}. Units are powers of 1024, as in
 * Iceberg's and the JVM's settings; {@code MiB} means the same as {@code MB}.
 *
 * @param bytes not negative
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
  static final String PATTERN = "[0-9]{1,15}(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)";
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,15})([KMGT]?)i?B");
  private static final List<String> UNITS = List.of("", "K", "M", "G", "T");
  private static final int STEP = 1024;

  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size is not negative");
    }
  }

  /** Reads one; IllegalArgumentException, with what is expected, if it is none. */
  public static ByteSize parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches() || text.endsWith("iB") && matcher.group(2).isEmpty()) {
      throw new IllegalArgumentException("a number with B, KB, MB, GB or TB, like 128MB");
    }
    long bytes = Long.parseLong(matcher.group(1));
    for (int i = UNITS.indexOf(matcher.group(2)); i > 0; i--) {
      bytes = Math.multiplyExact(bytes, (long) STEP);
    }
    return new ByteSize(bytes);
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** In the largest unit that has no remainder. */
  @Override
  public String toString() {
    long number = bytes;
    int unit = 0;
    while (number != 0 && number % STEP == 0 && unit < UNITS.size() - 1) {
      number /= STEP;
      unit++;
    }
    return number + UNITS.get(unit) + "B";
  }
}
