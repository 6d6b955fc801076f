package tarn.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What landed from one source.
 *
 * @param source its name
 * @param files files the ledger lists
 * @param bytes their size
 * @param duplicates files that came again
 * @param lastLandedAt when the newest landed
 */
public record SourceStatus(
    String source, long files, long bytes, long duplicates, @Nullable Instant lastLandedAt)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("source", source)
        .with("files", files)
        .with("bytes", bytes)
        .with("duplicates", duplicates)
        .with("last_landed_at", lastLandedAt);
  }

  public static SourceStatus from(Fields fields) {
    return new SourceStatus(
        fields.text("source"),
        fields.number("files"),
        fields.number("bytes"),
        fields.number("duplicates"),
        fields.timeOrNull("last_landed_at"));
  }
}
