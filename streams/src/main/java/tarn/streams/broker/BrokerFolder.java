package tarn.streams.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files of a broker: {@code secret} (256 random bits, for clients), {@code server.properties}
 * (made anew at each start) and {@code data}. Only their owner reads them.
 */
public final class BrokerFolder {
  /** The only user there is. */
  public static final String USER = "tarn";

  private static final int SECRET_BYTES = 32;

  private final Path folder;

  public BrokerFolder(Path folder) {
    this.folder = folder.toAbsolutePath();
  }

  public Path path() {
    return folder;
  }

  public Path properties() {
    return folder.resolve("server.properties");
  }

  public Path data() {
    return folder.resolve("data");
  }

  /** Kafka writes it when all else of a new folder is there. */
  public Path formatted() {
    return data().resolve("meta.properties");
  }

  /** What clients log in with; made by {@link #prepare}. */
  public String secret() throws IOException {
    return Files.readString(folder.resolve("secret"), StandardCharsets.UTF_8).strip();
  }

  /** Follows from the secret: a folder whose secret was exchanged is told from its own. */
  public String clusterId() throws IOException {
    byte[] hash = sha256("cluster " + secret());
    // Kafka refuses ids that begin with a dash.
    hash[0] &= 0x7f;
    return base64(Arrays.copyOf(hash, 16));
  }

  /** Makes the folder and the secret if they are not there, each whole or not at all. */
  public void prepare() throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    if (!Files.exists(folder.resolve("secret"))) {
      write(folder.resolve("secret"), random());
    }
  }

  /** Fails if the data were made with another secret: nobody could get in. */
  public void checkSecret() throws IOException {
    if (Files.exists(formatted())
        && !Files.readString(formatted(), StandardCharsets.UTF_8)
            .contains("cluster.id=" + clusterId())) {
      throw new IOException(
          "its secret is not the one its data were made with: bring the file 'secret' back, or remove the folder to begin with an empty log");
    }
  }

  /** Writes the broker's settings. */
  public void writeProperties(Map<String, String> settings) throws IOException {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(settings)
        .forEach(
            (key, value) ->
                text.append(key).append('=').append(value.replace("\\", "\\\\")).append('\n'));
    write(properties(), text.toString());
  }

  /** 256 random bits as text. */
  public static String random() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return base64(bytes);
  }

  private static void write(Path file, String text) throws IOException {
    Path half = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(half);
    Files.createFile(half, ownerOnly());
    Files.writeString(half, text, StandardCharsets.UTF_8, StandardOpenOption.SYNC);
    Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static FileAttribute<?> ownerOnly() {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException("every JVM has SHA-256", e));
    }
  }
}
