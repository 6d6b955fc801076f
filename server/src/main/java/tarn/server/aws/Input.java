package tarn.server.aws;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request, or a structure in one: members by name. A member of another type is a {@code
 * SerializationException}, one that must be there and is not a {@code ValidationException}.
 */
public final class Input {
  private final Encoding encoding;
  private final Map<String, @Nullable Object> members;

  Input(Encoding encoding, Map<String, @Nullable Object> members) {
    this.encoding = encoding;
    this.members = members;
  }

  public boolean has(String name) {
    return members.get(name) != null;
  }

  /** A text that must be there. */
  public String text(String name) {
    String text = optionalText(name);
    if (text == null) {
      throw AwsException.missing(name);
    }
    return text;
  }

  public @Nullable String optionalText(String name) {
    Object value = members.get(name);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw wrong(name, "a String");
  }

  /** A flag; false if it is not there. */
  public boolean flag(String name) {
    Object value = members.get(name);
    if (value == null || value instanceof Boolean) {
      return value != null && (Boolean) value;
    }
    throw wrong(name, "a Boolean");
  }

  /**
   * A whole number in limits.
   *
   * @param absent what holds if it is not there
   */
  public int integer(String name, int least, int most, int absent) {
    return has(name) ? integer(name, least, most) : absent;
  }

  /** A whole number in limits that must be there. */
  public int integer(String name, int least, int most) {
    Object value = members.get(name);
    if (value == null) {
      throw AwsException.missing(name);
    } else if (!(value instanceof Integer || value instanceof Long)) {
      throw wrong(name, "an Integer");
    }
    long number = ((Number) value).longValue();
    if (number < least) {
      throw AwsException.constraint(name, number, "have value greater than or equal to " + least);
    } else if (number > most) {
      throw AwsException.constraint(name, number, "have value less than or equal to " + most);
    }
    return (int) number;
  }

  /** Bytes that must be there. */
  public byte[] blob(String name) {
    Object value = members.get(name);
    if (value == null) {
      throw AwsException.missing(name);
    } else if (value instanceof byte[] bytes) {
      return bytes;
    } else if (value instanceof String text && encoding == Encoding.JSON) {
      try {
        return Base64.getDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1));
      } catch (IllegalArgumentException e) {
        throw AwsException.serialization("'" + name + "' is not valid Base64: " + e.getMessage());
      }
    }
    throw wrong(name, "a Blob");
  }

  public @Nullable Instant optionalTime(String name) {
    Object value = members.get(name);
    if (value == null) {
      return null;
    } else if (value instanceof Number number) {
      try {
        return encoding.time(number);
      } catch (ArithmeticException | NumberFormatException e) {
        throw wrong(name, "a Timestamp");
      }
    }
    throw wrong(name, "a Timestamp");
  }

  /** A structure; one without members if it is not there. */
  public Input structure(String name) {
    Object value = members.get(name);
    return value == null ? new Input(encoding, Map.of()) : structure(name, value);
  }

  /** A list of structures that must be there, and has from one to so many. */
  public List<Input> structures(String name, int most) {
    List<Input> structures = new ArrayList<>();
    for (Object value : list(name, most)) {
      structures.add(structure(name, value));
    }
    return structures;
  }

  /** A list of texts that must be there, and has from one to so many. */
  public List<String> texts(String name, int most) {
    List<String> texts = new ArrayList<>();
    for (Object value : list(name, most)) {
      if (!(value instanceof String text)) {
        throw wrong(name, "a list of Strings");
      }
      texts.add(text);
    }
    return texts;
  }

  private List<?> list(String name, int most) {
    Object value = members.get(name);
    if (value == null) {
      throw AwsException.missing(name);
    } else if (value instanceof List<?> list) {
      checkLength(name, list.size(), most);
      return list;
    }
    throw wrong(name, "a list");
  }

  private static void checkLength(String name, int length, int most) {
    if (length == 0) {
      throw AwsException.constraint(name, "[]", "have length greater than or equal to 1");
    } else if (length > most) {
      throw AwsException.constraint(
          name, "[" + length + " elements]", "have length less than or equal to " + most);
    }
  }

  @SuppressWarnings("unchecked") // Encoding makes maps of texts only
  private Input structure(String name, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return new Input(encoding, (Map<String, @Nullable Object>) map);
    }
    throw wrong(name, "a structure");
  }

  private static AwsException wrong(String name, String type) {
    return AwsException.serialization("'" + name + "' can not be converted to " + type);
  }
}
