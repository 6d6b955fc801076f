package tarn.core.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of bytes on their way. */
final class Hashes {
  private static final int BUFFER = 1 << 18;

  private Hashes() {}

  /**
   * Bytes that went by.
   *
   * @param bytes how many
   * @param sha256 of them, lower-case hex
   */
  record Summed(long bytes, String sha256) {}

  /** Copies to the end. */
  static Summed copy(InputStream in, OutputStream out) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER];
    long bytes = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      digest.update(buffer, 0, n);
      out.write(buffer, 0, n);
      bytes += n;
    }
    return new Summed(bytes, HexFormat.of().formatHex(digest.digest()));
  }

  static Summed of(InputStream in) throws IOException {
    return copy(in, OutputStream.nullOutputStream());
  }

  static Summed of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in);
    }
  }

  static Summed of(byte[] bytes) {
    return new Summed(bytes.length, HexFormat.of().formatHex(sha256().digest(bytes)));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
