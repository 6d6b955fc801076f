package tarn.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A shard of a stream.
 *
 * @param shard its number
 * @param state {@code open}, {@code closing} (it takes no events, but its end is not yet certain)
 *     or {@code closed}
 * @param hashFrom the lowest hash of its keys, from 0 to 2^128 - 1, in decimal digits
 * @param hashTo the highest
 * @param parent the shard whose range it took over, or a part of it; null if it has none
 * @param adjacentParent the second one; null if it has one or none
 * @param openedAt since when it takes events
 * @param closedAt since when it takes none; null if it does
 * @param oldest the offset of the oldest event that the log keeps
 * @param next the offset behind its last event
 * @param beyond events behind a closed shard's end, which are in the lake's tables and which no
 *     consumer sees: sent by Kafka's own protocol, or told as failed to their sender
 * @param lastMinute events that arrived within the last minute
 */
public record ShardStatus(
    long shard,
    String state,
    String hashFrom,
    String hashTo,
    @Nullable Long parent,
    @Nullable Long adjacentParent,
    @Nullable Instant openedAt,
    @Nullable Instant closedAt,
    long oldest,
    long next,
    long beyond,
    long lastMinute)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("shard", shard)
        .with("state", state)
        .with("hash_from", hashFrom)
        .with("hash_to", hashTo)
        .with("parent", parent)
        .with("adjacent_parent", adjacentParent)
        .with("opened_at", openedAt)
        .with("closed_at", closedAt)
        .with("oldest", oldest)
        .with("next", next)
        .with("beyond", beyond)
        .with("last_minute", lastMinute);
  }

  public static ShardStatus from(Fields fields) {
    return new ShardStatus(
        fields.number("shard"),
        fields.text("state"),
        fields.text("hash_from"),
        fields.text("hash_to"),
        fields.numberOrNull("parent"),
        fields.numberOrNull("adjacent_parent"),
        fields.timeOrNull("opened_at"),
        fields.timeOrNull("closed_at"),
        fields.number("oldest"),
        fields.number("next"),
        fields.number("beyond"),
        fields.number("last_minute"));
  }
}
