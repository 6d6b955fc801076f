package tarn.server;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Stands before every endpoint. A request passes if it names this machine as its host (a web page
 * that rebinds its own name to 127.0.0.1 does not) and carries the token of this server.
 */
final class Gate {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  private final byte[] expected;

  Gate(String token) {
    this.expected = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
  }

  void check(Context request) {
    protect(request);
    checkHost(request.header("Host"));
    checkToken(request.header("Authorization"));
  }

  private static void protect(Context answer) {
    answer
        .header("X-Content-Type-Options", "nosniff")
        .header("Cache-Control", "no-store")
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Resource-Policy", "same-origin");
  }

  private static void checkHost(@Nullable String host) {
    if (host == null || !LOOPBACK.contains(withoutPort(host.toLowerCase(Locale.ROOT)))) {
      throw new TarnException(
          ErrorCode.FORBIDDEN, "host '" + host + "' is not this machine: use 127.0.0.1");
    }
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  private void checkToken(@Nullable String authorization) {
    byte[] given = (authorization == null ? "" : authorization).getBytes(StandardCharsets.UTF_8);
    if (!MessageDigest.isEqual(expected, given)) {
      throw new TarnException(
          ErrorCode.UNAUTHENTICATED,
          "the request has no token of this server; the owner finds it in server.json");
    }
  }
}
