package tarn.api;

/**
 * What {@code POST /v1/unarchive} asks.
 *
 * @param dataset {@code raw.weblogs}
 * @param from only files that landed on this day (UTC) or later, {@code 2026-03-01}; empty for all
 * @param to only files that landed on this day or earlier; empty for all
 * @param dryRun whether to say only what would be done
 */
public record UnarchiveRequest(String dataset, String from, String to, boolean dryRun)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("dataset", dataset)
        .with("from", from)
        .with("to", to)
        .with("dry_run", dryRun);
  }

  public static UnarchiveRequest from(Fields fields) {
    fields.only("dataset", "from", "to", "dry_run");
    return new UnarchiveRequest(
        fields.text("dataset"), fields.text("from"), fields.text("to"), fields.flag("dry_run"));
  }
}
