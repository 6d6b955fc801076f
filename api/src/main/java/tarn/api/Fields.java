package tarn.api;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object, in order. Values are {@code null}, {@link String}, {@link
 * Boolean}, {@link Long}, {@link BigInteger}, {@link BigDecimal}, {@link List} and {@code Fields};
 * whoever writes may also give other numbers, {@link Instant}s and {@link Message}s. Not safe for
 * use by several threads while it is being filled.
 */
public final class Fields {
  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

  /** Adds a field; {@code null} is written as JSON's null. */
  public Fields with(String name, @Nullable Object value) {
    values.put(name, value);
    return this;
  }

  /** Adds all fields of another object. */
  public Fields with(Fields others) {
    values.putAll(others.values);
    return this;
  }

  /** A view of all fields, in order. */
  public Map<String, @Nullable Object> all() {
    return values;
  }

  /** The untyped value; null if it is null or not there. */
  public @Nullable Object value(String name) {
    return values.get(name);
  }

  /** A text that must be there. */
  public String text(String name) {
    return required(name, textOrNull(name), "a text");
  }

  /** A text, or null if it is null or not there. */
  public @Nullable String textOrNull(String name) {
    return as(name, String.class, "a text");
  }

  /** A whole number that must be there. */
  public long number(String name) {
    return required(name, as(name, Long.class, "a whole number"), "a whole number");
  }

  /** A whole number, or null if it is null or not there. */
  public @Nullable Long numberOrNull(String name) {
    return as(name, Long.class, "a whole number");
  }

  /** A whole number, or what it is when it is not there. */
  public long numberOr(String name, long otherwise) {
    Long number = as(name, Long.class, "a whole number");
    return number == null ? otherwise : number;
  }

  /** True or false; false if it is not there. */
  public boolean flag(String name) {
    return Boolean.TRUE.equals(as(name, Boolean.class, "true or false"));
  }

  /** A time, written as {@code 2026-01-31T23:59:59.123Z}, or null if it is null or not there. */
  public @Nullable Instant timeOrNull(String name) {
    String text = textOrNull(name);
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new WireException("field '" + name + "' is not a time: '" + text + "'", e);
    }
  }

  /** A list of texts; empty if it is not there. */
  public List<String> texts(String name) {
    return list(
        name,
        element -> {
          if (element instanceof String text) {
            return text;
          }
          throw wrongType(name, "a list of texts");
        });
  }

  /** A list of objects, each read by a function; empty if it is not there. */
  public <T> List<T> objects(String name, Function<Fields, T> read) {
    return list(
        name,
        element -> {
          if (element instanceof Fields fields) {
            return read.apply(fields);
          }
          throw wrongType(name, "a list of objects");
        });
  }

  /** Refuses an object that has other fields than these: a misspelled one must not be ignored. */
  public Fields only(String... known) {
    for (String name : values.keySet()) {
      if (!List.of(known).contains(name)) {
        throw new WireException(
            "field '" + name + "' is unknown; known are " + String.join(", ", known));
      }
    }
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Fields fields && values.equals(fields.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return Json.write(this);
  }

  private <T> List<T> list(String name, Function<@Nullable Object, T> read) {
    List<?> elements = as(name, List.class, "a list");
    List<T> result = new ArrayList<>();
    if (elements != null) {
      for (Object element : elements) {
        result.add(read.apply(element));
      }
    }
    return result;
  }

  private <T> @Nullable T as(String name, Class<T> type, String what) {
    Object value = values.get(name);
    if (value == null) {
      return null;
    }
    if (!type.isInstance(value)) {
      throw wrongType(name, what);
    }
    return type.cast(value);
  }

  private static <T> T required(String name, @Nullable T value, String what) {
    if (value == null) {
      throw new WireException("field '" + name + "' is missing; it is " + what);
    }
    return value;
  }

  private static WireException wrongType(String name, String what) {
    return new WireException("field '" + name + "' is not " + what);
  }
}
