package tarn.core.ledger;

import java.util.regex.Pattern;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The name of something that lands in raw: {@code orders}. Lower case letters, digits and {@code
 * _-}, starting with a letter, at most 63.
 */
public record SourceName(String value) implements Comparable<SourceName> {
  private static final Pattern GRAMMAR = Pattern.compile("[a-z][a-z0-9_-]{0,62}");

  public SourceName {
    if (!isOne(value)) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "'"
              + value
              + "' is not a source's name: lower case letters, digits, '_' and '-', starting with a letter, at most 63");
    }
  }

  /** Whether a text can be a source's name. */
  public static boolean isOne(String text) {
    return GRAMMAR.matcher(text).matches();
  }

  @Override
  public int compareTo(SourceName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
