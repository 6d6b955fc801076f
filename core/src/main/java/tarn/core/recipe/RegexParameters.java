package tarn.core.recipe;

import java.util.regex.Pattern;
import tarn.core.engine.plan.RegexText;

/** Parameters that are regular expressions. */
final class RegexParameters {
  private RegexParameters() {}

  /** Whether a parameter is a regular expression that every engine reads alike; else a problem. */
  static boolean check(Arguments a, String parameter) {
    String pattern = a.text(parameter);
    if (pattern.isEmpty()) {
      a.problem(parameter, "the pattern is empty", "");
      return false;
    }
    return RegexText.problem(pattern)
        .map(
            why -> {
              a.problem(parameter, "'" + pattern + "' is not a regular expression: " + why, "");
              return false;
            })
        .orElse(true);
  }

  /** The groups of an expression that has been checked. */
  static int groups(String pattern) {
    return Pattern.compile(pattern).matcher("").groupCount();
  }

  /** A replacement that stands for itself. */
  static String plain(String replacement) {
    return replacement.replace("\\", "\\\\");
  }
}
