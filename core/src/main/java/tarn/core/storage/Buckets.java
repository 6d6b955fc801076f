package tarn.core.storage;

import java.util.regex.Pattern;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The names of a lake's buckets: {@code <prefix>-<zone>-<environment>}, {@code shop-raw-dev}. S3's
 * rules for bucket names hold (3 to 63 of {@code a-z0-9-}, starting and ending with a letter or
 * digit).
 *
 * @param prefix the lake's prefix
 * @param environment the environment's name
 */
public record Buckets(String prefix, String environment) {
  private static final Pattern PART = Pattern.compile("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?");
  private static final int MAX_BUCKET_NAME = 63;

  public Buckets {
    if (!PART.matcher(prefix).matches() || !PART.matcher(environment).matches()) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "prefix '"
              + prefix
              + "' and environment '"
              + environment
              + "' must be a-z, 0-9 and '-', at most 40 characters");
    }
    if (prefix.length() + environment.length() + "-analytics-".length() > MAX_BUCKET_NAME) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "prefix and environment together are too long for a bucket's name (63 characters)");
    }
  }

  /** The bucket of a zone. */
  public String name(Zone zone) {
    return prefix + "-" + zone.label() + "-" + environment;
  }

  /** {@code s3://<bucket>/<path>}. */
  public String uri(ObjectKey key) {
    return "s3://" + name(key.zone()) + "/" + key.path();
  }

  /** The inverse of {@link #uri}; {@code BAD_REQUEST} for a URI of another lake. */
  public ObjectKey key(String uri) {
    for (Zone zone : Zone.values()) {
      String start = "s3://" + name(zone) + "/";
      if (uri.startsWith(start)) {
        return new ObjectKey(zone, uri.substring(start.length()));
      }
    }
    throw new TarnException(
        ErrorCode.BAD_REQUEST, "'" + uri + "' is not in one of this lake's buckets");
  }
}
