package tarn.server;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * A request's body that ends only if it is the body that was announced: its end throws {@code
 * DATA_INVALID} if the bytes do not have the announced SHA-256, and {@code CANCELLED} if the client
 * went away in the middle.
 */
final class VerifiedBody extends FilterInputStream {
  private final @Nullable String announced;
  private final MessageDigest digest;
  private boolean ended;

  VerifiedBody(InputStream body, @Nullable String announcedSha256) {
    super(body);
    this.announced = announcedSha256;
    this.digest = sha256();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = readSome(buffer, offset, length);
    if (announced != null) {
      if (count > 0) {
        digest.update(buffer, offset, count);
      } else if (count < 0 && !ended) {
        ended = true;
        compare(announced);
      }
    }
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    return readNBytes((int) Math.min(count, 8192)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private int readSome(byte[] buffer, int offset, int length) throws IOException {
    try {
      return in.read(buffer, offset, length);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.CANCELLED, "the upload was cut off; send the file again", e);
    }
  }

  private void compare(String expected) {
    String actual = HexFormat.of().formatHex(digest.digest());
    if (!actual.equalsIgnoreCase(expected)) {
      throw new TarnException(
          ErrorCode.DATA_INVALID,
          "the upload has SHA-256 "
              + actual
              + " but was announced with "
              + expected
              + "; send the file again");
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
