package tarn.core.model;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.query.CatalogNames;
import tarn.core.query.Resolved;
import tarn.core.query.SqlText;
import tarn.core.query.SqlTree;
import tarn.core.query.Statement;
import tarn.core.query.VolatileUse;
import tarn.core.table.TableName;

/**
 * The SQL of one model: a query that passed the guard and gives the same rows each time it reads
 * the same tables.
 *
 * @param model the table it makes
 * @param query the query, its tables found
 * @param reads the tables it reads
 */
public record ModelSql(TableName model, Resolved query, SortedSet<TableName> reads) {
  public ModelSql {
    reads = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(reads));
  }

  /**
   * The query inside a model's text, for the engine to parse.
   *
   * @throws TarnException {@code SQL_REFUSED} if it is anything but a query, and as {@link
   *     SqlText#read}
   */
  public static String query(TableName model, String sql) {
    if (SqlText.read(sql) instanceof Statement.Select select) {
      return select.sql();
    }
    throw new TarnException(
        ErrorCode.SQL_REFUSED, "the model " + model + " is not a query: a model is one SELECT");
  }

  /**
   * Reads a model from its parsed tree.
   *
   * @param names the lake's tables, models among them
   * @throws TarnException {@code SQL_REFUSED} for functions whose answer differs each time, with
   *     their place in the text; {@code NOT_FOUND} with the nearest name and {@code NAME_AMBIGUOUS}
   *     for its tables
   */
  public static ModelSql of(TableName model, SqlTree tree, CatalogNames names) {
    List<VolatileUse> uses = tree.volatileFunctions();
    if (!uses.isEmpty()) {
      String all = String.join(", ", uses.stream().map(VolatileUse::toString).toList());
      throw new TarnException(
          ErrorCode.SQL_REFUSED,
          "the model "
              + model
              + " uses "
              + all
              + ", which differs each time, so the table could not be rebuilt: take such values from its tables (a column of that name: write its table before it)");
    }
    Resolved query = tree.resolve(names);
    SortedSet<TableName> reads = new TreeSet<>();
    query.references().forEach(reference -> reads.add(reference.table()));
    return new ModelSql(model, query, reads);
  }
}
