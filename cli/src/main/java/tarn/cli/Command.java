package tarn.cli;

import java.util.List;

/**
 * A command as help shows it and the parser understands it.
 *
 * @param name what is typed
 * @param arguments what follows, {@code [TABLE…]}; empty for nothing
 * @param mostArguments how many may follow at most
 * @param summary one line
 * @param options its own ones; the global ones hold for every command
 * @param examples lines that work as they stand in a lake folder
 */
record Command(
    String name,
    String arguments,
    int mostArguments,
    String summary,
    List<Option> options,
    List<String> examples) {

  static final int ANY = Integer.MAX_VALUE;
}
