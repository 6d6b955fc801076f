package tarn.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command that a document shows.
 *
 * @param page where
 * @param text as it stands there
 */
record DocumentedCommand(String page, String text) {
  private static final Pattern SHOWN =
      Pattern.compile("^\\$ (datalake .*)$|`(datalake [a-z][^`]*)`", Pattern.MULTILINE);

  /**
   * Placeholders, mentions without what a command needs (a PostgreSQL, too), and what would leave
   * the lake or it.
   */
  private static final Pattern NOT_HERE =
      Pattern.compile(
          "…|\\b[A-Z]{2,}\\b(?! )|\\bdatalake (down|up|init|demo|restore)\\b|--environment|--lake|\\| source|\\bgenerate orders\\b|\\bDIR\\b|<|^datalake (unarchive|backup|backfill|describe|history)$|\\.\\./");

  private static final Pattern NAME = Pattern.compile("datalake ([a-z]+)");

  /** Each once; the tour of the README has a test of its own. */
  static List<DocumentedCommand> all(Path sources) throws IOException {
    List<Path> pages = new ArrayList<>(List.of(sources.resolve("README.md")));
    pages.add(sources.resolve("examples/ecommerce/README.md"));
    try (Stream<Path> docs = Files.list(sources.resolve("docs"))) {
      docs.filter(p -> p.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    Map<String, DocumentedCommand> commands = new LinkedHashMap<>();
    for (Path page : pages) {
      String text = Files.readString(page);
      int tour = text.indexOf(Tour.BEGIN);
      if (tour >= 0) {
        text = text.substring(0, tour) + text.substring(text.indexOf(Tour.END));
      }
      Matcher matcher = SHOWN.matcher(text);
      while (matcher.find()) {
        String command = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        commands.putIfAbsent(
            command, new DocumentedCommand(page.getFileName().toString(), command));
      }
    }
    return List.copyOf(commands.values());
  }

  /** Itself, or, where it cannot run in a lake of its own, the help of what it names. */
  String runnable() {
    if (!NOT_HERE.matcher(text).find()) {
      return text;
    }
    Matcher name = NAME.matcher(text);
    return "datalake help " + (name.find() ? name.group(1) : "");
  }

  @Override
  public String toString() {
    return page + ": " + text;
  }
}
