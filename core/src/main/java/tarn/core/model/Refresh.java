package tarn.core.model;

import java.util.Map;
import java.util.Optional;
import tarn.core.lake.ModelDefinition;
import tarn.core.table.Appended;
import tarn.core.table.Scan;
import tarn.core.table.TableName;
import tarn.core.table.TableStore;

/** What has to be done to a model's table. */
sealed interface Refresh {
  /** Nothing: no row of what it reads has changed, though files may have been compacted. */
  record Nothing() implements Refresh {}

  /** These rows of the only table that it reads go through the query, and are added. */
  record Add(Scan rows) implements Refresh {}

  /** All rows are made again. */
  record All(String why) implements Refresh {}

  /**
   * Finds it out.
   *
   * @param read what the table has read; empty if that is not known
   * @param now what there is to read
   */
  static Refresh of(
      ModelDefinition definition, Optional<ModelInputs> read, ModelInputs now, TableStore tables) {
    if (read.isEmpty()) {
      return new All("it is not known what it has read");
    } else if (!read.get().sql().equals(now.sql())) {
      return new All("its SQL has changed");
    } else if (!read.get().states().keySet().equals(now.states().keySet())) {
      return new All("it reads other tables than before");
    }
    Refresh refresh = new Nothing();
    for (Map.Entry<TableName, String> input : now.states().entrySet()) {
      TableName table = input.getKey();
      String before = String.valueOf(read.get().states().get(table));
      Refresh its = of(table, before, input.getValue(), tables);
      if (its instanceof All) {
        return its;
      } else if (its instanceof Add) {
        refresh = its;
      }
    }
    return refresh instanceof Add && definition.refresh() == ModelDefinition.Refresh.FULL
        ? new All("rows came")
        : refresh;
  }

  private static Refresh of(TableName table, String before, String now, TableStore tables) {
    if (before.equals(now)) {
      return new Nothing();
    } else if (!ModelRunner.isTable(table) || before.equals("0") || now.equals("0")) {
      return new All(table + " has other rows");
    }
    Appended appended = tables.appended(table, Long.parseLong(before), Long.parseLong(now));
    if (appended instanceof Appended.Only only) {
      return only.files().files().isEmpty() ? new Nothing() : new Add(only.files());
    }
    return new All(((Appended.More) appended).why());
  }
}
