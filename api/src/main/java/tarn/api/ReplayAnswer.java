package tarn.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a replay did, or would do.
 *
 * @param stream whose events
 * @param tables each table that is made of it
 */
public record ReplayAnswer(String stream, List<Table> tables) implements Message {

  public ReplayAnswer {
    tables = List.copyOf(tables);
  }

  /**
   * One table.
   *
   * @param table the table; or the stream that events were put into
   * @param how {@code batches} (rows of some batches are replaced), {@code anew}, {@code events}
   *     (they were put into a stream) or {@code nothing}
   * @param firstBatch the ledger's first batch whose rows are replaced, and the last
   * @param files how many files of raw are read
   * @param bytes their sizes
   * @param eventsOfType how many events of the type that was asked for they have, also for a dry
   *     run; null if none was asked for
   * @param rowsRead events read; 0 for a dry run, as the next two
   * @param rowsWritten rows that came of them
   * @param rowsQuarantined rows that were put aside
   * @param snapshot the Iceberg snapshot it made, or null
   * @param message why it is made anew, or which batches are replayed for a type, or why it failed,
   *     or which rules were not met; empty if there is nothing to say
   * @param failed whether it failed
   */
  public record Table(
      String table,
      String how,
      long firstBatch,
      long lastBatch,
      long files,
      long bytes,
      @Nullable Long eventsOfType,
      long rowsRead,
      long rowsWritten,
      long rowsQuarantined,
      @Nullable Long snapshot,
      String message,
      boolean failed)
      implements Message {

    @Override
    public Fields fields() {
      return new Fields()
          .with("table", table)
          .with("how", how)
          .with("first_batch", firstBatch)
          .with("last_batch", lastBatch)
          .with("files", files)
          .with("bytes", bytes)
          .with("events_of_type", eventsOfType)
          .with("rows_read", rowsRead)
          .with("rows_written", rowsWritten)
          .with("rows_quarantined", rowsQuarantined)
          .with("snapshot", snapshot)
          .with("message", message)
          .with("failed", failed);
    }

    static Table from(Fields fields) {
      return new Table(
          fields.text("table"),
          fields.text("how"),
          fields.number("first_batch"),
          fields.number("last_batch"),
          fields.number("files"),
          fields.number("bytes"),
          fields.numberOrNull("events_of_type"),
          fields.number("rows_read"),
          fields.number("rows_written"),
          fields.number("rows_quarantined"),
          fields.numberOrNull("snapshot"),
          fields.text("message"),
          fields.flag("failed"));
    }
  }

  @Override
  public Fields fields() {
    return new Fields().with("stream", stream).with("tables", tables);
  }

  public static ReplayAnswer from(Fields fields) {
    return new ReplayAnswer(fields.text("stream"), fields.objects("tables", Table::from));
  }
}
