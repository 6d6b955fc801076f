package tarn.core.storage;

import java.nio.file.Path;

/** The right to read a local file; closing it gives the right back. */
public interface FileLease extends AutoCloseable {
  /** The absolute path of the file. */
  Path path();

  @Override
  void close();
}
