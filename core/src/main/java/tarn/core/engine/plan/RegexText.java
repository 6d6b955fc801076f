package tarn.core.engine.plan;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Checks regular expressions before any engine sees them: the part of RE2's syntax that Java's
 * reads alike, so that DuckDB (RE2) and Spark (Java) agree.
 */
public final class RegexText {
  private static final int MAX_LENGTH = 1_000;
  private static final Pattern SPECIAL = Pattern.compile("[\\\\.\\[\\](){}*+?^$|]");
  private static final Pattern LOOK_AROUND = Pattern.compile("\\(\\?(=|!|<=|<!|>)");
  private static final Pattern BACK_REFERENCE =
      Pattern.compile("(?<!\\\\)(\\\\\\\\)*\\\\([1-9]|k)");
  private static final Pattern POSSESSIVE = Pattern.compile("(?<!\\\\)[*+?}]\\+");

  private RegexText() {}

  /** What is wrong with an expression; empty if every engine can use it. */
  public static Optional<String> problem(String regex) {
    if (regex.length() > MAX_LENGTH) {
      return Optional.of("it is longer than " + MAX_LENGTH + " characters");
    }
    if (LOOK_AROUND.matcher(regex).find()) {
      return Optional.of("look-around is not supported");
    }
    if (BACK_REFERENCE.matcher(regex).find()) {
      return Optional.of("references back to a group are not supported");
    }
    if (POSSESSIVE.matcher(regex).find()) {
      return Optional.of("possessive repetition is not supported");
    }
    try {
      Pattern.compile(regex);
      return Optional.empty();
    } catch (PatternSyntaxException e) {
      return Optional.of(e.getDescription());
    }
  }

  /** Whether it stands for itself only. */
  public static boolean isPlain(String regex) {
    return !SPECIAL.matcher(regex).find();
  }
}
