package tarn.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change of a table.
 *
 * @param snapshot the Iceberg snapshot, for {@code AT (VERSION => …)}; null if it made none
 * @param at when
 * @param operation {@code append}, {@code overwrite}, {@code replace}, {@code delete}
 * @param rowsAdded rows it brought
 * @param rowsDeleted rows it took away
 * @param rowsTotal rows afterwards
 * @param files data files afterwards
 * @param seq the newest ledger batch that is in it, or null
 * @param summary what did it, in one line
 */
public record Commit(
    @Nullable Long snapshot,
    @Nullable Instant at,
    String operation,
    long rowsAdded,
    long rowsDeleted,
    long rowsTotal,
    long files,
    @Nullable Long seq,
    @Nullable String summary)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("snapshot", snapshot)
        .with("at", at)
        .with("operation", operation)
        .with("rows_added", rowsAdded)
        .with("rows_deleted", rowsDeleted)
        .with("rows_total", rowsTotal)
        .with("files", files)
        .with("seq", seq)
        .with("summary", summary);
  }

  public static Commit from(Fields fields) {
    return new Commit(
        fields.numberOrNull("snapshot"),
        fields.timeOrNull("at"),
        fields.text("operation"),
        fields.number("rows_added"),
        fields.number("rows_deleted"),
        fields.number("rows_total"),
        fields.number("files"),
        fields.numberOrNull("seq"),
        fields.textOrNull("summary"));
  }
}
