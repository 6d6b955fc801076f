package tarn.core.source;

import java.util.List;
import java.util.Locale;
import tarn.core.table.TableName;

/** How copies of a source's tables are called. */
public record CopyName(String prefix) {
  private static final String NAMESPACE = "clean";
  private static final String PLAIN_SCHEMA = "public.";

  /**
   * The copy's name.
   *
   * @param table full name in the source, {@code public.orders}
   */
  public TableName of(String table) {
    String name = table.startsWith(PLAIN_SCHEMA) ? table.substring(PLAIN_SCHEMA.length()) : table;
    String plain = (prefix + name).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    return new TableName(NAMESPACE, TableName.isPart(plain) ? plain : "t_" + plain);
  }

  /**
   * Whether a table may be a copy of one that patterns name.
   *
   * @param patterns {@code public.orders}, {@code public.*}
   */
  public boolean mayBe(TableName table, List<String> patterns) {
    return patterns.stream().anyMatch(pattern -> mayBe(table, pattern));
  }

  private boolean mayBe(TableName table, String pattern) {
    if (!pattern.endsWith(".*")) {
      return of(pattern).equals(table);
    }
    String most = of(pattern.substring(0, pattern.length() - 1) + "x").name();
    String beginning = most.substring(0, most.length() - 1);
    return table.namespace().equals(NAMESPACE) && table.name().startsWith(beginning);
  }
}
