package tarn.server.kinesis;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A record's place as Kinesis tells it: a decimal number that grows within a shard, and that in a
 * later shard is higher than in an earlier one. Digits: {@code 49}, 6 of the shard, 20 of the
 * offset.
 */
record SequenceNumber(int shard, long offset) {
  private static final Pattern GRAMMAR = Pattern.compile("49([0-9]{6})0([0-9]{19})");

  static Optional<SequenceNumber> parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    try {
      return matcher.matches()
          ? Optional.of(
              new SequenceNumber(
                  Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2))))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty(); // beyond what an offset can be
    }
  }

  /** One that no record of the shard reaches: the end that is told of a closed shard. */
  static SequenceNumber beyond(int shard) {
    return new SequenceNumber(shard, Long.MAX_VALUE);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "49%06d%020d", shard, offset);
  }
}
