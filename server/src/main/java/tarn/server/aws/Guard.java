package tarn.server.aws;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets in the requests that are signed with the lake's access key, not longer than five minutes ago
 * or ahead, over their whole body, their host and every {@code x-amz-} header. Failures are worded
 * as AWS words them. Keys of other accounts, session tokens, signatures in the query and unsigned
 * bodies are refused.
 */
final class Guard {
  private static final Duration SKEW = Duration.ofMinutes(5);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT);

  private final byte[] keyId;
  private final SigV4 signer;
  private final Clock clock;

  Guard(AccessKey key, Clock clock) {
    this.keyId = key.id().getBytes(StandardCharsets.UTF_8);
    this.signer = new SigV4(key.secret());
    this.clock = clock;
  }

  /**
   * Lets a request be read: its signature may be right, as far as can be told without its body.
   *
   * @param service the name that its signature has to be for
   * @throws AwsException if it cannot be right
   */
  Signed admit(Head head, String service) {
    Signed signed = signed(head);
    checkKey(head, signed);
    checkTime(signed);
    checkScope(signed, service);
    checkCoverage(head, signed);
    return signed;
  }

  /**
   * Lets a request pass that was admitted.
   *
   * @throws AwsException if it is not what was signed
   */
  void check(Head head, Signed signed, byte[] body) {
    String hash = SigV4.sha256(body);
    String announced = head.header("x-amz-content-sha256");
    String wanted = signer.signature(head, signed.headers, signed.time, signed.scope, hash);
    boolean same = equal(wanted, signed.signature);
    if (!same || (announced != null && !announced.equals(hash))) {
      throw invalid(
          "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and"
              + " signing method. Consult the service documentation for details.");
    }
  }

  /** What a request says of its signature. */
  record Signed(
      String keyId, SigV4.Scope scope, String time, List<String> headers, String signature) {}

  private static Signed signed(Head head) {
    String authorization = head.header("authorization");
    if (authorization == null || authorization.isBlank()) {
      throw new AwsException(
          "MissingAuthenticationTokenException",
          head.query().contains("X-Amz-Signature=")
              ? "Missing Authentication Token: a signature in the query string is not taken here"
              : "Missing Authentication Token");
    }
    if (!authorization.startsWith(SigV4.ALGORITHM + " ")) {
      throw incomplete("Unsupported AWS 'algorithm': sign with '" + SigV4.ALGORITHM + "'.");
    }
    Map<String, String> parts = parts(authorization.substring(SigV4.ALGORITHM.length()));
    String time = head.header("x-amz-date");
    StringBuilder missing = new StringBuilder();
    for (String name : List.of("Credential", "Signature", "SignedHeaders")) {
      if (!parts.containsKey(name)) {
        missing.append("Authorization header requires '" + name + "' parameter. ");
      }
    }
    if (time == null) {
      missing.append("Authorization header requires existence of an 'X-Amz-Date' header. ");
    }
    if (missing.length() > 0 || time == null) {
      throw incomplete(missing.toString().strip());
    }
    String[] credential = parts.getOrDefault("Credential", "").split("/", -1);
    if (credential.length != 5 || !credential[4].equals("aws4_request")) {
      throw incomplete(
          "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request.");
    }
    return new Signed(
        credential[0],
        new SigV4.Scope(credential[1], credential[2], credential[3]),
        time,
        Arrays.asList(parts.getOrDefault("SignedHeaders", "").split(";")),
        parts.getOrDefault("Signature", ""));
  }

  private static Map<String, String> parts(String text) {
    Map<String, String> parts = new HashMap<>();
    for (String part : text.split(",")) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        parts.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
      }
    }
    return parts;
  }

  private void checkKey(Head head, Signed signed) {
    boolean known = MessageDigest.isEqual(keyId, signed.keyId.getBytes(StandardCharsets.UTF_8));
    if (!known || head.header("x-amz-security-token") != null) {
      throw new AwsException(
          "UnrecognizedClientException",
          "The security token included in the request is invalid."
              + (known ? " The lake's key has none: unset AWS_SESSION_TOKEN" : ""));
    }
  }

  private void checkTime(Signed signed) {
    Instant now = clock.instant();
    Instant then = time(signed.time);
    if (then == null) {
      throw incomplete(
          "Date must be in ISO-8601 'basic format'. Got '" + shown(signed.time) + "'.");
    } else if (then.isBefore(now.minus(SKEW))) {
      throw invalid(
          "Signature expired: "
              + signed.time
              + " is now earlier than "
              + text(now.minus(SKEW))
              + " ("
              + text(now)
              + " - 5 min.)");
    } else if (then.isAfter(now.plus(SKEW))) {
      throw invalid(
          "Signature not yet current: "
              + signed.time
              + " is still later than "
              + text(now.plus(SKEW))
              + " ("
              + text(now)
              + " + 5 min.)");
    } else if (!signed.time.startsWith(signed.scope.day() + "T")) {
      throw invalid(
          "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.");
    }
  }

  private static void checkScope(Signed signed, String service) {
    if (!signed.scope.service().equals(service)) {
      throw invalid("Credential should be scoped to correct service: '" + service + "'.");
    } else if (signed.scope.region().isEmpty()) {
      throw invalid("Credential should be scoped to a valid region.");
    }
  }

  /** What is not signed could be another's. */
  private static void checkCoverage(Head head, Signed signed) {
    if (!signed.headers.contains("host")) {
      throw invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");
    }
    for (Map.Entry<String, List<String>> header : head.headers().entrySet()) {
      boolean covered =
          !header.getKey().startsWith("x-amz-") || signed.headers.contains(header.getKey());
      if (!covered || (signed.headers.contains(header.getKey()) && header.getValue().size() > 1)) {
        throw invalid(
            "'"
                + shown(header.getKey())
                + "' must be a 'SignedHeader' in the AWS Authorization, once.");
      }
    }
    String announced = head.header("x-amz-content-sha256");
    if (announced != null && !announced.matches("[0-9a-f]{64}")) {
      throw invalid(
          "x-amz-content-sha256 is '"
              + shown(announced)
              + "': this service takes signed bodies only.");
    }
  }

  private static boolean equal(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable Instant time(String text) {
    try {
      return LocalDateTime.parse(text, TIME).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static String text(Instant time) {
    return TIME.withZone(ZoneOffset.UTC).format(time);
  }

  private static String shown(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "…" : text;
  }

  private static AwsException invalid(String message) {
    return new AwsException("InvalidSignatureException", message);
  }

  private static AwsException incomplete(String message) {
    return new AwsException("IncompleteSignatureException", message);
  }
}
