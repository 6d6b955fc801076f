package tarn.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Walks through the README's tour as a reader does: makes the files that it shows, types the
 * commands, and compares what they say with what the page says. Times, ids, hashes and numbers of
 * three digits and more differ from run to run.
 */
final class Tour {
  static final String BEGIN = "\n## A tour\n";
  static final String END = "\n## Your own database";

  private static final Pattern BLOCK =
      Pattern.compile("```\\w*\\n(.*?)```", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern FILE = Pattern.compile("`([\\w/]+\\.(?:csv|yaml|sql))`");
  private static final Pattern ID = Pattern.compile("\\b\\d{15,19}\\b");
  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z?");

  private final Unpacked archive;
  private final Path lake;
  private final Map<String, String> ids = new HashMap<>();
  private String firstLoad = "";

  Tour(Unpacked archive) {
    this.archive = archive;
    this.lake = archive.folder().resolve("weather");
  }

  void walk(Path readme) throws IOException, InterruptedException {
    String text = Files.readString(readme);
    String tour = text.substring(text.indexOf(BEGIN), text.indexOf(END));
    int steps = 0;
    int last = 0;
    Matcher block = BLOCK.matcher(tour);
    while (block.find()) {
      String before = tour.substring(last, block.start());
      last = block.end();
      if (block.group(1).startsWith("$ ")) {
        for (String step : block.group(1).split("(?m)^\\$ ")) {
          if (!step.isBlank()) {
            type(step);
            steps++;
          }
        }
      } else {
        write(before, block.group(1));
      }
    }
    assertThat(steps).isGreaterThan(15);
  }

  /** The last file that the text before names. */
  private void write(String before, String content) throws IOException {
    String name = "";
    Matcher file = FILE.matcher(before);
    while (file.find()) {
      name = file.group(1);
    }
    assertThat(name).as("a file's name before\n" + content).isNotEmpty();
    Path path = (name.endsWith(".csv") ? archive.folder() : lake).resolve(name);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  private void type(String step) throws IOException, InterruptedException {
    int end = step.indexOf('\n');
    String command = end < 0 ? step : step.substring(0, end);
    String shown = end < 0 ? "" : step.substring(end + 1);
    if (command.startsWith("cd ")) {
      return;
    }
    Path in = Files.isDirectory(lake) ? lake : archive.folder();
    Unpacked.Answer answer = archive.run(in, ofToday(command));
    assertThat(answer.exitCode()).as(command + "\n" + answer.said()).isZero();
    if (command.contains("history")) {
      learn(shown, answer.said());
    }
    Iterator<String> said = answer.said().lines().map(Tour::steady).iterator();
    for (String line : shown.lines().map(Tour::steady).toList()) {
      if (!line.equals("…")) {
        assertThat(List.of(skipTo(said, line)))
            .as("%s says, somewhere in this order:\n%s", command, answer.said())
            .containsExactly(line);
      }
    }
  }

  private static String skipTo(Iterator<String> said, String line) {
    while (said.hasNext()) {
      if (said.next().equals(line)) {
        return line;
      }
    }
    return "";
  }

  /** Snapshots and times of this run, in the place of the page's. */
  private void learn(String shown, String said) {
    Matcher then = ID.matcher(shown);
    Matcher now = ID.matcher(said);
    while (then.find() && now.find()) {
      ids.put(then.group(), now.group());
    }
    List<String> newestFirst = TIME.matcher(said).results().map(MatchResult::group).toList();
    firstLoad = newestFirst.get(1).replace('T', ' ').replace("Z", "");
  }

  private String ofToday(String command) {
    String today = command;
    for (Map.Entry<String, String> id : ids.entrySet()) {
      today = today.replace(id.getKey(), id.getValue());
    }
    return today.contains("TIMESTAMP") ? TIME.matcher(today).replaceAll(firstLoad) : today;
  }

  private static String steady(String line) {
    String text = ID.matcher(line).replaceAll("#");
    text = text.replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z", "#");
    text = text.replaceAll("-[0-9a-f]{16}\\b", "-#").replaceAll("\\b\\d{3,}\\b", "#");
    text = text.replaceAll("/\\S*/weather", "/weather").replaceAll("─+", "─");
    return text.replaceAll("\\s+", " ").strip();
  }
}
