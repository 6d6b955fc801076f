package tarn.api;

import java.util.Objects;

/**
 * What {@code POST /v1/sources/{source}/verify} asks.
 *
 * @param table a table's full name or its copy's; empty for all
 * @param keys so many keys that differ are told for a table, at most; 0 for 100
 * @param ranges so many ranges of keys are summed up for a table; 0 for 100
 * @param waitSeconds how long the copies are waited for; 0 for 600
 */
public record SourceVerifyRequest(String table, long keys, long ranges, long waitSeconds)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("table", table)
        .with("keys", keys)
        .with("ranges", ranges)
        .with("wait_seconds", waitSeconds);
  }

  public static SourceVerifyRequest from(Fields fields) {
    fields.only("table", "keys", "ranges", "wait_seconds");
    return new SourceVerifyRequest(
        Objects.requireNonNullElse(fields.textOrNull("table"), ""),
        fields.numberOr("keys", 0),
        fields.numberOr("ranges", 0),
        fields.numberOr("wait_seconds", 0));
  }
}
