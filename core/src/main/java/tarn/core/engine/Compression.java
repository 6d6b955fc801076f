package tarn.core.engine;

/** How a raw file is compressed, found from its first bytes and not from its name. */
public enum Compression {
  NONE,
  GZIP,
  ZSTD
}
