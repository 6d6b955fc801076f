package tarn.api;

import org.jspecify.annotations.Nullable;

/**
 * A table that was read from end to end.
 *
 * @param table {@code clean.orders}
 * @param rows how many
 * @param contentHash of its rows, in whatever order; 32 hex digits
 * @param snapshot which state was read; null if it never had rows
 */
public record VerifiedTable(String table, long rows, String contentHash, @Nullable Long snapshot)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("table", table)
        .with("rows", rows)
        .with("content_hash", contentHash)
        .with("snapshot", snapshot);
  }

  public static VerifiedTable from(Fields fields) {
    return new VerifiedTable(
        fields.text("table"),
        fields.number("rows"),
        fields.text("content_hash"),
        fields.numberOrNull("snapshot"));
  }
}
