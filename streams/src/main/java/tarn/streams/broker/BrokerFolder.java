package tarn.streams.broker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import tarn.core.storage.Hashes;
import tarn.core.storage.OwnerOnly;

/**
 * The files of a broker: {@code secret} (256 random bits, for the lake), {@code producer.secret}
 * (others, for whoever puts events by Kafka's own protocol), {@code server.properties} (made anew
 * at each start) and {@code data}. Only their owner reads them.
 */
public final class BrokerFolder {
  /** The user that may do everything. */
  public static final String USER = "tarn";

  /** The user that may put events, and nothing else. */
  public static final String PRODUCER = "producer";

  /** Where its data are in its folder. */
  public static final String DATA = "data";

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
    return folder.resolve(DATA);
  }

  /** Kafka writes it when all else of a new folder is there. */
  public Path formatted() {
    return data().resolve("meta.properties");
  }

  /** What clients log in with; made by {@link #prepare}. */
  public String secret() throws IOException {
    return Files.readString(folder.resolve("secret"), StandardCharsets.UTF_8).strip();
  }

  /** What those who put events log in with; made by {@link #prepare}. */
  public String producerSecret() throws IOException {
    return Files.readString(folder.resolve("producer.secret"), StandardCharsets.UTF_8).strip();
  }

  /** Follows from the secret: a folder whose secret was exchanged is told from its own. */
  public String clusterId() throws IOException {
    byte[] hash = Hashes.sha256().digest(("cluster " + secret()).getBytes(StandardCharsets.UTF_8));
    // Kafka refuses ids that begin with a dash.
    hash[0] &= 0x7f;
    return base64(Arrays.copyOf(hash, 16));
  }

  /** Makes the folder and the secret if they are not there, each whole or not at all. */
  public void prepare() throws IOException {
    Files.createDirectories(folder);
    if (OwnerOnly.POSIX) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    if (!Files.exists(folder.resolve("secret"))) {
      write("secret", random());
    }
    if (!Files.exists(folder.resolve("producer.secret"))) {
      write("producer.secret", random());
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
    write("server.properties", text.toString());
  }

  /** 256 random bits as text. */
  public static String random() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return base64(bytes);
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Path half = folder.resolve(name + ".new");
    Files.deleteIfExists(half);
    Files.createFile(half, ownerOnly());
    Files.writeString(half, text, StandardCharsets.UTF_8, StandardOpenOption.SYNC);
    Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    if (OwnerOnly.POSIX) {
      try (FileChannel directory = FileChannel.open(folder)) {
        directory.force(true);
      }
    }
  }

  private static FileAttribute<?>[] ownerOnly() {
    if (!OwnerOnly.POSIX) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
