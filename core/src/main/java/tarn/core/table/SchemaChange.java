package tarn.core.table;

import java.util.List;
import org.apache.iceberg.types.Type;

/**
 * A change of a table's columns, by field id: no file is rewritten. Applied in this order: renames,
 * drops, widenings, additions.
 */
public record SchemaChange(
    List<Rename> renames, List<String> drops, List<Column> widenings, List<Column> additions) {
  /** A column's new name. */
  public record Rename(String from, String to) {}

  /**
   * A column and its type.
   *
   * @param parent of an addition: the full name of the struct that it is a field of ({@code order},
   *     {@code lines.element}); empty for a column of the table. A widening of a field has its full
   *     name.
   */
  public record Column(String name, Type type, String parent) {
    public Column(String name, Type type) {
      this(name, type, "");
    }
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return renames.isEmpty() && drops.isEmpty() && widenings.isEmpty() && additions.isEmpty();
  }
}
