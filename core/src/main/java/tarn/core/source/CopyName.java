package tarn.core.source;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tarn.core.lake.SourceDefinition;
import tarn.core.table.TableName;

/**
 * How copies of a source's tables are called.
 *
 * @param prefix of those that have no name of their own
 * @param named copies that have, by the full names of their tables
 */
public record CopyName(String prefix, Map<String, TableName> named) {
  private static final String NAMESPACE = "clean";
  private static final String PLAIN_SCHEMA = "public.";

  public CopyName {
    named = Map.copyOf(named);
  }

  /** All of them by rule. */
  public CopyName(String prefix) {
    this(prefix, Map.of());
  }

  /** As a definition says. */
  public static CopyName of(SourceDefinition definition) {
    Map<String, TableName> named = new TreeMap<>();
    definition.copies().forEach((table, copy) -> named.put(table, TableName.parse(copy)));
    return new CopyName(definition.prefix(), named);
  }

  /**
   * The copy's name.
   *
   * @param table full name in the source, {@code public.orders}
   */
  public TableName of(String table) {
    TableName own = named.get(table);
    return own == null ? byRule(table) : own;
  }

  private TableName byRule(String table) {
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
    return named.containsValue(table)
        || patterns.stream().anyMatch(pattern -> mayBe(table, pattern));
  }

  private boolean mayBe(TableName table, String pattern) {
    if (!pattern.endsWith(".*")) {
      return of(pattern).equals(table);
    }
    String most = byRule(pattern.substring(0, pattern.length() - 1) + "x").name();
    String beginning = most.substring(0, most.length() - 1);
    return table.namespace().equals(NAMESPACE) && table.name().startsWith(beginning);
  }
}
