package tarn.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON texts from and to {@link Fields}. Only Jackson's streaming classes are used, because a
 * command has a quarter of a second to start in. Numbers keep all their digits, both ways.
 * Duplicate fields are refused, as is nesting deeper than Jackson's limit.
 */
public final class Json {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Json() {}

  /** Writes a value (see {@link Fields}) on one line. NaN and infinities become texts. */
  public static String write(@Nullable Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      writeValue(generator, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /**
   * Reads one JSON object.
   *
   * @throws WireException if the text is not exactly one JSON object
   */
  public static Fields readObject(String text) {
    if (readValue(text) instanceof Fields fields) {
      return fields;
    }
    throw new WireException("not a JSON object: " + start(text));
  }

  private static @Nullable Object readValue(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      Object value = parser.currentToken() == null ? null : current(parser);
      if (parser.nextToken() != null) {
        throw new WireException("more than one JSON value: " + start(text));
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new WireException("not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Object current(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> whole(parser.getNumberValue());
      case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      default -> null;
    };
  }

  private static Fields object(JsonParser parser) throws IOException {
    Fields fields = new Fields();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      fields.with(name, current(parser));
    }
    return fields;
  }

  private static List<@Nullable Object> array(JsonParser parser) throws IOException {
    List<@Nullable Object> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(current(parser));
    }
    return elements;
  }

  private static Object whole(Number number) {
    return number instanceof BigInteger ? number : (Object) number.longValue();
  }

  private static void writeValue(JsonGenerator to, @Nullable Object value) throws IOException {
    if (value == null) {
      to.writeNull();
    } else if (value instanceof Boolean flag) {
      to.writeBoolean(flag);
    } else if (value instanceof Number number) {
      writeNumber(to, number);
    } else if (value instanceof Message message) {
      writeObject(to, message.fields().all());
    } else if (value instanceof Fields fields) {
      writeObject(to, fields.all());
    } else if (value instanceof Map<?, ?> map) {
      writeObject(to, map);
    } else if (value instanceof List<?> list) {
      writeArray(to, list);
    } else {
      to.writeString(value.toString());
    }
  }

  private static void writeNumber(JsonGenerator to, Number number) throws IOException {
    if (number instanceof BigDecimal decimal) {
      to.writeNumber(decimal);
    } else if (number instanceof BigInteger whole) {
      to.writeNumber(whole);
    } else if (number instanceof Double || number instanceof Float) {
      to.writeNumber(number.doubleValue());
    } else {
      to.writeNumber(number.longValue());
    }
  }

  private static void writeObject(JsonGenerator to, Map<?, ?> fields) throws IOException {
    to.writeStartObject();
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      to.writeFieldName(String.valueOf(field.getKey()));
      writeValue(to, field.getValue());
    }
    to.writeEndObject();
  }

  private static void writeArray(JsonGenerator to, List<?> elements) throws IOException {
    to.writeStartArray();
    for (Object element : elements) {
      writeValue(to, element);
    }
    to.writeEndArray();
  }

  private static String start(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }
}
