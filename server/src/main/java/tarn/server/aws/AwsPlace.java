package tarn.server.aws;

/**
 * Where the lake is in AWS's terms.
 *
 * @param region {@code us-east-1}; requests may be signed for any
 * @param account 12 digits
 */
public record AwsPlace(String region, String account) {
  /** The account of every lake: no real one has this number. */
  public static final String ACCOUNT = "000000000000";

  /** The ARN of something here, {@code arn:aws:kinesis:us-east-1:000000000000:stream/clicks}. */
  public String arn(String service, String resource) {
    return "arn:aws:" + service + ":" + region + ":" + account + ":" + resource;
  }
}
