package tarn.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Events of a stream that could not be taken, the newest first. */
public record DeadLettersAnswer(List<Letter> letters) implements Message {

  /**
   * One of them.
   *
   * @param shard where it was in the log
   * @param offset its place in the shard
   * @param arrived when it arrived
   * @param reason why it was not taken
   * @param text its bytes, if they are UTF-8; else null
   * @param base64 its bytes, if they are not; else null
   */
  public record Letter(
      long shard,
      long offset,
      @Nullable Instant arrived,
      String reason,
      @Nullable String text,
      @Nullable String base64)
      implements Message {

    @Override
    public Fields fields() {
      return new Fields()
          .with("shard", shard)
          .with("offset", offset)
          .with("arrived", arrived)
          .with("reason", reason)
          .with("text", text)
          .with("base64", base64);
    }

    static Letter from(Fields fields) {
      return new Letter(
          fields.number("shard"),
          fields.number("offset"),
          fields.timeOrNull("arrived"),
          fields.text("reason"),
          fields.textOrNull("text"),
          fields.textOrNull("base64"));
    }
  }

  @Override
  public Fields fields() {
    return new Fields().with("letters", letters);
  }

  public static DeadLettersAnswer from(Fields fields) {
    return new DeadLettersAnswer(fields.objects("letters", Letter::from));
  }
}
