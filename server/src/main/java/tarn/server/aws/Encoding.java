package tarn.server.aws;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How requests and answers are written. Times are seconds with a fraction in JSON, and whole
 * milliseconds under tag 1 in CBOR; bytes are Base64 in JSON and bytes in CBOR.
 */
enum Encoding {
  JSON("application/x-amz-json-1.1"),
  CBOR("application/x-amz-cbor-1.1");

  private static final int DEEPEST = 32;

  /** PutRecords with 500 records has 4,000 or so. */
  private static final int MOST_TOKENS = 100_000;

  private static final int CBOR_TIME = 1;
  private static final int MILLIS_DIGITS = 3;

  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder()
          .maxNestingDepth(DEEPEST)
          .maxStringLength(AwsGateway.MOST_BODY_BYTES)
          .build();
  private static final JsonFactory JSON_FACTORY =
      JsonFactory.builder().streamReadConstraints(LIMITS).build();
  private static final CBORFactory CBOR_FACTORY =
      CBORFactory.builder().streamReadConstraints(LIMITS).build();

  private final String contentType;

  Encoding(String contentType) {
    this.contentType = contentType;
  }

  String contentType() {
    return contentType;
  }

  /** That of a content type; null if it is none of these. */
  static @Nullable Encoding of(@Nullable String contentType) {
    String bare = contentType == null ? "" : contentType.split(";", 2)[0].strip();
    for (Encoding encoding : values()) {
      if (encoding.contentType.equals(bare.toLowerCase(Locale.ROOT))) {
        return encoding;
      }
    }
    return null;
  }

  private JsonFactory factory() {
    return this == CBOR ? CBOR_FACTORY : JSON_FACTORY;
  }

  /** Reads a request; {@code SerializationException} if it is no object, or has too many parts. */
  Input read(byte[] body) {
    try (JsonParser parser = factory().createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw AwsException.serialization("The request is no " + this + " object.");
      }
      Map<String, @Nullable Object> members = new Reader(parser).object();
      if (parser.nextToken() != null) {
        throw AwsException.serialization("Something follows the " + this + " object.");
      }
      return new Input(this, members);
    } catch (IOException | RuntimeException e) {
      if (e instanceof AwsException known) {
        throw known;
      }
      throw AwsException.serialization("The request is no " + this + " object.");
    }
  }

  /** What a parser has, as maps, lists, texts, bytes, numbers and booleans. */
  private static final class Reader {
    private final JsonParser parser;
    private int tokens;

    Reader(JsonParser parser) {
      this.parser = parser;
    }

    Map<String, @Nullable Object> object() throws IOException {
      Map<String, @Nullable Object> members = new LinkedHashMap<>();
      while (next() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        members.put(name, value(next()));
      }
      return members;
    }

    private List<@Nullable Object> array() throws IOException {
      List<@Nullable Object> elements = new ArrayList<>();
      for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
        elements.add(value(token));
      }
      return elements;
    }

    private @Nullable Object value(JsonToken token) throws IOException {
      return switch (token) {
        case START_OBJECT -> object();
        case START_ARRAY -> array();
        case VALUE_STRING -> parser.getText();
        case VALUE_EMBEDDED_OBJECT -> parser.getBinaryValue();
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        case VALUE_NULL -> null;
        default -> throw AwsException.serialization("The request is cut off.");
      };
    }

    private JsonToken next() throws IOException {
      if (++tokens > MOST_TOKENS) {
        throw AwsException.serialization("The request has more than " + MOST_TOKENS + " parts.");
      }
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw AwsException.serialization("The request is cut off.");
      }
      return token;
    }
  }

  /** Writes an answer. */
  byte[] write(Output output) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator to = factory().createGenerator(bytes)) {
      write(to, output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void write(JsonGenerator to, @Nullable Object value) throws IOException {
    if (value == null) {
      to.writeNull();
    } else if (value instanceof Output object) {
      to.writeStartObject();
      for (Map.Entry<String, Object> member : object.members().entrySet()) {
        to.writeFieldName(member.getKey());
        write(to, member.getValue());
      }
      to.writeEndObject();
    } else if (value instanceof List<?> list) {
      to.writeStartArray();
      for (Object element : list) {
        write(to, element);
      }
      to.writeEndArray();
    } else if (value instanceof Instant time) {
      time(to, time);
    } else {
      scalar(to, value);
    }
  }

  private static void scalar(JsonGenerator to, Object value) throws IOException {
    if (value instanceof String text) {
      to.writeString(text);
    } else if (value instanceof byte[] bytes) {
      to.writeBinary(bytes);
    } else if (value instanceof Boolean flag) {
      to.writeBoolean(flag);
    } else if (value instanceof Long number) {
      to.writeNumber(number);
    } else if (value instanceof Integer number) {
      to.writeNumber(number);
    } else {
      throw new IllegalStateException("cannot be written: " + value.getClass());
    }
  }

  private static void time(JsonGenerator to, Instant time) throws IOException {
    long millis = time.toEpochMilli();
    if (to instanceof CBORGenerator cbor) {
      cbor.writeTag(CBOR_TIME);
      cbor.writeNumber(millis);
    } else {
      to.writeNumber(new BigDecimal(BigInteger.valueOf(millis), MILLIS_DIGITS));
    }
  }

  /** The time that a number in a request stands for. */
  Instant time(Number number) {
    BigDecimal value = new BigDecimal(number.toString());
    return Instant.ofEpochMilli(
        (this == CBOR ? value : value.movePointRight(MILLIS_DIGITS)).longValue());
  }
}
