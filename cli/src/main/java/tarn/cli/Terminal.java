package tarn.cli;

/**
 * What the launcher found out about standard input, output and error: {@code tarn.terminal} has the
 * digits 0, 1 and 2 of those that are a terminal.
 *
 * @param in whether a person can type
 * @param out whether a person reads the answer
 * @param err whether a person reads the progress
 * @param columns how wide it is
 * @param colour whether dim text is wanted
 */
record Terminal(boolean in, boolean out, boolean err, int columns, boolean colour) {

  static Terminal find() {
    String which = System.getProperty("tarn.terminal", "");
    boolean colour = System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM"));
    return new Terminal(
        which.contains("0"),
        which.contains("1"),
        which.contains("2"),
        Integer.getInteger("tarn.columns", 80),
        colour);
  }
}
