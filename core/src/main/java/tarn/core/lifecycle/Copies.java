package tarn.core.lifecycle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.StorageClass;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.Whereabouts.Archived;
import tarn.core.ledger.Whereabouts.Encoding;
import tarn.core.ledger.Whereabouts.Entry;
import tarn.core.storage.Hashes;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;

/**
 * Writes the bytes of files again: compressed into the archive zone, or as they were into raw.
 * Every copy is read and compared with the ledger's hash before it is stored.
 */
final class Copies {
  /** Files that compress to more than this part of their size are kept as they are. */
  private static final double WORTHWHILE = 0.95;

  private static final int BUFFER_BYTES = 1 << 16;

  private final ObjectStore objects;

  Copies(ObjectStore objects) {
    this.objects = objects;
  }

  /**
   * Stores a raw file's bytes in the archive zone; {@code FILE_DAMAGED} if they are not its own.
   */
  Archived toArchive(Entry entry, String token, StorageClass storageClass) {
    RawFile file = entry.file();
    return staged(
        Zone.ARCHIVE,
        file.key(),
        staging -> {
          Path packed = staging.resolve("packed");
          try (OutputStream out =
              new GZIPOutputStream(Files.newOutputStream(packed), BUFFER_BYTES)) {
            copy(objects.read(file.key()), out, file, file.key());
          }
          Encoding encoding =
              Files.size(packed) <= WORTHWHILE * file.bytes() ? Encoding.GZIP : Encoding.PLAIN;
          Path stored = encoding == Encoding.GZIP ? packed : staging.resolve("plain");
          if (encoding == Encoding.PLAIN) {
            try (OutputStream out = Files.newOutputStream(stored)) {
              copy(objects.read(file.key()), out, file, file.key());
            }
          }
          ObjectKey key = Names.archive(entry, token, encoding);
          copy(
              decoded(Files.newInputStream(stored), encoding),
              OutputStream.nullOutputStream(),
              file,
              key);
          long bytes = Files.size(stored);
          objects.put(key, stored, storageClass);
          return new Archived(key, bytes, encoding);
        });
  }

  /** Stores an archived file's bytes in raw; {@code FILE_DAMAGED} if they are not its own. */
  ObjectKey toRaw(Entry entry, String token) {
    Archived from = entry.archived().orElseThrow();
    return staged(
        Zone.RAW,
        from.key(),
        staging -> {
          Path plain = staging.resolve("plain");
          try (OutputStream out = Files.newOutputStream(plain)) {
            copy(decoded(objects.read(from.key()), from.encoding()), out, entry.file(), from.key());
          }
          ObjectKey key = Names.raw(entry, token);
          objects.put(key, plain);
          return key;
        });
  }

  private interface Step<T> {
    T in(Path staging) throws IOException;
  }

  private <T> T staged(Zone zone, ObjectKey what, Step<T> step) {
    Path staging = objects.stagingDirectory(zone);
    try {
      try {
        return step.in(staging);
      } finally {
        for (String name : new String[] {"packed", "plain"}) {
          Files.deleteIfExists(staging.resolve(name));
        }
        Files.deleteIfExists(staging);
      }
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (e instanceof java.util.zip.ZipException || e instanceof java.io.EOFException) {
        throw new TarnException(
            ErrorCode.FILE_DAMAGED,
            "'" + what + "' cannot be unpacked (" + message + "): restore it from a backup",
            e);
      }
      throw new TarnException(
          message.contains("No space left") ? ErrorCode.DISK_FULL : ErrorCode.STORAGE_UNAVAILABLE,
          "'" + what + "' was not copied: " + message,
          e);
    }
  }

  private static InputStream decoded(InputStream in, Encoding encoding) throws IOException {
    if (encoding == Encoding.PLAIN) {
      return in;
    }
    try {
      return new GZIPInputStream(in, BUFFER_BYTES);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Copies and closes a stream, which must have the file's bytes. */
  private static void copy(InputStream from, OutputStream to, RawFile file, ObjectKey key)
      throws IOException {
    String sha256;
    try (from) {
      sha256 = Hashes.copy(from, to).sha256();
    }
    if (!sha256.equals(file.sha256())) {
      throw new TarnException(
          ErrorCode.FILE_DAMAGED,
          "'"
              + key
              + "' has other bytes than those that landed (SHA-256 "
              + sha256
              + ", the ledger has "
              + file.sha256()
              + "): restore it from a backup");
    }
  }
}
