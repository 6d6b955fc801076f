package tarn.core.recipe;

import java.util.List;
import java.util.Optional;
import tarn.core.engine.Column;
import tarn.core.table.TableName;

/** The columns of the lake's tables, for recipes that join with one. */
@FunctionalInterface
public interface OtherTables {
  /** Nothing is known: recipes are checked without the lake. */
  OtherTables UNKNOWN = table -> Optional.empty();

  /** A table's columns; empty while they are not known. */
  Optional<List<Column>> columns(TableName table);
}
