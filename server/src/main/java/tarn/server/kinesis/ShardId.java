package tarn.server.kinesis;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A shard's name: {@code shardId-000000000012}. */
final class ShardId {
  private static final Pattern GRAMMAR = Pattern.compile("shardId-0{3}([0-9]{9})");

  private ShardId() {}

  static String of(int shard) {
    return String.format(Locale.ROOT, "shardId-%012d", shard);
  }

  static OptionalInt parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }
}
