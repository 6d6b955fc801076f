package tarn.api;

import java.util.List;

/**
 * What maintenance did to one table.
 *
 * @param table {@code clean.orders}
 * @param filesBefore data files before
 * @param filesAfter data files afterwards
 * @param snapshotsExpired snapshots that are gone
 * @param orphansRemoved files that belonged to nothing
 * @param bytesFreed what that freed
 * @param notes what a person should know, one line each
 */
public record TableMaintenance(
    String table,
    long filesBefore,
    long filesAfter,
    long snapshotsExpired,
    long orphansRemoved,
    long bytesFreed,
    List<String> notes)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("table", table)
        .with("filesBefore", filesBefore)
        .with("filesAfter", filesAfter)
        .with("snapshotsExpired", snapshotsExpired)
        .with("orphansRemoved", orphansRemoved)
        .with("bytesFreed", bytesFreed)
        .with("notes", notes);
  }

  public static TableMaintenance from(Fields fields) {
    return new TableMaintenance(
        fields.text("table"),
        fields.number("filesBefore"),
        fields.number("filesAfter"),
        fields.number("snapshotsExpired"),
        fields.number("orphansRemoved"),
        fields.number("bytesFreed"),
        fields.texts("notes"));
  }
}
