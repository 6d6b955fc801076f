package tarn.server.kinesis;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tarn.server.aws.AwsException;

/**
 * Places that a client holds, and brings back: nothing of them is kept here. They are sealed, so
 * that only what was given out comes back, and hold for five minutes.
 */
final class Seals {
  static final Duration LIFE = Duration.ofMinutes(5);

  private static final int MAC_BYTES = 16;
  private static final String BETWEEN = "\n";

  private final byte[] key;
  private final Clock clock;

  /**
   * Seals that another with the same key opens.
   *
   * @param key any bytes that only the lake knows
   */
  Seals(byte[] key, Clock clock) {
    this.key = key.clone();
    this.clock = clock;
  }

  /** What a client brought back. */
  record Opened(List<String> parts, Instant made) {}

  /** A text of the parts, none of which has a line end. */
  String seal(String kind, List<String> parts) {
    byte[] content =
        (kind + BETWEEN + clock.millis() + BETWEEN + String.join(BETWEEN, parts))
            .getBytes(StandardCharsets.UTF_8);
    byte[] sealed = Arrays.copyOf(mac(content), MAC_BYTES + content.length);
    System.arraycopy(content, 0, sealed, MAC_BYTES, content.length);
    return Base64.getEncoder().encodeToString(sealed);
  }

  /**
   * Opens what was sealed as of a kind.
   *
   * @throws AwsException {@code InvalidArgumentException} if it was not sealed here
   */
  Opened open(String kind, String name, String text) {
    byte[] sealed = decoded(name, text);
    if (sealed.length > MAC_BYTES) {
      byte[] content = Arrays.copyOfRange(sealed, MAC_BYTES, sealed.length);
      if (MessageDigest.isEqual(mac(content), Arrays.copyOf(sealed, MAC_BYTES))) {
        String[] parts = new String(content, StandardCharsets.UTF_8).split(BETWEEN, -1);
        if (parts[0].equals(kind)) {
          return new Opened(
              Arrays.asList(parts).subList(2, parts.length),
              Instant.ofEpochMilli(Long.parseLong(parts[1])));
        }
      }
    }
    throw invalid(name);
  }

  /** Whether it does not hold any more. */
  boolean expired(Opened opened) {
    return opened.made().plus(LIFE).isBefore(clock.instant());
  }

  private static byte[] decoded(String name, String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw invalid(name);
    }
  }

  private static AwsException invalid(String name) {
    return new AwsException("InvalidArgumentException", "Invalid " + name + ".");
  }

  private byte[] mac(byte[] content) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return Arrays.copyOf(mac.doFinal(content), MAC_BYTES);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every JDK has HMAC-SHA256", e);
    }
  }
}
