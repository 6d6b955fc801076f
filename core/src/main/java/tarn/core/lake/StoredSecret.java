package tarn.core.lake;

import java.util.Optional;

/**
 * A secret in AWS Secrets Manager, as definitions name it: {@code aws-secretsmanager:<name or ARN>}
 * or {@code aws-secretsmanager:<name or ARN>#<key>}.
 *
 * @param id its name or its ARN
 * @param key which entry it is of a secret that is a JSON object; empty: {@code password} of such
 *     an object, or the whole of a secret that is a text
 */
public record StoredSecret(String id, Optional<String> key) {
  private static final String PREFIX = "aws-secretsmanager:";

  /** Names may have {@code /_+=.@-}, those that RDS gives {@code !}, ARNs {@code :}. */
  static final String PATTERN = PREFIX + "[A-Za-z0-9/_+=.@!:-]{1,2048}(#.{1,256})?";

  /** Reads a reference; empty if the text is none of this kind. */
  public static Optional<StoredSecret> parse(String text) {
    if (!text.matches(PATTERN)) {
      return Optional.empty();
    }
    String place = text.substring(PREFIX.length());
    int end = place.indexOf('#');
    return Optional.of(
        end < 0
            ? new StoredSecret(place, Optional.empty())
            : new StoredSecret(place.substring(0, end), Optional.of(place.substring(end + 1))));
  }

  /** As it is written in definitions. */
  @Override
  public String toString() {
    return PREFIX + id + key.map(k -> "#" + k).orElse("");
  }
}
