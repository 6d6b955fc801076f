package tarn.duckdb;

import java.util.List;

/**
 * DuckDB's messages, for people: what is wrong and where, without advice about settings that they
 * cannot change.
 */
final class EngineMessages {
  private static final List<String> ADVICE =
      List.of(
          "Possible",
          "Column ",
          "Try setting",
          "This type was",
          "file = ",
          "* ",
          "The search space");

  private EngineMessages() {}

  static String readable(String message) {
    StringBuilder text = new StringBuilder();
    for (String line : message.split("\n")) {
      String stripped = line.strip();
      if (stripped.isEmpty()) {
        continue;
      }
      if (ADVICE.stream().anyMatch(stripped::startsWith) && text.length() > 0) {
        break;
      }
      if (text.length() > 0) {
        text.append(line.startsWith("LINE ") || line.startsWith(" ") ? '\n' : ' ');
      }
      text.append(line.startsWith(" ") ? line : stripped);
    }
    return text.toString();
  }
}
