package tarn.testkit;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import tarn.core.storage.Buckets;

/** A real S3 API over a folder: S3Proxy on a free port of the loopback, with credentials. */
public final class S3Fixture implements AutoCloseable {
  public static final String ACCESS_KEY_ID = "tarn-test-key";
  public static final String SECRET_ACCESS_KEY = "tarn-test-secret";
  public static final String REGION = "us-east-1";

  private static final AtomicInteger LAKES = new AtomicInteger();

  private final S3Proxy proxy;
  private final URI endpoint;

  private S3Fixture(S3Proxy proxy) {
    this.proxy = proxy;
    this.endpoint = URI.create("http://127.0.0.1:" + proxy.getPort());
  }

  /** Starts a server whose objects are files below a folder. */
  public static S3Fixture start(Path folder) {
    try {
      Files.createDirectories(folder);
      S3Proxy proxy =
          S3Proxy.builder()
              .blobStore(new FilesystemNio2BlobStore(folder.toString()))
              .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY_ID, SECRET_ACCESS_KEY)
              .endpoint(URI.create("http://127.0.0.1:0"))
              .ignoreUnknownHeaders(true)
              .build();
      proxy.start();
      return new S3Fixture(proxy);
    } catch (IOException e) {
      throw new AssertionError("no folder for S3Proxy: " + folder, e);
    } catch (Exception e) {
      throw new AssertionError("S3Proxy did not start", e);
    }
  }

  /** {@code http://127.0.0.1:<port>}. */
  public URI endpoint() {
    return endpoint;
  }

  /** The buckets of a lake that this server has not seen. */
  public static Buckets freshBuckets() {
    return new Buckets("lake" + LAKES.incrementAndGet(), "test");
  }

  @Override
  public void close() {
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new AssertionError("S3Proxy did not stop", e);
    }
  }
}
