package tarn.iceberg;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.ObjectStore;

/**
 * Iceberg's metadata files as objects of the lake. They are small (manifests are split at 8 MB) and
 * immutable, so they are read and written whole and kept in a bounded cache. Data files do not pass
 * through here: the engine reads and writes them.
 */
final class LakeFileIO implements FileIO {
  private static final long serialVersionUID = 1L;
  private static final long CACHE_BYTES = 64L << 20;
  private static final int LARGEST_CACHED = 4 << 20;

  private final transient ObjectStore objects;
  private final transient Cache<String, byte[]> cache;
  private final transient List<String> written;

  LakeFileIO(ObjectStore objects) {
    this(
        objects,
        Caffeine.newBuilder()
            .maximumWeight(CACHE_BYTES)
            .<String, byte[]>weigher((k, v) -> v.length + 200)
            .build());
  }

  private LakeFileIO(ObjectStore objects, Cache<String, byte[]> cache) {
    this.objects = objects;
    this.cache = cache;
    this.written = new CopyOnWriteArrayList<>();
  }

  /** The same files, remembering apart what is written through it. */
  LakeFileIO recording() {
    return new LakeFileIO(objects, cache);
  }

  /**
   * Removes what was written through this instance: for a commit that is known not to have
   * happened.
   */
  void discardWritten() {
    written.forEach(this::deleteFile);
    written.clear();
  }

  /** After something could not be read: what comes from a backup is read anew. */
  void forget() {
    cache.invalidateAll();
  }

  @Override
  public InputFile newInputFile(String uri) {
    byte[] known = cache.getIfPresent(uri);
    if (known == null) {
      known = readAll(uri);
      if (known.length <= LARGEST_CACHED) {
        cache.put(uri, known);
      }
    }
    return new InMemoryInputFile(uri, known);
  }

  @Override
  public OutputFile newOutputFile(String uri) {
    return new ObjectOutput(uri);
  }

  @Override
  public void deleteFile(String uri) {
    objects.delete(objects.key(uri));
    cache.invalidate(uri);
  }

  String uri(tarn.core.storage.ObjectKey key) {
    return objects.uri(key);
  }

  tarn.core.storage.ObjectKey key(String uri) {
    return objects.key(uri);
  }

  private byte[] readAll(String uri) {
    try (InputStream in = objects.read(objects.key(uri))) {
      return in.readAllBytes();
    } catch (TarnException e) {
      throw e.code() == ErrorCode.NOT_FOUND ? missing(uri, e) : e;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + uri, e);
    }
  }

  /** A table lists it, so it is not that the caller asked for something that never was. */
  private static TarnException missing(String uri, TarnException cause) {
    return new TarnException(
        ErrorCode.CATALOG_CORRUPT,
        "the metadata file " + uri + " of a table is missing; restore it from a backup",
        cause);
  }

  private final class ObjectOutput implements OutputFile {
    private final String uri;

    ObjectOutput(String uri) {
      this.uri = uri;
    }

    @Override
    public PositionOutputStream create() {
      return new ObjectOutputStream(uri);
    }

    @Override
    public PositionOutputStream createOrOverwrite() {
      return create();
    }

    @Override
    public String location() {
      return uri;
    }

    @Override
    public InputFile toInputFile() {
      return newInputFile(uri);
    }
  }

  /** Collects the bytes and stores them when closed: the object appears whole. */
  private final class ObjectOutputStream extends PositionOutputStream {
    private final String uri;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean closed;

    ObjectOutputStream(String uri) {
      this.uri = uri;
    }

    @Override
    public long getPos() {
      return bytes.size();
    }

    @Override
    public void write(int b) {
      bytes.write(b);
    }

    @Override
    public void write(byte[] b, int offset, int length) {
      bytes.write(b, offset, length);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        byte[] all = bytes.toByteArray();
        written.add(uri);
        objects.put(objects.key(uri), all);
        if (all.length <= LARGEST_CACHED) {
          cache.put(uri, all);
        }
      }
    }
  }
}
