package tarn.api;

import java.util.List;

/**
 * What maintenance did to one table.
 *
 * @param table {@code clean.orders}
 * @param filesBefore data files before
 * @param filesAfter data files afterwards; of a dry run, about so many
 * @param snapshotsExpired snapshots that are gone
 * @param orphansRemoved files that belonged to nothing
 * @param notes what a person should know, one line each
 */
public record TableMaintenance(
    String table,
    long filesBefore,
    long filesAfter,
    long snapshotsExpired,
    long orphansRemoved,
    List<String> notes)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("table", table)
        .with("files_before", filesBefore)
        .with("files_after", filesAfter)
        .with("snapshots_expired", snapshotsExpired)
        .with("orphans_removed", orphansRemoved)
        .with("notes", notes);
  }

  public static TableMaintenance from(Fields fields) {
    return new TableMaintenance(
        fields.text("table"),
        fields.number("files_before"),
        fields.number("files_after"),
        fields.number("snapshots_expired"),
        fields.number("orphans_removed"),
        fields.texts("notes"));
  }
}
