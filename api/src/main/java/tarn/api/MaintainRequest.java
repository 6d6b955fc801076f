package tarn.api;

import java.util.List;

/**
 * What {@code POST /v1/maintain} asks.
 *
 * @param tables only these; empty for all
 * @param dryRun whether to say only what would be done
 */
public record MaintainRequest(List<String> tables, boolean dryRun) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("tables", tables).with("dry_run", dryRun);
  }

  public static MaintainRequest from(Fields fields) {
    fields.only("tables", "dry_run");
    return new MaintainRequest(fields.texts("tables"), fields.flag("dry_run"));
  }
}
