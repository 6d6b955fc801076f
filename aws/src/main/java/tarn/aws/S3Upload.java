package tarn.aws;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import tarn.core.lake.StorageClass;

/** Makes objects; those larger than 64 MiB in parts. The server refuses a name that is taken. */
final class S3Upload {
  static final long WHOLE_BYTES = 64L << 20;
  private static final long PART_BYTES = 32L << 20;
  private static final int MAX_PARTS = 10_000;
  private static final String ANY = "*";

  private final S3Client s3;

  /** Set once a server says that it does not know conditions on writes. */
  private volatile boolean unconditional;

  S3Upload(S3Client s3) {
    this.s3 = s3;
  }

  /** Bytes that can be read more than once. */
  @FunctionalInterface
  interface Source {
    InputStream open() throws IOException;
  }

  /** Bytes of a known number. */
  record Body(long size, Source source) {
    static Body of(Path file) throws IOException {
      return new Body(Files.size(file), () -> Files.newInputStream(file));
    }

    static Body of(byte[] bytes) {
      return new Body(bytes.length, () -> new ByteArrayInputStream(bytes));
    }

    InputStream open() throws IOException {
      return source.open();
    }
  }

  void create(String bucket, String key, Body body, StorageClass storageClass) throws IOException {
    try {
      upload(bucket, key, body, header(storageClass));
    } catch (SdkException e) {
      if (unconditional || !S3Failures.conditionsUnknown(e)) {
        throw e;
      }
      unconditional = true;
      upload(bucket, key, body, header(storageClass));
    }
  }

  /** Servers other than AWS's may know no classes: the usual one is not named. */
  private static @Nullable String header(StorageClass storageClass) {
    return storageClass == StorageClass.STANDARD ? null : storageClass.name();
  }

  private void upload(String bucket, String key, Body body, @Nullable String storageClass)
      throws IOException {
    if (body.size() <= WHOLE_BYTES) {
      RequestBody bytes = content(body, 0, body.size());
      s3.putObject(
          r -> r.bucket(bucket).key(key).storageClass(storageClass).ifNoneMatch(condition()),
          bytes);
    } else {
      inParts(bucket, key, body, storageClass);
    }
  }

  private void inParts(String bucket, String key, Body body, @Nullable String storageClass) {
    String id =
        s3.createMultipartUpload(r -> r.bucket(bucket).key(key).storageClass(storageClass))
            .uploadId();
    try {
      List<CompletedPart> parts = parts(bucket, key, id, body);
      s3.completeMultipartUpload(
          r ->
              r.bucket(bucket)
                  .key(key)
                  .uploadId(id)
                  .ifNoneMatch(condition())
                  .multipartUpload(m -> m.parts(parts)));
    } catch (RuntimeException e) {
      abort(bucket, key, id, e);
      throw e;
    }
  }

  private List<CompletedPart> parts(String bucket, String key, String id, Body body) {
    long partBytes = Math.max(PART_BYTES, body.size() / (MAX_PARTS - 1));
    List<CompletedPart> parts = new ArrayList<>();
    for (long from = 0; from < body.size(); from += partBytes) {
      int number = parts.size() + 1;
      long length = Math.min(partBytes, body.size() - from);
      String tag =
          s3.uploadPart(
                  r -> r.bucket(bucket).key(key).uploadId(id).partNumber(number),
                  content(body, from, length))
              .eTag();
      parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
    }
    return parts;
  }

  private void abort(String bucket, String key, String id, RuntimeException because) {
    try {
      s3.abortMultipartUpload(r -> r.bucket(bucket).key(key).uploadId(id));
    } catch (SdkException e) {
      because.addSuppressed(e);
    }
  }

  private @Nullable String condition() {
    return unconditional ? null : ANY;
  }

  private static RequestBody content(Body body, long from, long length) {
    return RequestBody.fromContentProvider(
        () -> {
          try {
            InputStream in = body.open();
            in.skipNBytes(from);
            return new Bounded(in, length);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        },
        length,
        "application/octet-stream");
  }

  /** The first bytes of a stream. */
  private static final class Bounded extends java.io.FilterInputStream {
    private long left;

    Bounded(InputStream in, long left) {
      super(in);
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      if (left <= 0) {
        return -1;
      }
      left--;
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int read = in.read(bytes, offset, (int) Math.min(length, left));
      left -= Math.max(read, 0);
      return read;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
