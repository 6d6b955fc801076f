package tarn.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of events that were put into a stream.
 *
 * @param accepted how many are in the log: they will be in the lake, each id once
 * @param failed how many are not known to be
 * @param results one for each event, in their order
 */
public record PutAnswer(long accepted, long failed, List<Result> results) implements Message {

  /**
   * What became of one event.
   *
   * @param shard where it is; null if it failed
   * @param offset its place in the shard; null if it failed
   * @param error why it failed; null if it did not
   * @param retry whether the same may succeed later
   */
  public record Result(
      @Nullable Long shard, @Nullable Long offset, @Nullable String error, boolean retry)
      implements Message {

    @Override
    public Fields fields() {
      return error == null
          ? new Fields().with("shard", shard).with("offset", offset)
          : new Fields().with("error", error).with("retry", retry);
    }

    static Result from(Fields fields) {
      return new Result(
          fields.numberOrNull("shard"),
          fields.numberOrNull("offset"),
          fields.textOrNull("error"),
          fields.flag("retry"));
    }
  }

  @Override
  public Fields fields() {
    return new Fields().with("accepted", accepted).with("failed", failed).with("results", results);
  }

  public static PutAnswer from(Fields fields) {
    return new PutAnswer(
        fields.number("accepted"),
        fields.number("failed"),
        fields.objects("results", Result::from));
  }
}
