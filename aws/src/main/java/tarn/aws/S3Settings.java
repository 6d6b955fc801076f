package tarn.aws;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How to reach an S3 API. Its text never shows the secret.
 *
 * @param endpoint of another server than AWS; null for AWS itself
 * @param region the region of the buckets
 * @param key null for the AWS SDK's own search: system properties, environment, the user's AWS
 *     files, the role of the container or machine
 * @param cacheDirectory for local copies and files being written; used by one process at a time
 * @param cacheBytes the most that copies may take
 */
public record S3Settings(
    @Nullable URI endpoint,
    String region,
    @Nullable Key key,
    Path cacheDirectory,
    long cacheBytes) {

  /** A fixed key. Its text never shows the secret. */
  public record Key(String id, String secret) {
    @Override
    public String toString() {
      return "Key[id=" + id + ", secret=***]";
    }
  }
}
