package tarn.core.change;

import java.util.List;
import org.apache.iceberg.types.Type;

/**
 * A table of a source, as it was at one moment.
 *
 * @param schema exact, as the source writes it
 * @param name exact, as the source writes it
 * @param columns in the source's order, without generated ones
 */
public record SourceTable(String schema, String name, List<SourceColumn> columns) {
  public SourceTable {
    columns = List.copyOf(columns);
  }

  /**
   * A column of it.
   *
   * @param name exact
   * @param sourceType as the source prints it, {@code numeric(12,2)}
   * @param type the lake's; a text for what the lake has no type for
   * @param key whether it is one of those by which the source tells rows (the replica identity)
   */
  public record SourceColumn(String name, String sourceType, Type type, boolean key) {}

  /** The names of the columns by which the source tells rows; empty if it cannot. */
  public List<String> key() {
    return columns.stream().filter(SourceColumn::key).map(SourceColumn::name).toList();
  }

  /** {@code public.orders}: how people and the ledger call it. */
  public String fullName() {
    return schema + "." + name;
  }
}
