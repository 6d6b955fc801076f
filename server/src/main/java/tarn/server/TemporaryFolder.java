package tarn.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * A folder below the system's temporary one, removed when closed with all that is in it. Links are
 * removed, not followed; what cannot be removed is left to the system.
 */
record TemporaryFolder(Path path) implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryFolder.class);

  /** Makes one; {@code STORAGE_UNAVAILABLE} if it cannot. */
  static TemporaryFolder make(String prefix) {
    try {
      return new TemporaryFolder(Files.createTempDirectory(prefix));
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE, "cannot make a temporary folder: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("cannot remove all of {}", path, e);
    }
  }
}
