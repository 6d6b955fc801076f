package tarn.server;

import java.util.ArrayList;
import java.util.List;
import tarn.api.ChangesRequest;
import tarn.core.engine.Relation;
import tarn.core.table.TableName;

/** The query that asks for a table's changes in order; it goes through the guard like others. */
final class ChangesQuery {
  private ChangesQuery() {}

  /**
   * The oldest changes first; of an update the row before it, then the row after it.
   *
   * @param key the columns that tell rows, if they are known
   */
  static String sql(TableName table, List<String> key, ChangesRequest request) {
    List<String> order = new ArrayList<>();
    order.add(Relation.OfChanges.ORDINAL);
    key.forEach(column -> order.add('"' + column.replace("\"", "\"\"") + '"'));
    order.add(Relation.OfChanges.TYPE + " DESC");
    return "SELECT * FROM table_changes("
        + text(table.toString())
        + ", "
        + text(request.since())
        + (request.until().isEmpty() ? "" : ", " + text(request.until()))
        + (request.net() ? ", net => true" : "")
        + ") ORDER BY "
        + String.join(", ", order);
  }

  private static String text(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
