package tarn.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command line as understood: {@code --name value}, {@code --name=value}, arguments, {@code --}.
 */
final class Line {
  private final Command command;
  private final List<String> arguments = new ArrayList<>();
  private final Map<String, String> options = new HashMap<>();

  private Line(Command command) {
    this.command = command;
  }

  /** Understands what was typed; options may stand before the command too. */
  static Line parse(List<String> typed) {
    if (typed.equals(List.of("--version"))) {
      return new Line(Commands.named("version"));
    }
    int at = commandAt(typed);
    List<String> rest = new ArrayList<>(typed);
    String name = at < 0 ? "help" : rest.remove(at);
    Line line = new Line(Commands.named(name));
    line.read(rest);
    return line;
  }

  Command command() {
    return command;
  }

  List<String> arguments() {
    return arguments;
  }

  @Nullable String option(String name) {
    return options.get(name);
  }

  boolean has(String name) {
    return options.containsKey(name);
  }

  /** A number that an option gives, or what it is without. */
  long number(String name, long otherwise) {
    String text = options.get(name);
    try {
      long number = text == null ? otherwise : Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below, like a negative one
    }
    throw CommandFailed.usage(name + " is '" + text + "'; it is a whole number, 0 or more");
  }

  /** The only argument, which must be there. */
  String argument() {
    if (arguments.isEmpty()) {
      throw CommandFailed.usage(
          "datalake "
              + command.name()
              + " needs "
              + command.arguments()
              + "; see `datalake help "
              + command.name()
              + "`");
    }
    return arguments.get(0);
  }

  private static int commandAt(List<String> typed) {
    for (int i = 0; i < typed.size(); i++) {
      Option global = find(typed.get(i), Commands.GLOBAL);
      if (global == null) {
        return i;
      }
      i += global.takesValue() && typed.get(i).indexOf('=') < 0 ? 1 : 0;
    }
    return -1;
  }

  private void read(List<String> rest) {
    boolean onlyArguments = false;
    for (int i = 0; i < rest.size(); i++) {
      String word = rest.get(i);
      if (onlyArguments || !word.startsWith("-") || word.equals("-")) {
        arguments.add(word);
      } else if (word.equals("--")) {
        onlyArguments = true;
      } else {
        i += readOption(word, i + 1 < rest.size() ? rest.get(i + 1) : null);
      }
    }
    if (arguments.size() > command.mostArguments()) {
      throw CommandFailed.usage(
          "datalake "
              + command.name()
              + " does not take '"
              + arguments.get(command.mostArguments())
              + "'");
    }
  }

  /** Returns how many words it used besides the option itself. */
  private int readOption(String word, @Nullable String next) {
    int equals = word.startsWith("--") ? word.indexOf('=') : -1;
    String name = equals < 0 ? word : word.substring(0, equals);
    Option option = find(name, known());
    if (option == null) {
      throw unknown(name);
    }
    if (!option.takesValue()) {
      options.put(option.name(), "");
      return 0;
    }
    String value = equals < 0 ? next : word.substring(equals + 1);
    if (value == null) {
      throw CommandFailed.usage(option.name() + " needs a value: " + option.shown());
    }
    options.put(option.name(), value);
    return equals < 0 ? 1 : 0;
  }

  private List<Option> known() {
    List<Option> known = new ArrayList<>(command.options());
    known.addAll(Commands.GLOBAL);
    return known;
  }

  private CommandFailed unknown(String name) {
    String nearest = Nearest.to(name, known().stream().map(Option::name).toList());
    return CommandFailed.usage(
        "datalake "
            + command.name()
            + " has no option "
            + name
            + (nearest.isEmpty() ? "" : "; did you mean " + nearest + "?"));
  }

  private static @Nullable Option find(String typed, List<Option> options) {
    int equals = typed.indexOf('=');
    String name = typed.startsWith("--") && equals > 0 ? typed.substring(0, equals) : typed;
    for (Option option : options) {
      if (option.matches(name)) {
        return option;
      }
    }
    return null;
  }
}
