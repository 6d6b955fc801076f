package tarn.cdc;

import java.util.List;

/**
 * A table as pgoutput announces it before the first change of it, and again when it has changed.
 *
 * @param identity by what rows are told (pg_class.relreplident)
 */
record Relation(long oid, String schema, String name, char identity, List<Column> columns) {
  /** All columns together tell a row, and all are flagged. */
  static final char FULL = 'f';

  Relation {
    columns = List.copyOf(columns);
  }

  /** {@code public.orders}. */
  String fullName() {
    return schema + "." + name;
  }

  /**
   * A column.
   *
   * @param identity whether it is one of those by which rows are told
   */
  record Column(String name, long type, int modifier, boolean identity) {}
}
