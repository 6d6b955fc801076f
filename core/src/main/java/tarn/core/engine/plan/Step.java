package tarn.core.engine.plan;

import java.util.List;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;
import tarn.core.table.TableName;

/** One stage that rows pass through; its input is the output of the stage before. */
public sealed interface Step {

  /**
   * Replaces the columns.
   *
   * @param columns the output's columns in order; names are distinct, also when case is ignored
   */
  record Project(List<Named> columns) implements Step {}

  /**
   * Keeps the rows for which the condition is true. The others are dropped on purpose, and counted
   * as filtered.
   */
  record Filter(Expr keep) implements Step {}

  /**
   * Adds columns at the end, from the one row of another table whose values are equal to this row's
   * in some columns; null equals nothing. Rows never multiply: one that has several such rows is
   * rejected, with the reason {@link #ambiguous()}.
   *
   * @param table the other table, as it is when the load begins
   * @param columns at least one column of the step's input
   * @param in the other table's columns, in the same order, of types that can be compared
   * @param taken the new columns; their names are new, also when case is ignored
   * @param onlyFound drops the rows that have no such row, and counts them as filtered; otherwise
   *     their new columns are null
   */
  record Lookup(
      TableName table, List<String> columns, List<String> in, List<Taken> taken, boolean onlyFound)
      implements Step {
    public Lookup {
      columns = List.copyOf(columns);
      in = List.copyOf(in);
      taken = List.copyOf(taken);
    }

    /** Why a row is rejected that has several rows in the other table. */
    public String ambiguous() {
      return "more than one row of " + table + " matches";
    }
  }

  /**
   * A column that comes from another table.
   *
   * @param name its name from here on
   * @param column its name there
   * @param type its type there; null while the lake's tables are not known
   */
  record Taken(String name, String column, @Nullable Type type) {}

  /** A column of a projection. */
  record Named(String name, Expr value) {}
}
