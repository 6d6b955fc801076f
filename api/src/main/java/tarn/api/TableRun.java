package tarn.api;

import org.jspecify.annotations.Nullable;

/**
 * What a run did to one table.
 *
 * @param table {@code clean.orders}
 * @param outcome {@code written}, {@code unchanged} (nothing new to read), {@code failed} or {@code
 *     skipped} (something it reads failed)
 * @param rowsRead rows that came in
 * @param rowsWritten rows that are in the table because of it
 * @param rowsQuarantined rows that were put aside
 * @param snapshot the Iceberg snapshot it made, or null
 * @param millis how long it took
 * @param message why it failed or was skipped, or which rules were not met, in one line
 */
public record TableRun(
    String table,
    String outcome,
    long rowsRead,
    long rowsWritten,
    long rowsQuarantined,
    @Nullable Long snapshot,
    long millis,
    @Nullable String message)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("table", table)
        .with("outcome", outcome)
        .with("rows_read", rowsRead)
        .with("rows_written", rowsWritten)
        .with("rows_quarantined", rowsQuarantined)
        .with("snapshot", snapshot)
        .with("millis", millis)
        .with("message", message);
  }

  public static TableRun from(Fields fields) {
    return new TableRun(
        fields.text("table"),
        fields.text("outcome"),
        fields.number("rows_read"),
        fields.number("rows_written"),
        fields.number("rows_quarantined"),
        fields.numberOrNull("snapshot"),
        fields.number("millis"),
        fields.textOrNull("message"));
  }
}
