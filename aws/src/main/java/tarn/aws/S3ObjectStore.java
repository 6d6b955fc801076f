package tarn.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.StorageClass;
import tarn.core.storage.Buckets;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectInfo;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;

/**
 * Objects behind an S3 API, with bounded local copies for readers that need files. Calls are
 * retried a few times by the SDK; an outage is reported, never taken for absence.
 */
public final class S3ObjectStore implements ObjectStore {
  private static final int MAX_ATTEMPTS = 4;
  private static final int NAMES_LOCKS = 64;
  private static final int MOST_OF_NAME = 80;
  private static final long MAX_COPY_BYTES = 5L << 30;

  private final S3Client s3;
  private final Buckets buckets;
  private final S3Failures failures;
  private final S3Upload upload;
  private final LocalCopies copies;

  /** Puts and moves of this process to one name take turns; see RATIONALE.md. */
  private final Lock[] names =
      Stream.generate(ReentrantLock::new).limit(NAMES_LOCKS).toArray(Lock[]::new);

  /** Connects and makes the buckets that are missing; {@code STORAGE_UNAVAILABLE} if it cannot. */
  public S3ObjectStore(S3Settings settings, Buckets buckets) {
    this.buckets = buckets;
    this.failures = new S3Failures(settings);
    this.copies = new LocalCopies(settings.cacheDirectory(), settings.cacheBytes());
    this.s3 = client(settings);
    this.upload = new S3Upload(s3);
    try {
      for (Zone zone : Zone.values()) {
        makeBucket(buckets.name(zone), settings);
      }
    } catch (RuntimeException e) {
      s3.close();
      throw e;
    }
  }

  @Override
  public void put(ObjectKey key, Path file) {
    put(key, file, StorageClass.STANDARD);
  }

  @Override
  public void put(ObjectKey key, Path file, StorageClass storageClass) {
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new TarnException(
            ErrorCode.BAD_REQUEST, "'" + file + "' is not a regular file: it cannot be stored");
      }
      put(key, S3Upload.Body.of(file), storageClass);
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE, "'" + file + "' cannot be read: " + e, e);
    }
  }

  @Override
  public void put(ObjectKey key, byte[] bytes) {
    try {
      put(key, S3Upload.Body.of(bytes), StorageClass.STANDARD);
    } catch (IOException e) {
      throw new TarnException(ErrorCode.STORAGE_UNAVAILABLE, "'" + key + "': " + e, e);
    }
  }

  @Override
  public InputStream read(ObjectKey key) {
    try {
      return s3.getObject(r -> r.bucket(bucket(key)).key(key.path()));
    } catch (SdkException e) {
      throw readFailure(key, e);
    }
  }

  @Override
  public byte[] read(ObjectKey key, long offset, int length) {
    if (length == 0) {
      return stat(key).map(info -> new byte[0]).orElseThrow(() -> notFound(key));
    }
    String range = "bytes=" + offset + "-" + (offset + length - 1);
    try {
      return s3.getObjectAsBytes(r -> r.bucket(bucket(key)).key(key.path()).range(range))
          .asByteArrayUnsafe();
    } catch (SdkException e) {
      if (S3Failures.beyondTheEnd(e)) {
        return new byte[0];
      }
      throw readFailure(key, e);
    }
  }

  @Override
  public Optional<ObjectInfo> stat(ObjectKey key) {
    Optional<ObjectInfo> info = head(key);
    if (info.isEmpty()) {
      requireBucket(key);
    }
    return info;
  }

  @Override
  public void list(Zone zone, String prefix, Consumer<ObjectInfo> visitor) {
    if (!canStartAPath(prefix)) {
      return;
    }
    String bucket = buckets.name(zone);
    try {
      for (S3Object object :
          s3.listObjectsV2Paginator(r -> r.bucket(bucket).prefix(prefix)).contents()) {
        if (!object.key().endsWith("/")) {
          visitor.accept(info(key(zone, object.key()), object));
        }
      }
    } catch (SdkException e) {
      throw failures.report(bucket, e);
    }
  }

  @Override
  public void delete(ObjectKey key) {
    try {
      s3.deleteObject(r -> r.bucket(bucket(key)).key(key.path()));
    } catch (SdkException e) {
      if (!S3Failures.absent(e)) {
        throw failures.report(uri(key), e);
      }
    }
  }

  @Override
  public void move(ObjectKey from, ObjectKey to) {
    if (from.equals(to)) {
      return;
    }
    ObjectInfo source = stat(from).orElseThrow(() -> notFound(from));
    Lock lock = lock(to);
    lock.lock();
    try {
      if (head(to).isPresent()) {
        requireEqual(to, source.bytes(), () -> read(from));
      } else {
        copy(source, to);
      }
    } catch (SdkException e) {
      throw failures.report(uri(to), e);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE, "'" + to + "' cannot be compared: " + e, e);
    } finally {
      lock.unlock();
    }
    delete(from);
  }

  @Override
  public FileLease localize(ObjectKey key) {
    ObjectInfo info = stat(key).orElseThrow(() -> notFound(key));
    String own = key.name();
    String end = own.substring(Math.max(0, own.length() - MOST_OF_NAME));
    String name = sha256(uri(key) + "\n" + info.version() + "\n" + info.bytes()) + "-" + end;
    return copies.lease(name, info.bytes(), file -> download(info, file));
  }

  @Override
  public Path stagingDirectory(Zone zone) {
    return copies.stagingDirectory();
  }

  @Override
  public String uri(ObjectKey key) {
    return buckets.uri(key);
  }

  @Override
  public ObjectKey key(String uri) {
    return buckets.key(uri);
  }

  @Override
  public void close() {
    s3.close();
  }

  private void put(ObjectKey key, S3Upload.Body body, StorageClass storageClass)
      throws IOException {
    Lock lock = lock(key);
    lock.lock();
    try {
      if (head(key).isPresent()) {
        requireEqual(key, body.size(), body::open);
      } else {
        upload.create(bucket(key), key.path(), body, storageClass);
      }
    } catch (SdkException e) {
      if (!S3Failures.taken(e) && !(S3Failures.unanswered(e) && head(key).isPresent())) {
        throw failures.report(uri(key), e);
      }
      requireEqual(key, body.size(), body::open);
    } finally {
      lock.unlock();
    }
  }

  private void copy(ObjectInfo source, ObjectKey to) {
    if (source.bytes() > MAX_COPY_BYTES) {
      throw new TarnException(
          ErrorCode.LIMIT_EXCEEDED,
          "'" + source.key() + "' cannot be moved: S3 copies at most 5 GiB at once");
    }
    s3.copyObject(
        r ->
            r.sourceBucket(bucket(source.key()))
                .sourceKey(source.key().path())
                .copySourceIfMatch(source.version())
                .destinationBucket(bucket(to))
                .destinationKey(to.path()));
  }

  private void download(ObjectInfo info, Path file) {
    ObjectKey key = info.key();
    try (InputStream in =
        s3.getObject(r -> r.bucket(bucket(key)).key(key.path()).ifMatch(info.version()))) {
      Files.copy(in, file);
    } catch (SdkException e) {
      throw readFailure(key, e);
    } catch (IOException e) {
      boolean full = String.valueOf(e.getMessage()).contains("No space left");
      throw new TarnException(
          full ? ErrorCode.DISK_FULL : ErrorCode.STORAGE_UNAVAILABLE,
          "'" + key + "' could not be copied to '" + file + "': " + e,
          e);
    }
  }

  /** An object as large as the bytes in hand and of the same bytes, or ALREADY_EXISTS. */
  private void requireEqual(ObjectKey key, long size, S3Upload.Source bytes) throws IOException {
    boolean equal = head(key).filter(info -> info.bytes() == size).isPresent();
    if (equal) {
      try (InputStream there = read(key);
          InputStream mine = bytes.open()) {
        equal = sameBytes(there, mine);
      }
    }
    if (!equal) {
      throw new TarnException(
          ErrorCode.ALREADY_EXISTS,
          "'" + key + "' exists with other bytes; objects are never overwritten: use a new name");
    }
  }

  private static boolean sameBytes(InputStream one, InputStream other) throws IOException {
    int step = 1 << 16;
    while (true) {
      byte[] first = one.readNBytes(step);
      if (!Arrays.equals(first, other.readNBytes(step))) {
        return false;
      }
      if (first.length < step) {
        return true;
      }
    }
  }

  private Optional<ObjectInfo> head(ObjectKey key) {
    try {
      HeadObjectResponse head = s3.headObject(r -> r.bucket(bucket(key)).key(key.path()));
      return Optional.of(
          new ObjectInfo(key, head.contentLength(), head.lastModified(), head.eTag()));
    } catch (SdkException e) {
      if (S3Failures.absent(e)) {
        return Optional.empty();
      }
      throw failures.report(uri(key), e);
    }
  }

  /** The answer to HEAD has no body: a missing bucket looks like a missing object. */
  private void requireBucket(ObjectKey key) {
    try {
      s3.headBucket(r -> r.bucket(bucket(key)));
    } catch (SdkException e) {
      throw failures.report(bucket(key), e);
    }
  }

  private TarnException readFailure(ObjectKey key, SdkException e) {
    return S3Failures.absent(e) ? notFound(key) : failures.report(uri(key), e);
  }

  private static TarnException notFound(ObjectKey key) {
    return new TarnException(ErrorCode.NOT_FOUND, "there is no object '" + key + "'");
  }

  private static ObjectInfo info(ObjectKey key, S3Object object) {
    return new ObjectInfo(key, object.size(), object.lastModified(), object.eTag());
  }

  private static ObjectKey key(Zone zone, String path) {
    try {
      return new ObjectKey(zone, path);
    } catch (TarnException e) {
      throw new TarnException(
          ErrorCode.DATA_INVALID,
          "the object '" + path + "' of zone " + zone.label() + " has a name that Tarn cannot use",
          e);
    }
  }

  private static boolean canStartAPath(String prefix) {
    int end = prefix.lastIndexOf('/');
    return end < 0
        || Arrays.stream(prefix.substring(0, end).split("/", -1))
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
  }

  private String bucket(ObjectKey key) {
    return buckets.name(key.zone());
  }

  private Lock lock(ObjectKey key) {
    return names[Math.floorMod(key.hashCode(), NAMES_LOCKS)];
  }

  private void makeBucket(String bucket, S3Settings settings) {
    try {
      s3.headBucket(r -> r.bucket(bucket));
      return;
    } catch (SdkException e) {
      if (S3Failures.status(e) != 404) {
        throw failures.report(bucket, e);
      }
    }
    try {
      boolean elsewhere = settings.endpoint() == null && !settings.region().equals("us-east-1");
      s3.createBucket(
          r -> {
            r.bucket(bucket);
            if (elsewhere) {
              r.createBucketConfiguration(c -> c.locationConstraint(settings.region()));
            }
          });
    } catch (SdkException e) {
      if (!S3Failures.bucketIsOurs(e)) {
        throw failures.report(bucket, e);
      }
    }
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new TarnException(ErrorCode.INTERNAL, "this Java has no SHA-256", e);
    }
  }

  private static S3Client client(S3Settings settings) {
    var builder =
        S3Client.builder()
            .region(Region.of(settings.region()))
            .credentialsProvider(credentials(settings))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(Duration.ofSeconds(5))
                    .socketTimeout(Duration.ofSeconds(60)))
            .forcePathStyle(true)
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(
                c ->
                    c.retryStrategy(
                        AwsRetryStrategy.standardRetryStrategy().toBuilder()
                            .maxAttempts(MAX_ATTEMPTS)
                            .build()));
    URI endpoint = settings.endpoint();
    return (endpoint == null ? builder : builder.endpointOverride(endpoint)).build();
  }

  private static AwsCredentialsProvider credentials(S3Settings settings) {
    S3Settings.Key key = settings.key();
    return key == null
        ? DefaultCredentialsProvider.builder().build()
        : StaticCredentialsProvider.create(AwsBasicCredentials.create(key.id(), key.secret()));
  }
}
