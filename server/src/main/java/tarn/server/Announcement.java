package tarn.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import tarn.api.Json;
import tarn.api.ServerFile;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The file {@code <home>/server.json} by which clients find the server: there as a whole or not at
 * all, and readable by its owner only, from its first byte on.
 */
final class Announcement implements AutoCloseable {
  private final Path file;

  private Announcement(Path file) {
    this.file = file;
  }

  /** Writes it, in place of one that a killed server left. */
  static Announcement write(Path home, ServerFile server) {
    Path file = home.resolve(ServerFile.NAME);
    Path fresh = home.resolve(ServerFile.NAME + ".new");
    try {
      Files.deleteIfExists(fresh);
      writePrivately(fresh, Json.write(server));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      return new Announcement(file);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Takes it away. */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static void writePrivately(Path file, String text) throws IOException {
    FileAttribute<?> onlyOwner =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), onlyOwner)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
  }

  private static TarnException failed(Path file, IOException e) {
    return new TarnException(
        ErrorCode.STORAGE_UNAVAILABLE, "cannot write " + file + ": " + e.getMessage(), e);
  }
}
