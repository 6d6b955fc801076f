package tarn.core.stream;

import java.util.regex.Pattern;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** The name of a consumer of a stream: letters, digits and {@code ._-}, 1 to 128. */
public record ConsumerName(String value) {
  private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  public ConsumerName {
    if (!GRAMMAR.matcher(value).matches()) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "'"
              + value
              + "' is not a consumer's name: letters, digits, '.', '_' and '-', at most 128");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
