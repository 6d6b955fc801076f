package tarn.api;

/**
 * What {@code POST /v1/streams/{stream}/redrive} asks.
 *
 * @param from only letters that landed at this time ({@code 2026-03-01T10:00:00Z}), or on this day
 *     (UTC), or later; empty for all
 * @param to only letters that landed before this time, or on this day or earlier; empty for all
 */
public record RedriveRequest(String from, String to) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("from", from).with("to", to);
  }

  public static RedriveRequest from(Fields fields) {
    fields.only("from", "to");
    return new RedriveRequest(fields.text("from"), fields.text("to"));
  }
}
