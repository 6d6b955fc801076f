package tarn.api;

/**
 * How a query ended; its rows went before.
 *
 * @param rows how many were sent
 * @param truncated whether there are more than were sent
 * @param millis how long it took, from the request to the last row
 */
public record QueryAnswer(long rows, boolean truncated, long millis) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("rows", rows).with("truncated", truncated).with("millis", millis);
  }

  public static QueryAnswer from(Fields fields) {
    return new QueryAnswer(
        fields.number("rows"), fields.flag("truncated"), fields.number("millis"));
  }
}
