package tarn.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Where in its source a file is to land: {@code year=2025/month=10/orders.csv}. Relative, at most
 * 900 bytes, parts of at most 255 bytes that are not {@code .} or {@code ..} and have no control
 * character and no backslash.
 *
 * @param folder all but the last part; empty for none
 * @param name the last part
 */
record UploadPath(String folder, String name) {
  private static final int LONGEST = 900;
  private static final int LONGEST_PART = 255;

  static UploadPath parse(String path) {
    List<String> parts = List.of(path.split("/", -1));
    if (bytes(path) > LONGEST || !parts.stream().allMatch(UploadPath::isPart)) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "'"
              + path
              + "' is not a path to land at: relative, like year=2025/orders.csv, without '.', '..', empty parts, backslashes or control characters");
    }
    int slash = path.lastIndexOf('/');
    return slash < 0
        ? new UploadPath("", path)
        : new UploadPath(path.substring(0, slash), path.substring(slash + 1));
  }

  private static boolean isPart(String part) {
    return !part.isEmpty()
        && !part.equals(".")
        && !part.equals("..")
        && bytes(part) <= LONGEST_PART
        && part.chars().noneMatch(c -> Character.isISOControl(c) || c == '\\');
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
