package tarn.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** {@code datalake completion bash|zsh|fish}: prints what makes a shell complete commands. */
final class Completion {
  private Completion() {}

  static int print(Session session) {
    String shell = session.line().argument();
    session.print(
        switch (shell) {
          case "bash" -> bash();
          case "zsh" -> zsh();
          case "fish" -> fish();
          default ->
              throw CommandFailed.usage(
                  "'" + shell + "' is not bash, zsh or fish: those are known");
        });
    return 0;
  }

  private static String bash() {
    return """
    # bash: source <(datalake completion bash)
    _datalake() {
      local word=${COMP_WORDS[COMP_CWORD]} command= i
      for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in -*) ;; *) command=${COMP_WORDS[i]}; break ;; esac
      done
      local words
      case $command in
    %s    *) words="%s" ;;
      esac
      COMPREPLY=($(compgen -W "$words" -- "$word"))
    }
    complete -o default -F _datalake datalake
    """
        .formatted(
            Commands.ALL.stream()
                .map(c -> "    " + c.name() + ") words=\"" + words(c) + "\" ;;\n")
                .collect(Collectors.joining()),
            names());
  }

  private static String zsh() {
    return """
    #compdef datalake
    # zsh: source <(datalake completion zsh)
    _datalake() {
      if (( CURRENT == 2 )); then
        local -a commands=(
    %s    )
        _describe 'command' commands
      else
        case $words[2] in
    %s    esac
        _files
      fi
    }
    compdef _datalake datalake
    """
        .formatted(
            Commands.ALL.stream()
                .map(c -> "      " + quoted(c.name() + ":" + c.summary()) + "\n")
                .collect(Collectors.joining()),
            Commands.ALL.stream()
                .map(c -> "      " + c.name() + ") compadd -- " + words(c) + " ;;\n")
                .collect(Collectors.joining()));
  }

  private static String fish() {
    StringBuilder script =
        new StringBuilder("# fish: datalake completion fish | source\ncomplete -c datalake -f\n");
    for (Command command : Commands.ALL) {
      script
          .append("complete -c datalake -n __fish_use_subcommand -a ")
          .append(command.name())
          .append(" -d ")
          .append(quoted(command.summary()))
          .append('\n');
      String seen = "'__fish_seen_subcommand_from " + command.name() + "'";
      for (Option option : options(command)) {
        script
            .append("complete -c datalake -n ")
            .append(seen)
            .append(" -l ")
            .append(option.name().substring(2))
            .append(" -d ")
            .append(quoted(option.meaning()))
            .append('\n');
      }
    }
    for (String name : List.of("completion", "help", "stream")) {
      Command command = Commands.named(name);
      script
          .append("complete -c datalake -n '__fish_seen_subcommand_from ")
          .append(name)
          .append("' -a ")
          .append(quoted(words(command).replaceAll(" ?--\\S+", "")))
          .append('\n');
    }
    return script
        .append("complete -c datalake -n '__fish_seen_subcommand_from upload' -F\n")
        .toString();
  }

  private static List<Option> options(Command command) {
    List<Option> options = new ArrayList<>(command.options());
    options.addAll(Commands.GLOBAL);
    return options;
  }

  private static String words(Command command) {
    String options = options(command).stream().map(Option::name).collect(Collectors.joining(" "));
    return switch (command.name()) {
      case "help" -> names();
      case "completion" -> "bash zsh fish";
      case "stream" -> "list put dead " + options;
      default -> options;
    };
  }

  private static String names() {
    return Commands.ALL.stream().map(Command::name).collect(Collectors.joining(" "));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
