package tarn.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change of a table.
 *
 * @param snapshot the Iceberg snapshot, for {@code AT (VERSION => …)}
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
    long snapshot,
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
        .with("rowsAdded", rowsAdded)
        .with("rowsDeleted", rowsDeleted)
        .with("rowsTotal", rowsTotal)
        .with("files", files)
        .with("seq", seq)
        .with("summary", summary);
  }

  public static Commit from(Fields fields) {
    return new Commit(
        fields.number("snapshot"),
        fields.timeOrNull("at"),
        fields.text("operation"),
        fields.number("rowsAdded"),
        fields.number("rowsDeleted"),
        fields.number("rowsTotal"),
        fields.number("files"),
        fields.numberOrNull("seq"),
        fields.textOrNull("summary"));
  }
}
