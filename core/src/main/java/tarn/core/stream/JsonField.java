package tarn.core.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A field of an event's bytes, which are read only as far as it. */
final class JsonField {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonField() {}

  /**
   * The text of a field; empty if the event has none of this name, if it is null or has no scalar
   * value, or if the event is no object.
   *
   * @param path the names on the way to it, outermost first; no names, no field
   * @throws IOException if the bytes up to it are no JSON
   */
  static Optional<String> text(byte[] event, List<String> path) throws IOException {
    if (path.isEmpty()) {
      return Optional.empty();
    }
    try (JsonParser parser = JSON.createParser(event)) {
      return Optional.ofNullable(
          parser.nextToken() == JsonToken.START_OBJECT ? text(parser, path, 0) : null);
    }
  }

  private static @Nullable String text(JsonParser parser, List<String> path, int depth)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean onTheWay = parser.currentName().equals(path.get(depth));
      JsonToken value = parser.nextToken();
      if (onTheWay && depth + 1 == path.size()) {
        return value.isScalarValue() && value != JsonToken.VALUE_NULL ? parser.getText() : null;
      } else if (onTheWay && value == JsonToken.START_OBJECT) {
        return text(parser, path, depth + 1);
      }
      parser.skipChildren();
    }
    return null;
  }
}
