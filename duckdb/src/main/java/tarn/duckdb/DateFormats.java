package tarn.duckdb;

import java.util.Map;
import java.util.TreeMap;

/** Patterns of {@link java.time.format.DateTimeFormatter} as strptime's. */
final class DateFormats {
  private static final Map<String, String> LETTERS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("yyyy", "%Y"),
              Map.entry("uuuu", "%Y"),
              Map.entry("yy", "%y"),
              Map.entry("MMMM", "%B"),
              Map.entry("MMM", "%b"),
              Map.entry("MM", "%m"),
              Map.entry("M", "%-m"),
              Map.entry("dd", "%d"),
              Map.entry("d", "%-d"),
              Map.entry("HH", "%H"),
              Map.entry("H", "%-H"),
              Map.entry("hh", "%I"),
              Map.entry("mm", "%M"),
              Map.entry("ss", "%S"),
              Map.entry("SSS", "%g"),
              Map.entry("SSSSSS", "%f"),
              Map.entry("a", "%p"),
              Map.entry("EEE", "%a"),
              Map.entry("EEEE", "%A")));

  private DateFormats() {}

  static String strptime(String pattern) {
    StringBuilder format = new StringBuilder();
    for (int i = 0; i < pattern.length(); ) {
      char c = pattern.charAt(i);
      if (c == '\'') {
        int end = pattern.indexOf('\'', i + 1);
        format.append(pattern, i + 1, end < 0 ? pattern.length() : end);
        i = end < 0 ? pattern.length() : end + 1;
      } else if (Character.isLetter(c)) {
        int end = i;
        while (end < pattern.length() && pattern.charAt(end) == c) {
          end++;
        }
        String known = LETTERS.get(pattern.substring(i, end));
        if (known == null) {
          throw new IllegalArgumentException(
              "the date pattern '"
                  + pattern
                  + "' has '"
                  + pattern.substring(i, end)
                  + "', which cannot be read");
        }
        format.append(known);
        i = end;
      } else {
        format.append(c == '%' ? "%%" : String.valueOf(c));
        i++;
      }
    }
    return format.toString();
  }
}
