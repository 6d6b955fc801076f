package tarn.core.engine.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.core.table.TableName;

/** A number about all rows of a table: what rules for the whole table are judged by. */
public sealed interface Measure {

  /**
   * A number about the rows of one table.
   *
   * @param kind which number
   * @param columns what it is about; none for {@link Kind#ROWS}, two for {@link Kind#CORRELATION},
   *     one or more for {@link Kind#PRESENT}, {@link Kind#DISTINCT} and {@link Kind#SINGLE}, and
   *     one for the others
   * @param where only rows for which it is true; null for all
   * @param table another table, as it is; null, or the name of the one that is loaded, for that one
   *     as it would be with the load
   */
  record OfRows(Kind kind, List<String> columns, @Nullable Expr where, @Nullable TableName table)
      implements Measure {
    public OfRows {
      columns = List.copyOf(columns);
    }
  }

  /**
   * How many rows of the table have their values in these columns in one row of another table as
   * well. Null is found nowhere.
   *
   * @param in the columns of the other table, in the same order
   */
  record Found(List<String> columns, TableName table, List<String> in) implements Measure {
    public Found {
      columns = List.copyOf(columns);
      in = List.copyOf(in);
    }
  }

  /**
   * How many rows of the table have a row of another table with the same key, and there the same
   * values; nulls are the same. Nothing if a key is null or comes twice, in either table: rows
   * would have more than one match, or none for certain.
   *
   * @param key the columns that rows are found by
   * @param values the columns that are compared
   */
  record Matched(List<Pair> key, TableName table, List<Pair> values) implements Measure {
    public Matched {
      key = List.copyOf(key);
      values = List.copyOf(values);
    }
  }

  /** A column of the table and one of another. */
  record Pair(String mine, String theirs) {}

  /**
   * The one number that a query gives; nothing if it gives null or no row. A query that gives
   * anything else fails the load with {@code DEFINITION_INVALID}.
   *
   * @param sql a SELECT that has passed the guard
   * @param sources all that it reads; the table that is loaded is seen as it would be with the load
   */
  record Asked(String sql, List<Source> sources) implements Measure {
    public Asked {
      sources = List.copyOf(sources);
    }
  }

  /**
   * A table that a query reads.
   *
   * @param view its name in the query
   */
  record Source(String view, TableName table) {}

  /** Which number. Null values are left out of all but {@link #ROWS}. */
  enum Kind {
    /** How many rows. */
    ROWS,
    /** How many rows without a null in the columns. */
    PRESENT,
    /** How many different values, or combinations of values. */
    DISTINCT,
    /** How many values, or combinations, occur in one row only. */
    SINGLE,
    /** 0 without rows. */
    SUM,
    /** Nothing without rows. */
    MEAN,
    /** The population's standard deviation; nothing without rows. */
    DEVIATION,
    /** Shannon's, in bits; nothing without rows. */
    ENTROPY,
    /** Pearson's coefficient; nothing if a column never changes. */
    CORRELATION
  }
}
