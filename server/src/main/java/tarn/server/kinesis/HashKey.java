package tarn.server.kinesis;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import tarn.server.aws.AwsException;
import tarn.server.aws.Input;

/** A hash key: a decimal number from 0 to 2^128 - 1. */
final class HashKey {
  static final BigInteger END = BigInteger.ONE.shiftLeft(128);

  private HashKey() {}

  static @Nullable BigInteger optional(Input input, String name) {
    return input.has(name) ? of(input, name) : null;
  }

  static BigInteger of(Input input, String name) {
    String text = input.text(name);
    if (!text.matches("0|([1-9][0-9]{0,38})")) {
      throw AwsException.constraint(
          name, text, "satisfy regular expression pattern: 0|([1-9]\\d{0,38})");
    }
    BigInteger hash = new BigInteger(text);
    if (hash.compareTo(END) >= 0) {
      throw new AwsException(
          "InvalidArgumentException",
          "Invalid "
              + name
              + ". It must be in the range: [0, 2^128-1]. Specified value was "
              + text);
    }
    return hash;
  }
}
