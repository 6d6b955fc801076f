package tarn.core.lake;

/**
 * Column names inside of texts: as they are, or in double quotes if they have special characters.
 */
final class ColumnName {
  private static final String SPECIAL = "(),\"";

  private ColumnName() {}

  static String read(String text, String expected) {
    String name = text.strip();
    if (name.length() > 2 && name.startsWith("\"") && name.endsWith("\"")) {
      return name.substring(1, name.length() - 1);
    }
    if (name.isEmpty() || name.chars().anyMatch(c -> SPECIAL.indexOf(c) >= 0)) {
      throw new IllegalArgumentException(expected);
    }
    return name;
  }
}
