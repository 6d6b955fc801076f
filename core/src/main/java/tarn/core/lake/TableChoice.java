package tarn.core.lake;

import java.util.List;
import java.util.Map;

/**
 * Which tables of a source a pipeline is about, by full names ({@code public.orders}) and patterns
 * ({@code public.*}). What is said of a table itself counts before what a pattern says.
 *
 * @param enabled each name or pattern, and whether it is taken; if none is taken, all others are
 */
public record TableChoice(Map<String, Boolean> enabled) {
  /** All tables of the source. */
  public static final TableChoice ALL = new TableChoice(Map.of());

  public TableChoice {
    enabled = Map.copyOf(enabled);
  }

  /** These names and patterns. */
  public static TableChoice of(List<String> names) {
    return new TableChoice(
        names.stream()
            .distinct()
            .collect(java.util.stream.Collectors.toMap(name -> name, name -> true)));
  }

  /** Whether it takes a table. */
  public boolean takes(String fullName) {
    Boolean own = enabled.get(fullName);
    if (own != null) {
      return own;
    }
    Boolean schema = enabled.get(fullName.substring(0, fullName.lastIndexOf('.') + 1) + "*");
    return schema != null ? schema : !enabled.containsValue(true);
  }

  /** {@code public.orders, not public.log}. */
  @Override
  public String toString() {
    return enabled.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(e -> (e.getValue() ? "" : "not ") + e.getKey())
        .collect(java.util.stream.Collectors.joining(", "));
  }
}
