package tarn.duckdb;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  private static final Pattern SPILL =
      Pattern.compile(
          "/([^/()]+) used\\)\\.\\s+This limit was set by the 'max_temp_directory_size'");
  private static final Pattern FILE = Pattern.compile("file \\\\?\"(/[^\"\\\\]+)");

  private static final Pattern CSV =
      Pattern.compile(
          "CSV Error on Line: (\\d+)\\n(?:Original Line: ([^\\n]*)\\n)?(.*?)\\n.*\\n\\s*file = ([^\\n]+)\\n.*",
          Pattern.DOTALL);

  private EngineMessages() {}

  /** Names the file that could not be written, if the message does, else the work folder. */
  static String diskFull(String message, Path work) {
    Matcher file = FILE.matcher(message);
    return "the disk of '"
        + (file.find() ? file.group(1) : work.toString())
        + "' is full: free some space, then retry";
  }

  static String readable(String message) {
    Matcher spill = SPILL.matcher(message);
    if (spill.find()) {
      return "the work needs more scratch disk than its worker's share of engine.spill, "
          + spill.group(1)
          + ": ask for less at once, or raise it";
    }
    Matcher csv = CSV.matcher(message);
    if (csv.find()) {
      String record = csv.group(2) == null ? "" : " (" + csv.group(2).strip() + ")";
      return "file \"" + csv.group(4) + "\", line " + csv.group(1) + ": " + csv.group(3) + record;
    }
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
