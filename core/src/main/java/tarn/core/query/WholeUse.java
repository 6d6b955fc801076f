package tarn.core.query;

/**
 * A place where a query needs more than one row, or more than one table, at a time.
 *
 * @param what in words, such as {@code a join}
 * @param character where it stands in the text, counted from 1; 0 if unknown
 */
public record WholeUse(String what, int character) {
  @Override
  public String toString() {
    return character == 0 ? what : what + " at character " + character;
  }
}
