package tarn.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events of a stream, those of a shard in order and those of its parents before them.
 *
 * @param events the next ones; empty if there are none now
 * @param offsets how far they lead, by shard: what a consumer commits when it has dealt with them
 * @param lost what the log lost before it was read, a line each
 * @param at where a reader without a name reads on; empty for a consumer
 */
public record EventsAnswer(
    List<Item> events, List<OffsetStep> offsets, List<String> lost, String at) implements Message {

  /**
   * One event.
   *
   * @param shard where it is
   * @param offset its place in the shard
   * @param arrived when it arrived
   * @param key its partition key; empty if it has none
   * @param text its bytes, if they are UTF-8; else null
   * @param base64 its bytes, if they are not; else null
   */
  public record Item(
      long shard,
      long offset,
      @Nullable Instant arrived,
      String key,
      @Nullable String text,
      @Nullable String base64)
      implements Message {

    @Override
    public Fields fields() {
      return new Fields()
          .with("shard", shard)
          .with("offset", offset)
          .with("arrived", arrived)
          .with("key", key)
          .with("text", text)
          .with("base64", base64);
    }

    public static Item from(Fields fields) {
      return new Item(
          fields.number("shard"),
          fields.number("offset"),
          fields.timeOrNull("arrived"),
          fields.text("key"),
          fields.textOrNull("text"),
          fields.textOrNull("base64"));
    }
  }

  @Override
  public Fields fields() {
    return new Fields()
        .with("events", events)
        .with("offsets", offsets)
        .with("lost", lost)
        .with("at", at);
  }

  public static EventsAnswer from(Fields fields) {
    return new EventsAnswer(
        fields.objects("events", Item::from),
        fields.objects("offsets", OffsetStep::from),
        fields.texts("lost"),
        fields.text("at"));
  }
}
