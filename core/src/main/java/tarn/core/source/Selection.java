package tarn.core.source;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tarn.core.change.SourceTable;
import tarn.core.engine.ChangeColumns;
import tarn.core.table.TableName;

/**
 * Which of a source's tables are copied.
 *
 * @param copied in order of name
 * @param left the others, each with its reason: {@code public.log (it has no key)}
 */
record Selection(List<SourceTable> copied, List<String> left) {

  /** The tables that can be copied, under different names. */
  static Selection of(List<SourceTable> tables, CopyName names) {
    List<SourceTable> copied = new ArrayList<>();
    List<String> left = new ArrayList<>();
    Map<TableName, String> taken = new HashMap<>();
    for (SourceTable table : tables) {
      TableName copy = names.of(table.fullName());
      String why =
          taken.containsKey(copy)
              ? "its copy would be " + copy + ", as that of " + taken.get(copy)
              : whyNot(table);
      if (why.isEmpty()) {
        copied.add(table);
        taken.put(copy, table.fullName());
      } else {
        left.add(table.fullName() + " (" + why + ")");
      }
    }
    return new Selection(List.copyOf(copied), List.copyOf(left));
  }

  private static String whyNot(SourceTable table) {
    if (!table.obstacle().isEmpty()) {
      return table.obstacle();
    }
    Set<String> seen = new HashSet<>();
    for (SourceTable.SourceColumn column : table.columns()) {
      if (column.name().startsWith(ChangeColumns.PREFIX)) {
        return "its column " + column.name() + " begins with two underscores";
      } else if (!seen.add(column.name().toLowerCase(Locale.ROOT))) {
        return "two of its columns differ by case only: " + column.name();
      }
    }
    return "";
  }

  /** The full names of those that are copied. */
  Set<String> names() {
    return copied.stream().map(SourceTable::fullName).collect(Collectors.toSet());
  }
}
