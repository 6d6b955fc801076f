package tarn.api;

/**
 * How far behind a reader of a stream is.
 *
 * @param reader the consumer's name; {@code delivery} for the lake itself
 * @param kind {@code delivery} or {@code consumer}
 * @param behind events that are in the log and that it has not read
 * @param ageSeconds how long ago the oldest of them arrived; 0 if there are none
 * @param lastMinute events that it read within the last minute, or nearly so
 */
public record ReaderLag(String reader, String kind, long behind, long ageSeconds, long lastMinute)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("reader", reader)
        .with("kind", kind)
        .with("behind", behind)
        .with("age_seconds", ageSeconds)
        .with("last_minute", lastMinute);
  }

  public static ReaderLag from(Fields fields) {
    return new ReaderLag(
        fields.text("reader"),
        fields.text("kind"),
        fields.number("behind"),
        fields.number("age_seconds"),
        fields.number("last_minute"));
  }
}
