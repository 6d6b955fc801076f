package tarn.streams;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.stream.IdIndex;
import tarn.core.stream.IdIndexes;

/** Indexes in a folder, one below it for each stream. Safe for use by many threads. */
public final class RocksIdIndexes implements IdIndexes {
  private final Path folder;
  private final long cacheBytes;

  /**
   * @param folder made when the first index is opened
   * @param cacheBytes that an open index may keep in memory, besides 64 MiB for what it writes
   */
  public RocksIdIndexes(Path folder, long cacheBytes) {
    this.folder = folder;
    this.cacheBytes = cacheBytes;
  }

  @Override
  public IdIndex open(SourceName stream) {
    return RocksIdIndex.open(folder.resolve(stream.value()), cacheBytes);
  }

  @Override
  public void discard(SourceName stream) {
    Path index = folder.resolve(stream.value());
    if (!Files.exists(index)) {
      return;
    }
    try {
      // Without this file the others are damage: a removal that dies is one to begin again.
      Files.deleteIfExists(index.resolve("CURRENT"));
      for (Path path : below(index)) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE, "cannot remove " + index + ": " + e.getMessage(), e);
    }
  }

  private static List<Path> below(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.sorted(Comparator.reverseOrder()).toList();
    }
  }
}
