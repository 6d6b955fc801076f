package tarn.aws;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How to reach an S3 API. Its text never shows the secret.
 *
 * @param endpoint of another server than AWS; null for AWS itself
 * @param region the region of the buckets
 * @param accessKeyId the key's public half
 * @param secretAccessKey its secret half
 * @param cacheDirectory for local copies and files being written; used by one process at a time
 * @param cacheBytes the most that copies may take
 */
public record S3Settings(
    @Nullable URI endpoint,
    String region,
    String accessKeyId,
    String secretAccessKey,
    Path cacheDirectory,
    long cacheBytes) {

  @Override
  public String toString() {
    return "S3Settings[endpoint="
        + endpoint
        + ", region="
        + region
        + ", accessKeyId="
        + accessKeyId
        + ", secretAccessKey=***, cacheDirectory="
        + cacheDirectory
        + ", cacheBytes="
        + cacheBytes
        + "]";
  }
}
