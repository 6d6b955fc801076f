package tarn.server.aws;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request without its body.
 *
 * @param method {@code POST}
 * @param path as it was sent, still encoded
 * @param query as it was sent, without the question mark; empty if there is none
 * @param headers by name in lower case, the values in the order they were sent
 */
record Head(String method, String path, String query, Map<String, List<String>> headers) {

  /** The one value of a header; null if there is none. Of several, the first. */
  @Nullable String header(String name) {
    List<String> values = headers.get(name);
    return values == null || values.isEmpty() ? null : values.get(0);
  }
}
