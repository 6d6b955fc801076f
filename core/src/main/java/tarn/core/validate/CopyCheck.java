package tarn.core.validate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.Place;
import tarn.core.lake.Problems;
import tarn.core.lake.SourceDefinition;
import tarn.core.lake.SourceSettings;
import tarn.core.source.CopyName;
import tarn.core.table.TableName;

/**
 * Copies of databases' tables with the name of something else. Only those of tables that are named
 * one by one can be known here; while a source is followed others are left out.
 */
final class CopyCheck {
  private CopyCheck() {}

  static void check(LakeFolder folder, Problems problems) {
    Map<TableName, String> taken = new HashMap<>();
    folder.tables().forEach(t -> taken.put(TableName.parse(t.table()), "the table of " + t.file()));
    folder.models().forEach(m -> taken.put(TableName.parse(m.table()), "the model " + m.file()));
    for (SourceDefinition source : folder.sources()) {
      CopyName names = CopyName.of(source);
      for (String table : named(source)) {
        String other = taken.putIfAbsent(names.of(table), "the copy of " + table);
        if (other != null) {
          problems.error(
              place(source, table),
              table,
              "the copy of " + table + " would be " + names.of(table) + ", which is " + other,
              "give it another name under 'copies'");
        }
      }
    }
  }

  private static List<String> named(SourceDefinition source) {
    List<String> named = new ArrayList<>(source.copies().keySet());
    source.tables().stream()
        .filter(table -> !table.endsWith("*") && !named.contains(table))
        .forEach(named::add);
    return named;
  }

  private static Place place(SourceDefinition source, String table) {
    return source
        .settings()
        .place(
            source.copies().containsKey(table) ? SourceSettings.COPIES : SourceSettings.TABLES,
            table)
        .orElse(Place.startOf(source.file()));
  }
}
