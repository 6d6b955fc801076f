package tarn.api;

import org.jspecify.annotations.Nullable;

/**
 * What was taken back.
 *
 * @param table of which table
 * @param operation what the commit was: {@code load}, {@code model}
 * @param undone the snapshot that it had made, or null
 * @param snapshot the one that holds again; null for a table without rows
 * @param seq the ledger sequence consumed now, or null
 */
public record UndoAnswer(
    String table,
    String operation,
    @Nullable Long undone,
    @Nullable Long snapshot,
    @Nullable Long seq)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("table", table)
        .with("operation", operation)
        .with("undone", undone)
        .with("snapshot", snapshot)
        .with("seq", seq);
  }

  public static UndoAnswer from(Fields fields) {
    return new UndoAnswer(
        fields.text("table"),
        fields.text("operation"),
        fields.numberOrNull("undone"),
        fields.numberOrNull("snapshot"),
        fields.numberOrNull("seq"));
  }
}
