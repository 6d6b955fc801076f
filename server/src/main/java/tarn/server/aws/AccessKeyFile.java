package tarn.server.aws;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The file {@code <home>/aws-credentials} with the lake's access key, in the format of the AWS
 * CLI's credentials. Made at first use, as a whole or not at all, and readable by its owner only
 * from its first byte on.
 */
public final class AccessKeyFile {
  /** Its name in the lake's home. */
  public static final String NAME = "aws-credentials";

  private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final String PREFIX = "TARN"; // real ones begin with AKIA or ASIA
  private static final int ID_LETTERS = 16;
  private static final int SECRET_BYTES = 30;

  private AccessKeyFile() {}

  /**
   * The key of a home, made now if there is none. One process at a time may do this.
   *
   * @throws TarnException {@code FORBIDDEN} if others may read the file, {@code
   *     STORAGE_UNAVAILABLE} if it cannot be read or written, {@code DEFINITION_INVALID} if it has
   *     no key
   */
  public static AccessKey in(Path home) {
    Path file = home.resolve(NAME);
    try {
      return Files.exists(file) ? read(file) : make(file);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "cannot read or write the access key " + file + ": " + e.getMessage(),
          e);
    }
  }

  private static AccessKey read(Path file) throws IOException {
    Set<PosixFilePermission> may = Files.getPosixFilePermissions(file);
    if (!Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE).containsAll(may)) {
      throw new TarnException(
          ErrorCode.FORBIDDEN,
          "others may read "
              + file
              + " ("
              + PosixFilePermissions.toString(may)
              + "): `chmod 600` it, or delete it and a new key is made");
    }
    List<String> lines = Files.readAllLines(file);
    return new AccessKey(
        entry(lines, "aws_access_key_id", file), entry(lines, "aws_secret_access_key", file));
  }

  private static String entry(List<String> lines, String name, Path file) {
    return lines.stream()
        .filter(line -> line.startsWith(name) && line.indexOf('=') > 0)
        .map(line -> line.substring(line.indexOf('=') + 1).strip())
        .filter(value -> !value.isEmpty())
        .findFirst()
        .orElseThrow(
            () ->
                new TarnException(
                    ErrorCode.DEFINITION_INVALID,
                    file + " has no " + name + ": delete the file and a new key is made"));
  }

  private static AccessKey make(Path file) throws IOException {
    AccessKey key = random();
    Path fresh = file.resolveSibling(NAME + ".new");
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(fresh);
    write(
        fresh,
        "[default]\naws_access_key_id = "
            + key.id()
            + "\naws_secret_access_key = "
            + key.secret()
            + "\n");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    return key;
  }

  private static AccessKey random() {
    SecureRandom random = new SecureRandom();
    StringBuilder id = new StringBuilder(PREFIX);
    for (int i = 0; i < ID_LETTERS; i++) {
      id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return new AccessKey(
        id.toString(), Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
  }

  private static void write(Path file, String text) throws IOException {
    FileAttribute<?> onlyOwner =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), onlyOwner)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
  }
}
