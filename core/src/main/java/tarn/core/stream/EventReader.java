package tarn.core.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tarn.core.event.LogRecord;
import tarn.core.lake.EventSchema;
import tarn.core.storage.Hashes;

/**
 * Looks at an event once: whether it is one JSON object in UTF-8, what its id is, and where it
 * belongs. For use by one thread.
 */
final class EventReader {
  private static final int ID_BYTES = 16;
  private static final int DEEPEST = 100;
  private static final int ID = 0;
  private static final int TYPE = 1;
  private static final int SUBTYPE = 2;
  private static final int TIME = 3;
  private static final int FIELDS = 4;

  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long NOT_ASCII = 0x8080808080808080L;

  /** Ids and contents are hashed into the same space; this keeps them apart. */
  private static final byte[] ID_MARK = {0};

  private static final byte[] CONTENT_MARK = {1};

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
          .build();

  /** Numbers with a fraction are doubles: a decimal of 10^999999999 could not be divided. */
  private static final ObjectMapper TREES = new ObjectMapper();

  private final List<String> idPath;
  private final boolean hashWithoutId;
  private final Wanted wanted = new Wanted();
  private final Optional<EventSchema> schema;
  private final EventFolder folders;
  private final @Nullable String[] values = new @Nullable String[FIELDS];
  private final List<Names> names = new ArrayList<>();
  private final MessageDigest sha256 = Hashes.sha256();
  private final CRC32C crc32c = new CRC32C();
  private final CRC32 crc32 = new CRC32();
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private final CharBuffer chars = CharBuffer.allocate(1 << 13);

  EventReader(StreamRules rules) {
    StreamRules.Fields fields = rules.fields();
    this.idPath = fields.id();
    this.hashWithoutId = rules.hashWithoutId();
    this.schema = rules.schema();
    this.folders = new EventFolder(fields, rules.times());
    wanted.add(fields.id(), ID);
    wanted.add(fields.type(), TYPE);
    wanted.add(fields.subtype(), SUBTYPE);
    wanted.add(fields.time(), TIME);
  }

  /** Fields to look for, by the names on the way to them. */
  private static final class Wanted {
    private final Map<String, Wanted> below = new HashMap<>();
    private final List<Integer> here = new ArrayList<>();

    void add(List<String> path, int field) {
      if (!path.isEmpty()) {
        Wanted at = this;
        for (String name : path) {
          at = at.below.computeIfAbsent(name, n -> new Wanted());
        }
        at.here.add(field);
      }
    }
  }

  /** What became of the bytes of an event. */
  sealed interface Read {
    /**
     * An event.
     *
     * @param id 16 bytes: of the SHA-256 of its id
     * @param payload a checksum of its bytes, never 0: their CRC-32C and their CRC-32
     * @param folder of raw, where it belongs
     */
    record Good(byte[] id, long payload, String folder) implements Read {}

    /** No event, and why. */
    record Bad(String reason) implements Read {}
  }

  Read read(LogRecord record) {
    byte[] bytes = record.bytes();
    String encoding = encoding(bytes);
    if (encoding != null) {
      return new Read.Bad(encoding);
    }
    Arrays.fill(values, null);
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Read.Bad(
            parser.currentToken() == null ? "it is empty" : "it is JSON, but no object");
      }
      object(parser, wanted, 0);
      if (parser.nextToken() != null) {
        return new Read.Bad("something follows the object");
      }
    } catch (IOException e) {
      return new Read.Bad("it is not JSON: " + firstLine(String.valueOf(e.getMessage())));
    }
    String misfit = schema.map(s -> misfit(s, bytes)).orElse("");
    if (!misfit.isEmpty()) {
      return new Read.Bad("it does not fit its schema: " + misfit);
    }
    String id = values[ID];
    if (id == null && !hashWithoutId) {
      return new Read.Bad("it has no id: '" + String.join(".", idPath) + "' is missing or null");
    }
    EventFolder.Found place =
        folders.of(values[TYPE], values[SUBTYPE], values[TIME], record.arrived());
    if (!place.problem().isEmpty()) {
      return new Read.Bad(place.problem());
    }
    byte[] hash =
        id == null ? hash(CONTENT_MARK, bytes) : hash(ID_MARK, id.getBytes(StandardCharsets.UTF_8));
    return new Read.Good(Arrays.copyOf(hash, ID_BYTES), checksum(bytes), place.folder());
  }

  /** Reads an object to its end, and notes the fields that are wanted. */
  private void object(JsonParser parser, @Nullable Wanted at, int depth) throws IOException {
    Names names = namesAt(depth);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (!names.add(name)) {
        throw new JsonParseException(parser, "Duplicate field '" + name + "'");
      }
      Wanted field = at == null ? null : at.below.get(name);
      JsonToken value = parser.nextToken();
      if (field != null && !field.here.isEmpty() && value.isScalarValue()) {
        if (value != JsonToken.VALUE_NULL) {
          note(field, parser.getText());
        }
      } else {
        value(parser, value, field, depth);
      }
    }
  }

  private void note(Wanted field, String text) {
    for (int which : field.here) {
      values[which] = text.isEmpty() ? null : text;
    }
  }

  /** Reads what is not wanted itself to its end. */
  private void value(JsonParser parser, JsonToken value, @Nullable Wanted field, int depth)
      throws IOException {
    if (value == JsonToken.START_OBJECT) {
      object(parser, field, depth + 1);
    } else if (value == JsonToken.START_ARRAY) {
      for (JsonToken element = parser.nextToken();
          element != JsonToken.END_ARRAY;
          element = parser.nextToken()) {
        value(parser, element, null, depth + 1);
      }
    } else if (value.isNumeric() || value == JsonToken.VALUE_STRING) {
      parser.finishToken();
    }
  }

  private Names namesAt(int depth) {
    while (names.size() <= depth) {
      names.add(new Names());
    }
    Names at = names.get(depth);
    at.clear();
    return at;
  }

  /**
   * The names of an object's fields so far. Jackson can look for those that are there twice, for a
   * fifth of the price of reading an event: it makes a set for every object.
   */
  private static final class Names {
    private static final int FEW = 12;

    private final String[] few = new String[FEW];
    private final Set<String> many = new HashSet<>();
    private int count;

    /** Whether it was not there. */
    boolean add(String name) {
      if (count < FEW) {
        for (int i = 0; i < count; i++) {
          if (few[i].equals(name)) {
            return false;
          }
        }
        few[count++] = name;
        return true;
      }
      if (many.isEmpty()) {
        many.addAll(Arrays.asList(few));
      }
      return many.add(name);
    }

    void clear() {
      count = 0;
      if (!many.isEmpty()) {
        many.clear();
      }
    }
  }

  private static String misfit(EventSchema schema, byte[] bytes) {
    try {
      return schema.problem(TREES.readTree(bytes));
    } catch (IOException e) {
      return firstLine(String.valueOf(e.getMessage()));
    }
  }

  private byte[] hash(byte[] mark, byte[] bytes) {
    sha256.update(mark);
    return sha256.digest(bytes);
  }

  /**
   * Tells apart what a client changed between two sendings, at a tenth of the price of SHA-256. Ids
   * need that, because an event that is taken for another is not delivered; what this takes for the
   * same is only counted as a duplicate instead of a conflict.
   */
  private long checksum(byte[] bytes) {
    crc32c.reset();
    crc32c.update(bytes, 0, bytes.length);
    crc32.reset();
    crc32.update(bytes, 0, bytes.length);
    long sum = crc32c.getValue() << Integer.SIZE | crc32.getValue();
    return sum == 0 ? 1 : sum;
  }

  /** What is wrong with the bytes as UTF-8; null if nothing. */
  private @Nullable String encoding(byte[] bytes) {
    if (bytes.length > 2 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb) {
      return "it begins with a byte order mark";
    }
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      if (bytes[i] == 0) {
        return "it begins with zero bytes: is it UTF-16?";
      }
    }
    if (isAscii(bytes)) {
      return null;
    }
    utf8.reset();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      while (true) {
        chars.clear();
        var result = utf8.decode(in, chars, true);
        if (result.isUnderflow()) {
          return null;
        } else if (result.isError()) {
          result.throwException();
        }
      }
    } catch (CharacterCodingException e) {
      return "it is not UTF-8: byte " + in.position() + " does not fit";
    }
  }

  private static boolean isAscii(byte[] bytes) {
    int i = 0;
    for (; i + Long.BYTES <= bytes.length; i += Long.BYTES) {
      if (((long) EIGHT.get(bytes, i) & NOT_ASCII) != 0) {
        return false;
      }
    }
    for (; i < bytes.length; i++) {
      if (bytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }
}
