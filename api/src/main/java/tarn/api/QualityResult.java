package tarn.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of one quality rule in one load.
 *
 * @param table {@code clean.orders}
 * @param at when the load ended
 * @param seq the newest ledger batch that the load looked at
 * @param snapshot the Iceberg snapshot that it made, or null
 * @param rule as its author wrote it
 * @param level {@code row} or {@code table}
 * @param outcome {@code passed}; {@code quarantined} (rows failed it); {@code failed} (nothing was
 *     committed); {@code warned} (committed all the same)
 * @param seen the numbers that it was judged by
 */
public record QualityResult(
    String table,
    @Nullable Instant at,
    @Nullable Long seq,
    @Nullable Long snapshot,
    String rule,
    String level,
    String outcome,
    String seen)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("table", table)
        .with("at", at)
        .with("seq", seq)
        .with("snapshot", snapshot)
        .with("rule", rule)
        .with("level", level)
        .with("outcome", outcome)
        .with("seen", seen);
  }

  public static QualityResult from(Fields fields) {
    return new QualityResult(
        fields.text("table"),
        fields.timeOrNull("at"),
        fields.numberOrNull("seq"),
        fields.numberOrNull("snapshot"),
        fields.text("rule"),
        fields.text("level"),
        fields.text("outcome"),
        fields.text("seen"));
  }
}
