package tarn.core.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Which shard an event belongs to by its partition key, as Kinesis has it: the MD5 of the key's
 * UTF-8 is a number of 128 bits, and every shard has an equal range of them.
 */
public final class ShardChoice {
  private static final int HASH_BITS = 128;
  private static final JsonFactory JSON = new JsonFactory();

  private ShardChoice() {}

  /** The shard of a key, from 0. */
  public static int of(String key, int shards) {
    try {
      byte[] md5 = MessageDigest.getInstance("MD5").digest(key.getBytes(StandardCharsets.UTF_8));
      return new BigInteger(1, md5)
          .multiply(BigInteger.valueOf(shards))
          .shiftRight(HASH_BITS)
          .intValueExact();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  /**
   * The shard of an event; empty if the event has no such field, or is none.
   *
   * @param path the names on the way to the key, outermost first
   */
  public static OptionalInt of(byte[] event, List<String> path, int shards) {
    try (JsonParser parser = JSON.createParser(event)) {
      String key = parser.nextToken() == JsonToken.START_OBJECT ? key(parser, path, 0) : null;
      return key == null ? OptionalInt.empty() : OptionalInt.of(of(key, shards));
    } catch (IOException e) {
      return OptionalInt.empty(); // what is wrong with it, the delivery tells
    }
  }

  private static @Nullable String key(JsonParser parser, List<String> path, int depth)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean onTheWay = parser.currentName().equals(path.get(depth));
      JsonToken value = parser.nextToken();
      if (onTheWay && depth + 1 == path.size()) {
        return value.isScalarValue() && value != JsonToken.VALUE_NULL ? parser.getText() : null;
      } else if (onTheWay && value == JsonToken.START_OBJECT) {
        return key(parser, path, depth + 1);
      }
      parser.skipChildren();
    }
    return null;
  }
}
