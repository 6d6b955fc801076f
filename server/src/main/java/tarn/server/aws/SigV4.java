package tarn.server.aws;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signature Version 4: what a request's signature has to be. Follows AWS's "Create a signed AWS API
 * request"; the path is encoded once more, as for every service but S3. Safe for many threads.
 */
final class SigV4 {
  static final String ALGORITHM = "AWS4-HMAC-SHA256";

  private static final int MOST_DERIVED_KEYS = 64;
  private static final HexFormat HEX = HexFormat.of();

  private final String secret;
  private final Map<Scope, byte[]> derived = new ConcurrentHashMap<>();

  SigV4(String secret) {
    this.secret = secret;
  }

  /**
   * For what a derived key may be used.
   *
   * @param day {@code 20150830}
   */
  record Scope(String day, String region, String service) {
    String text() {
      return day + "/" + region + "/" + service + "/aws4_request";
    }
  }

  /**
   * The signature of a request, 64 hexadecimal digits.
   *
   * @param signedHeaders names in lower case, in the order of the signature
   * @param time {@code 20150830T123600Z}
   * @param payloadHash hexadecimal SHA-256 of the body
   */
  String signature(
      Head head, List<String> signedHeaders, String time, Scope scope, String payloadHash) {
    String canonical =
        String.join(
            "\n",
            head.method(),
            encodePath(head.path()),
            canonicalQuery(head.query()),
            canonicalHeaders(head, signedHeaders),
            String.join(";", signedHeaders),
            payloadHash);
    String toSign =
        String.join(
            "\n",
            ALGORITHM,
            time,
            scope.text(),
            sha256(canonical.getBytes(StandardCharsets.UTF_8)));
    return HEX.formatHex(hmac(key(scope), toSign));
  }

  static String sha256(byte[] bytes) {
    try {
      return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private byte[] key(Scope scope) {
    byte[] known = derived.get(scope);
    if (known != null) {
      return known;
    }
    byte[] key = hmac(("AWS4" + secret).getBytes(StandardCharsets.UTF_8), scope.day());
    key = hmac(key, scope.region());
    key = hmac(key, scope.service());
    key = hmac(key, "aws4_request");
    if (derived.size() >= MOST_DERIVED_KEYS) {
      derived.clear();
    }
    derived.put(scope, key);
    return key;
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every JDK has HMAC-SHA256", e);
    }
  }

  private static String canonicalHeaders(Head head, List<String> names) {
    StringBuilder lines = new StringBuilder();
    for (String name : names) {
      String values =
          head.headers().getOrDefault(name, List.of()).stream()
              .map(value -> value.strip().replaceAll(" +", " "))
              .collect(Collectors.joining(","));
      lines.append(name).append(':').append(values).append('\n');
    }
    return lines.toString();
  }

  private static String encodePath(String path) {
    return path.isEmpty()
        ? "/"
        : Arrays.stream(path.split("/", -1)).map(SigV4::encode).collect(Collectors.joining("/"));
  }

  private static String canonicalQuery(String query) {
    if (query.isEmpty()) {
      return "";
    }
    TreeMap<String, List<String>> sorted = new TreeMap<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      sorted
          .computeIfAbsent(encode(decode(name)), n -> new ArrayList<>())
          .add(encode(decode(value)));
    }
    return sorted.entrySet().stream()
        .flatMap(e -> e.getValue().stream().sorted().map(value -> e.getKey() + "=" + value))
        .collect(Collectors.joining("&"));
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text; // what it should be is not known: its signature will be another one
    }
  }

  /** RFC 3986: all but letters, digits and {@code -._~}, byte by byte. */
  private static String encode(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          b >= 'a' && b <= 'z'
              || b >= 'A' && b <= 'Z'
              || b >= '0' && b <= '9'
              || b == '-'
              || b == '.'
              || b == '_'
              || b == '~';
      if (plain) {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(HEX.withUpperCase().toHexDigits(b));
      }
    }
    return encoded.toString();
  }
}
