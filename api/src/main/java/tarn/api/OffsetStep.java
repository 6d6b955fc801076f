package tarn.api;

import org.jspecify.annotations.Nullable;

/**
 * A step of a reader in a shard.
 *
 * @param shard its number
 * @param from the offset at which it begins; null if that does not matter, as long as it leads
 *     forwards
 * @param next the offset that is read next
 */
public record OffsetStep(long shard, @Nullable Long from, long next) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("shard", shard).with("from", from).with("next", next);
  }

  public static OffsetStep from(Fields fields) {
    fields.only("shard", "from", "next");
    return new OffsetStep(
        fields.number("shard"), fields.numberOrNull("from"), fields.number("next"));
  }
}
