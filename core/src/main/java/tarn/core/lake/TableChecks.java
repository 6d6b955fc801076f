package tarn.core.lake;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What no single key of a table can know. */
final class TableChecks {
  private TableChecks() {}

  static void check(TableDefinition table, Problems problems) {
    if (table.write() == TableDefinition.Write.UPSERT && table.key().isEmpty()) {
      problems.error(
          table.place(TableSettings.WRITE),
          "upsert",
          "write: upsert needs a key",
          "write key: [column]");
    }
    if (table.write() == TableDefinition.Write.APPEND && !table.key().isEmpty()) {
      problems.error(
          table.place(TableSettings.WRITE),
          "",
          "write: append adds every row, but the table has a key",
          "remove key, or write: upsert");
    }
    if (table.ordering().isPresent() && table.key().isEmpty()) {
      problems.error(
          table.place(TableSettings.ORDERING),
          table.ordering().orElse(""),
          "'ordering' says which of two rows with the same key is newer, but there is no key",
          "write key: [column], or remove ordering");
    }
    if (table.write() == TableDefinition.Write.OVERWRITE
        && table.onChange() == TableDefinition.OnChange.BACKFILL) {
      problems.error(
          table.place(TableSettings.ON_CHANGE),
          "backfill",
          "a table with write: overwrite cannot be made anew: raw does not tell what was loaded together",
          "write on_change: forward");
    }
    distinct(table.key(), table.place(TableSettings.KEY), "key", problems);
    partitions(table.partition(), table.place(TableSettings.PARTITION), problems);
    sort(table.sort(), table.place(TableSettings.SORT), problems);
  }

  static void partitions(List<PartitionField> fields, Place at, Problems problems) {
    distinct(fields.stream().map(PartitionField::toString).toList(), at, "partition", problems);
  }

  static void sort(List<SortField> fields, Place at, Problems problems) {
    distinct(fields.stream().map(SortField::column).toList(), at, "sort", problems);
  }

  private static void distinct(List<String> names, Place at, String what, Problems problems) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name.toLowerCase(Locale.ROOT))) {
        problems.error(at, name, "'" + name + "' stands twice in '" + what + "'");
      }
    }
  }
}
