package tarn.api;

import java.util.List;
import java.util.Objects;

/**
 * What {@code POST /v1/replay} asks.
 *
 * @param stream whose events
 * @param from only batches that landed at this time ({@code 2026-03-01T10:00:00Z}), or on this day
 *     (UTC), or later; empty for all
 * @param to only batches that landed before this time, or on this day or earlier; empty for all
 * @param type only events of this type; empty for all. For tables: only batches that have some
 * @param subtype only events of this subtype; empty for all
 * @param tables only these tables; empty for all that are made of the stream
 * @param into the stream that the events are put into; empty for tables
 * @param dryRun whether to say only what would be done
 */
public record ReplayRequest(
    String stream,
    String from,
    String to,
    String type,
    String subtype,
    List<String> tables,
    String into,
    boolean dryRun)
    implements Message {

  public ReplayRequest {
    tables = List.copyOf(tables);
  }

  @Override
  public Fields fields() {
    return new Fields()
        .with("stream", stream)
        .with("from", from)
        .with("to", to)
        .with("type", type)
        .with("subtype", subtype)
        .with("tables", tables)
        .with("into", into)
        .with("dry_run", dryRun);
  }

  public static ReplayRequest from(Fields fields) {
    fields.only("stream", "from", "to", "type", "subtype", "tables", "into", "dry_run");
    return new ReplayRequest(
        fields.text("stream"),
        fields.text("from"),
        fields.text("to"),
        Objects.requireNonNullElse(fields.textOrNull("type"), ""),
        Objects.requireNonNullElse(fields.textOrNull("subtype"), ""),
        fields.texts("tables"),
        fields.text("into"),
        fields.flag("dry_run"));
  }
}
