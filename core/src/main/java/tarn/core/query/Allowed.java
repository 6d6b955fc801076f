package tarn.core.query;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The names a query may use: functions, types, collations. What is not listed is refused. */
final class Allowed {
  private static final Pattern COLLATION =
      Pattern.compile("[a-z]{2,3}(_[a-z]{2})?|nocase|noaccent|nfc");
  private static final Set<String> TABLE_FUNCTIONS = Set.of("unnest", "range", "generate_series");
  private static final Set<String> VOLATILE_COLUMNS =
      Set.of("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp");

  private static final Set<String> FUNCTIONS = new HashSet<>();
  private static final Set<String> VOLATILE_FUNCTIONS = new HashSet<>();
  private static final Set<String> AGGREGATES = new HashSet<>();
  private static final Set<String> TYPES = new HashSet<>(lines("types.txt"));

  static {
    for (String line : lines("functions.txt")) {
      String[] words = line.split(" ");
      FUNCTIONS.add(words[0]);
      switch (words.length == 1 ? "" : words[1]) {
        case "" -> {}
        case "volatile" -> VOLATILE_FUNCTIONS.add(words[0]);
        case "aggregate" -> AGGREGATES.add(words[0]);
        default -> throw new IllegalStateException("functions.txt: " + line);
      }
    }
  }

  private Allowed() {}

  static boolean function(String lowerCase) {
    return FUNCTIONS.contains(lowerCase);
  }

  static boolean tableFunction(String lowerCase) {
    return TABLE_FUNCTIONS.contains(lowerCase);
  }

  /** {@code age} of one argument counts from today. */
  static boolean isVolatile(String lowerCase, int arguments) {
    return VOLATILE_FUNCTIONS.contains(lowerCase) || (lowerCase.equals("age") && arguments == 1);
  }

  /** Whether it makes one value of many rows. */
  static boolean isAggregate(String lowerCase) {
    return AGGREGATES.contains(lowerCase);
  }

  /** Names that DuckDB reads as functions where no column is called so. */
  static boolean isVolatileColumn(String lowerCase) {
    return VOLATILE_COLUMNS.contains(lowerCase);
  }

  static boolean type(String lowerCase) {
    return TYPES.contains(lowerCase);
  }

  static boolean collation(String lowerCase) {
    for (String part : lowerCase.split("\\.", -1)) {
      if (!COLLATION.matcher(part).matches()) {
        return false;
      }
    }
    return true;
  }

  static Set<String> functions() {
    return Set.copyOf(FUNCTIONS);
  }

  /** The lines of a resource beside this class, without blank lines and comments. */
  static List<String> lines(String resource) {
    try (InputStream in = Allowed.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource " + resource + " is missing");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> !line.isBlank() && !line.startsWith("# ") && !line.startsWith("#  "))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
