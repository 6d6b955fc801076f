package tarn.core.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of bytes on their way. */
public final class Hashes {
  private static final int BUFFER = 1 << 18;

  private Hashes() {}

  /**
   * Bytes that went by.
   *
   * @param bytes how many
   * @param sha256 of them, lower-case hex
   */
  public record Summed(long bytes, String sha256) {}

  /** Copies to the end. */
  public static Summed copy(InputStream in, OutputStream out) throws IOException {
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

  public static Summed of(InputStream in) throws IOException {
    return copy(in, OutputStream.nullOutputStream());
  }

  public static Summed of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in);
    }
  }

  public static Summed of(byte[] bytes) {
    return new Summed(bytes.length, HexFormat.of().formatHex(sha256().digest(bytes)));
  }

  /** The hash of a text, lower-case hex. */
  public static String of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8)).sha256();
  }

  /** A new one. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
