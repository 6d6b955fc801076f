package tarn.core.change;

import org.jspecify.annotations.Nullable;

/**
 * What happened to one row, or, for {@link Op#TRUNCATE}, to all of a table. Values are the source's
 * own texts in UTF-8, one for each column of the table.
 *
 * @param table as it was when this happened
 * @param after the row now; null for a delete and a truncate. A value is null for NULL, and {@link
 *     #UNCHANGED} (the same object) if the source does not say it because it stays as it was
 * @param before the row before, as far as the source tells: null if it does not; columns that are
 *     not {@linkplain SourceTable.SourceColumn#key key} columns may be null although they are not
 *     NULL
 */
public record Change(
    SourceTable table,
    Op op,
    byte @Nullable [] @Nullable [] after,
    byte @Nullable [] @Nullable [] before) {
  /** Stands for a value that is as it was before; compared by identity. */
  public static final byte[] UNCHANGED = new byte[0];

  /** What happened. */
  public enum Op {
    INSERT,
    UPDATE,
    DELETE,
    TRUNCATE
  }
}
