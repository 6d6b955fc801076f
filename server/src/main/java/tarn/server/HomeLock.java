package tarn.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The lock on a lake's home: {@code <home>/lock}, which holds the owner's process id and port. The
 * operating system lets go of it when the process ends, however it ends; the file stays.
 */
final class HomeLock implements AutoCloseable {
  private final FileChannel channel;

  private HomeLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws TarnException {@code LAKE_LOCKED} if another process, or this one, has it
   */
  static HomeLock take(Path home) {
    Path file = home.resolve("lock");
    try {
      Files.createDirectories(home);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        String owner = read(channel);
        channel.close();
        throw new TarnException(
            ErrorCode.LAKE_LOCKED,
            "another server owns " + home + ": " + owner + "; stop it with `datalake down`");
      }
      HomeLock lock = new HomeLock(channel);
      lock.owner("pid " + ProcessHandle.current().pid() + ", starting");
      return lock;
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE, "cannot lock " + file + ": " + e.getMessage(), e);
    }
  }

  /** Lets others read where the owner listens. */
  void owner(int port) {
    owner("pid " + ProcessHandle.current().pid() + ", port " + port);
  }

  private void owner(String text) {
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(100);
    channel.read(text, 0);
    return new String(text.array(), 0, text.position(), StandardCharsets.UTF_8);
  }
}
