package tarn.duckdb;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tarn.core.engine.RawFormat;

/** Lines that match a pattern, as something to SELECT from. */
final class RawLines {
  private static final String LINE = "__tarn_text";
  private static final String MATCH = "__tarn_match";
  private static final String WHOLE = "w";
  private static final String FAIL = "error('tarn: a line does not match the pattern')";

  private RawLines() {}

  /** SQL for each column of a match, by its name in lower case. */
  static Map<String, String> present(RawFormat.Lines lines) {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    for (int i = 0; i < lines.groups().size(); i++) {
      groups
          .computeIfAbsent(lines.groups().get(i).toLowerCase(Locale.ROOT), g -> new ArrayList<>())
          .add("nullif(" + MATCH + ".g" + i + ", '')");
    }
    Map<String, String> present = new LinkedHashMap<>();
    groups.forEach(
        (name, values) -> present.put(name, "coalesce(" + String.join(", ", values) + ")"));
    return present;
  }

  /** The lines of files, each with its match; a line that has none fails. */
  static String strict(RawFormat.Lines lines, String source) {
    return "(SELECT * REPLACE (CASE WHEN "
        + isBroken()
        + " THEN "
        + FAIL
        + " ELSE "
        + MATCH
        + " END AS "
        + MATCH
        + ") FROM (SELECT *, "
        + match(lines, LINE)
        + " FROM "
        + source
        + " WHERE "
        + LINE
        + " <> ''))";
  }

  /** Files as lines. */
  static String reader(List<String> paths, String options) {
    return "read_csv("
        + Sql.texts(paths)
        + RawSql.PLAIN_PATHS
        + ", auto_detect = false, header = false, delim = e'\\x01', quote = '', escape = '', nullstr = '', strict_mode = true"
        + options
        + ", columns = {"
        + Sql.name(LINE)
        + ": 'VARCHAR'})";
  }

  /** What a line's pattern found in it, as a column. */
  static String match(RawFormat.Lines lines, String text) {
    List<String> names = new ArrayList<>(List.of(WHOLE));
    for (int i = 0; i < lines.groups().size(); i++) {
      names.add("g" + i);
    }
    return "regexp_extract("
        + text
        + ", "
        + Sql.text("^(" + lines.regex().substring(1, lines.regex().length() - 1) + ")$")
        + ", "
        + Sql.texts(names)
        + ") AS "
        + MATCH;
  }

  /** Whether a line that is not empty did not match. */
  static String isBroken() {
    return MATCH + "." + WHOLE + " = ''";
  }

  /** The columns' names, each once. */
  static List<String> columns(RawFormat.Lines lines) {
    return lines.groups().stream().distinct().collect(Collectors.toList());
  }
}
