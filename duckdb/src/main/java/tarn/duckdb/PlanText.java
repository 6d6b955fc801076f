package tarn.duckdb;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A measured plan names the files that it read by their whole paths. Where a lake lies is nobody's
 * business who may ask it: the folders are taken out, and the drawing keeps its width.
 */
final class PlanText {
  private PlanText() {}

  /** Rows of JSON without the folders of these files. */
  static byte[] withoutFolders(byte[] rows, List<String> files) {
    Set<String> folders = new TreeSet<>();
    for (String file : files) {
      Path folder = Path.of(file).getParent();
      if (folder != null) {
        folders.add(inJson(folder + "/"));
      }
    }
    String text = new String(rows, StandardCharsets.UTF_8);
    for (String folder : folders) {
      String spaces = " ".repeat(folder.length());
      text =
          Pattern.compile(Pattern.quote(folder) + "([^\\s\"\\\\│]*)")
              .matcher(text)
              .replaceAll(file -> Matcher.quoteReplacement(file.group(1) + spaces));
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String inJson(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
