package tarn.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a stream is. {@code received = stored + duplicate + conflict + rejected}.
 *
 * @param stream its name
 * @param shards of its log
 * @param condition {@code starting}, {@code running}, {@code failing} or {@code elsewhere}
 * @param problem what went wrong last; empty if nothing did
 * @param received events taken from the log so far
 * @param stored events in raw
 * @param duplicate whose id and content had been delivered before
 * @param conflict whose id had been delivered before, with other content
 * @param rejected that could not be taken
 * @param waiting events in the log that are not delivered; null if the log does not answer
 * @param deliveredAt when events were last delivered by this server; null if never
 */
public record StreamStatus(
    String stream,
    long shards,
    String condition,
    String problem,
    long received,
    long stored,
    long duplicate,
    long conflict,
    long rejected,
    @Nullable Long waiting,
    @Nullable Instant deliveredAt)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("stream", stream)
        .with("shards", shards)
        .with("condition", condition)
        .with("problem", problem)
        .with("received", received)
        .with("stored", stored)
        .with("duplicate", duplicate)
        .with("conflict", conflict)
        .with("rejected", rejected)
        .with("waiting", waiting)
        .with("delivered_at", deliveredAt);
  }

  public static StreamStatus from(Fields fields) {
    return new StreamStatus(
        fields.text("stream"),
        fields.number("shards"),
        fields.text("condition"),
        fields.text("problem"),
        fields.number("received"),
        fields.number("stored"),
        fields.number("duplicate"),
        fields.number("conflict"),
        fields.number("rejected"),
        fields.numberOrNull("waiting"),
        fields.timeOrNull("delivered_at"));
  }
}
