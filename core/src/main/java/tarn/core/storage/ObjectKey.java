package tarn.core.storage;

import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Where an object is: a zone and a path inside it, {@code landing/orders/2025-01.csv}. Paths use
 * {@code /}, have no empty, {@code .} or {@code ..} segment and no control character, and are 1 to
 * 1,024 bytes of UTF-8 (S3's limit).
 *
 * @param zone the bucket's zone
 * @param path the object's name inside the bucket
 */
public record ObjectKey(Zone zone, String path) {
  public static final int MAX_PATH_BYTES = 1024;

  public ObjectKey {
    check(path);
  }

  /** The last segment of the path. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The same zone, one level down. */
  public ObjectKey child(String name) {
    return new ObjectKey(zone, path + "/" + name);
  }

  @Override
  public String toString() {
    return zone.label() + ":" + path;
  }

  private static void check(String path) {
    if (path.isEmpty()
        || path.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      throw bad(path, "it must have 1 to " + MAX_PATH_BYTES + " bytes");
    }
    for (String segment : path.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw bad(path, "it must not have an empty, '.' or '..' part");
      }
    }
    if (path.chars().anyMatch(c -> c < 0x20 || c == 0x7f || c == '\\')) {
      throw bad(path, "it must not have control characters or backslashes");
    }
  }

  private static TarnException bad(String path, String why) {
    return new TarnException(
        ErrorCode.BAD_REQUEST, "'" + path + "' is not an object's path: " + why);
  }
}
