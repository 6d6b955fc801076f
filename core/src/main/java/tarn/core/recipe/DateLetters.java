package tarn.core.recipe;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Patterns of dates and times. They are written in the letters of {@link
 * java.time.format.DateTimeFormatter}, of which every engine knows those in {@link #KNOWN}.
 * DataBrew's own letters are understood too: {@code month}, and {@code mm} where no hour is before
 * it, which would make no sense otherwise.
 */
final class DateLetters {
  static final String MEANING =
      "in the letters of Java's DateTimeFormatter (yyyy-MM-dd HH:mm:ss); DataBrew's (mm/dd/yyyy, dd month yyyy, yyyy-mm-dd HH:MM:SS) are understood too";

  static final String DEFAULT = "yyyy-MM-dd HH:mm:ss";

  static final Set<String> KNOWN =
      Set.of(
          "yyyy", "uuuu", "yy", "MMMM", "MMM", "MM", "M", "dd", "d", "HH", "H", "hh", "mm", "ss",
          "SSS", "SSSSSS", "a", "EEE", "EEEE");

  private static final Map<String, String> DATABREW =
      new TreeMap<>(
          Map.of(
              "yyyy", "yyyy", "yy", "yy", "month", "MMMM", "mm", "MM", "dd", "dd", "HH", "HH", "MM",
              "mm", "SS", "ss"));

  private static final Pattern QUOTED = Pattern.compile("'[^']*'");
  private static final Pattern LETTERS = Pattern.compile("'[^']*'|([A-Za-z])\\1*");
  private static final Pattern WORDS = Pattern.compile("month|([A-Za-z])\\1*");
  private static final Pattern OWN = Pattern.compile("month|MM:SS|HH:MM|(?<![Hh][^A-Za-z]{0,3})mm");

  private DateLetters() {}

  /** The pattern in Java's letters. */
  static String java(String pattern) {
    String plain = QUOTED.matcher(pattern).replaceAll("");
    return OWN.matcher(plain).find()
        ? WORDS
            .matcher(pattern)
            .replaceAll(
                word ->
                    Matcher.quoteReplacement(
                        DATABREW.getOrDefault(word.group(), "?" + word.group())))
        : pattern;
  }

  /** What is wrong with a pattern in Java's letters. */
  static Optional<String> problem(String java) {
    if (java.chars().filter(c -> c == '\'').count() % 2 != 0) {
      return Optional.of("a quote is not closed");
    }
    Matcher letters = LETTERS.matcher(java);
    boolean any = false;
    while (letters.find()) {
      String found = letters.group();
      boolean isText = found.startsWith("'");
      if (!isText && !KNOWN.contains(found)) {
        return Optional.of("'" + found + "' is none of the letters that are known");
      }
      any |= !isText;
    }
    return any && java.length() <= 100
        ? Optional.empty()
        : Optional.of("it has no letter for a part of a date, or more than 100 characters");
  }

  /** The pattern that a parameter gives; a problem if it is none. */
  static Optional<String> of(Arguments a, String parameter) {
    String written = a.optional(parameter).orElse(DEFAULT);
    String java = java(written);
    Optional<String> problem = problem(java);
    problem.ifPresent(
        why ->
            a.problem(
                parameter,
                "'" + written + "' is not a date format: " + why,
                "like yyyy-MM-dd HH:mm:ss"));
    return problem.isEmpty() ? Optional.of(java) : Optional.empty();
  }
}
