package tarn.server.shop;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Passwords that nobody chose. */
final class Secret {
  private static final int BYTES = 16;

  private Secret() {}

  static String fresh() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
