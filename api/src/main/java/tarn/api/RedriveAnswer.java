package tarn.api;

/**
 * What redriving a stream's dead letters changed, in numbers of events.
 *
 * @param stored now in raw
 * @param duplicate whose id was delivered meanwhile, with the same content
 * @param conflict more letters, or fewer, that are in conflict
 * @param rejected more letters, or fewer, that are rejected
 */
public record RedriveAnswer(
    String stream, long stored, long duplicate, long conflict, long rejected) implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("stream", stream)
        .with("stored", stored)
        .with("duplicate", duplicate)
        .with("conflict", conflict)
        .with("rejected", rejected);
  }

  public static RedriveAnswer from(Fields fields) {
    return new RedriveAnswer(
        fields.text("stream"),
        fields.number("stored"),
        fields.number("duplicate"),
        fields.number("conflict"),
        fields.number("rejected"));
  }
}
