package tarn.core.engine.plan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Where a secret is: {@code env:NAME}, an environment variable of the server, or {@code
 * file:/absolute/path}, a file of its machine. The secret itself is read when work begins and is in
 * no plan, no log and no message.
 *
 * @param text as written
 */
public record SecretReference(String text) {
  private static final String ENV = "env:";
  private static final String FILE = "file:/";

  public SecretReference {
    if (!isReference(text)) {
      throw new IllegalArgumentException("not a reference to a secret");
    }
  }

  /** Reads a reference; empty if the text is none. */
  public static Optional<SecretReference> parse(String text) {
    return isReference(text) ? Optional.of(new SecretReference(text)) : Optional.empty();
  }

  private static boolean isReference(String text) {
    return text.matches("env:[A-Za-z_][A-Za-z0-9_]{0,127}")
        || text.matches("file:/[^\\p{Cntrl}]{1,1000}");
  }

  /**
   * Reads the secret: UTF-8 bytes of the variable, or the file's bytes without line ends at its
   * end.
   *
   * @throws TarnException DEFINITION_INVALID if it is not there or empty
   */
  public byte[] read() {
    byte[] secret = text.startsWith(ENV) ? environment() : file();
    if (secret.length == 0) {
      throw new TarnException(
          ErrorCode.DEFINITION_INVALID, "the secret " + text + " is empty or not set; set it");
    }
    return secret;
  }

  private byte[] environment() {
    String value = System.getenv(text.substring(ENV.length()));
    return value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] file() {
    try {
      byte[] bytes = Files.readAllBytes(Path.of(text.substring(FILE.length() - 1)));
      int end = bytes.length;
      while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
        end--;
      }
      return Arrays.copyOf(bytes, end);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.DEFINITION_INVALID, "the secret " + text + " cannot be read", e);
    }
  }
}
