package tarn.core.change;

import java.util.Locale;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * A place in a database's log of changes: a number of bytes from its beginning. Printed as
 * PostgreSQL does: {@code 16/B374D848}, two halves of 32 bits in hexadecimal digits.
 *
 * @param value never negative
 */
public record Lsn(long value) implements Comparable<Lsn> {
  /** Before anything. */
  public static final Lsn ZERO = new Lsn(0);

  private static final int HALF = 32;
  private static final int HEX = 16;
  private static final long MASK = 0xFFFF_FFFFL;

  public Lsn {
    if (value < 0) {
      throw new IllegalArgumentException("an LSN is not negative: " + value);
    }
  }

  /** Reads what {@link #toString} prints; {@code DATA_INVALID} for anything else. */
  public static Lsn parse(String text) {
    try {
      int slash = text.indexOf('/');
      long high = Long.parseLong(text, 0, slash, HEX);
      long low = Long.parseLong(text, slash + 1, text.length(), HEX);
      return new Lsn(high << HALF | low);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new TarnException(
          ErrorCode.DATA_INVALID, "'" + text + "' is no LSN, such as 16/B374D848", e);
    }
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%X/%X", value >>> HALF, value & MASK);
  }
}
