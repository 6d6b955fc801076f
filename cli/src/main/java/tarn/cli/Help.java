package tarn.cli;

/** Help, made from the table of commands. */
final class Help {
  private Help() {}

  static String all() {
    StringBuilder text = new StringBuilder("datalake: a data lake that one person can run\n\n");
    text.append("Usage: datalake COMMAND [ARGUMENTS] [OPTIONS]\n\nCommands:\n");
    for (Command command : Commands.ALL) {
      row(text, command.name(), command.summary(), 12);
    }
    text.append("\nOptions of every command:\n");
    options(text, Commands.GLOBAL);
    text.append("\nStart here:\n  datalake demo\n  datalake help upload\n");
    return text.toString();
  }

  static String of(Command command) {
    StringBuilder text = new StringBuilder(command.summary()).append("\n\n");
    text.append("Usage: datalake ").append(command.name());
    if (!command.arguments().isEmpty()) {
      text.append(' ').append(command.arguments());
    }
    text.append(" [OPTIONS]\n");
    if (!command.options().isEmpty()) {
      text.append("\nOptions:\n");
      options(text, command.options());
    }
    text.append("\nOptions of every command:\n");
    options(text, Commands.GLOBAL);
    text.append(command.examples().size() == 1 ? "\nExample:\n" : "\nExamples:\n");
    for (String example : command.examples()) {
      text.append("  ").append(example).append('\n');
    }
    return text.toString();
  }

  private static void options(StringBuilder text, Iterable<Option> options) {
    for (Option option : options) {
      row(text, option.shown(), option.meaning(), 22);
    }
  }

  private static void row(StringBuilder text, String left, String right, int width) {
    text.append("  ").append(left).append(" ".repeat(Math.max(1, width - left.length())));
    text.append(right).append('\n');
  }
}
