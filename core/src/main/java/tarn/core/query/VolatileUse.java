package tarn.core.query;

/**
 * A place where a query asks for something that differs each time.
 *
 * @param what the function's name, or SAMPLE
 * @param character where it stands in the text, counted from 1; 0 if unknown
 */
public record VolatileUse(String what, int character) {
  @Override
  public String toString() {
    return character == 0 ? what : what + " at character " + character;
  }
}
