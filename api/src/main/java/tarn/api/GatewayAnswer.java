package tarn.api;

/**
 * What {@code POST /v1/gateway} answers: where AWS's services are, and the key to sign with.
 *
 * @param endpoint {@code http://127.0.0.1:4566}
 * @param region {@code us-east-1}
 */
public record GatewayAnswer(
    String endpoint, String region, String accessKeyId, String secretAccessKey) implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("endpoint", endpoint)
        .with("region", region)
        .with("access_key_id", accessKeyId)
        .with("secret_access_key", secretAccessKey);
  }

  public static GatewayAnswer from(Fields fields) {
    return new GatewayAnswer(
        fields.text("endpoint"),
        fields.text("region"),
        fields.text("access_key_id"),
        fields.text("secret_access_key"));
  }

  @Override
  public String toString() {
    return "GatewayAnswer[" + endpoint + "]";
  }
}
