package tarn.core.change;

import java.util.List;
import org.apache.iceberg.types.Type;

/**
 * A table of a source, as it was at one moment.
 *
 * @param id tells it from others that had its name before, or get it later; 0 if that is not known
 * @param published tells that its changes are handed over from an earlier or a later time at which
 *     they were, as those of between are missing; 0 if they are not, or that is not known
 * @param schema exact, as the source writes it
 * @param name exact, as the source writes it
 * @param columns those that are copied, in the source's order; never generated ones
 * @param obstacle why its rows or changes cannot be had, with what to do about it; empty if they
 *     can
 * @param part what of it is copied, as a text that another choice of columns or rows changes; empty
 *     for all of it. Loads and changes of different parts do not belong together
 */
public record SourceTable(
    long id,
    long published,
    String schema,
    String name,
    List<SourceColumn> columns,
    String obstacle,
    String part) {
  public SourceTable {
    columns = List.copyOf(columns);
  }

  /** One that nothing stands against, all of it. */
  public SourceTable(long id, String schema, String name, List<SourceColumn> columns) {
    this(id, 0, schema, name, columns, "", "");
  }

  /**
   * A column of it.
   *
   * @param name exact
   * @param sourceType as the source prints it, {@code numeric(12,2)}
   * @param type the lake's; a text for what the lake has no type for
   * @param key whether it is one of those by which the source tells rows (the replica identity)
   * @param filled whether rows that were there before the column was added may have a value in it:
   *     it has a default
   */
  public record SourceColumn(
      String name, String sourceType, Type type, boolean key, boolean filled) {

    /** One without a default. */
    public SourceColumn(String name, String sourceType, Type type, boolean key) {
      this(name, sourceType, type, key, false);
    }
  }

  /**
   * The names of the columns by which the source tells rows. Empty if it has none: then an update
   * and a delete tell the whole row that was there, one of perhaps many equal ones.
   */
  public List<String> key() {
    return columns.stream().filter(SourceColumn::key).map(SourceColumn::name).toList();
  }

  /** The same, which cannot be copied. */
  public SourceTable withObstacle(String why) {
    return new SourceTable(id, published, schema, name, columns, why, part);
  }

  /** The same, as it is published now. */
  public SourceTable withPublished(long now) {
    return new SourceTable(id, now, schema, name, columns, obstacle, part);
  }

  /** {@code public.orders}: how people and the ledger call it. */
  public String fullName() {
    return schema + "." + name;
  }
}
