package tarn.cli;

/**
 * An option.
 *
 * @param name {@code --output}
 * @param letter {@code -o}, or empty for none
 * @param value what its value is called in help, {@code FORMAT}; empty for an option without value
 * @param meaning one line
 */
record Option(String name, String letter, String value, String meaning) {

  static Option flag(String name, String meaning) {
    return new Option(name, "", "", meaning);
  }

  static Option of(String name, String value, String meaning) {
    return new Option(name, "", value, meaning);
  }

  boolean takesValue() {
    return !value.isEmpty();
  }

  boolean matches(String typed) {
    return typed.equals(name) || (!letter.isEmpty() && typed.equals(letter));
  }

  String shown() {
    String names = letter.isEmpty() ? name : letter + ", " + name;
    return takesValue() ? names + " " + value : names;
  }
}
