package tarn.api;

/**
 * What {@code POST /v1/verify} asks.
 *
 * @param deep whether to read every object to its end
 */
public record VerifyRequest(boolean deep) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("deep", deep);
  }

  public static VerifyRequest from(Fields fields) {
    fields.only("deep");
    return new VerifyRequest(fields.flag("deep"));
  }
}
