package tarn.core.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tarn.core.engine.plan.Measure;
import tarn.core.errors.TarnException;
import tarn.core.table.TableName;

/** Reads the SQL of CustomSql rules: what it lets through, an engine may run. */
@FunctionalInterface
public interface RuleSql {
  /**
   * Reads nothing: for checks without an engine. Finds the tables that are named in plain words.
   */
  RuleSql UNREAD = sql -> new Measure.Asked(sql, plainNames(sql));

  /**
   * A query over {@code primary}, the table of the rule, and other clean tables.
   *
   * @throws TarnException with what is wrong, in one line
   */
  Measure.Asked read(String sql);

  private static List<Measure.Source> plainNames(String sql) {
    Matcher names =
        Pattern.compile("(?i)\\b(?:from|join)\\s+clean\\.([a-z][a-z0-9_]*)").matcher(sql);
    List<Measure.Source> sources = new ArrayList<>();
    while (names.find()) {
      sources.add(
          new Measure.Source(
              "", new TableName("clean", names.group(1).toLowerCase(java.util.Locale.ROOT))));
    }
    return sources;
  }
}
