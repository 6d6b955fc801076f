package tarn.core.lake;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Type;

/** The value types that settings are made of. */
final class Types {
  static final String NAME_PART = "[a-z][a-z0-9_]{0,126}";

  /** As {@code tarn.core.ledger.SourceName}, which this floor does not know. */
  static final String SOURCE_NAME = "[a-z][a-z0-9_-]{0,62}";

  static final String BUCKET_PART = "[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?";

  /** Where a secret is, in this lake folder's words. */
  static final String SECRET = "env:[A-Za-z_][A-Za-z0-9_]*|file:.+|" + StoredSecret.PATTERN;

  private Types() {}

  /** A single value that a function reads; the function throws IllegalArgumentException("a …"). */
  static <T> ValueType<T> scalar(
      String label, Map<String, Object> schema, Function<String, T> parse) {
    return new ScalarType<>(label, schema, parse, String::valueOf);
  }

  static ValueType<String> text() {
    return scalar("text", Map.of("type", List.of("string", "number", "boolean")), text -> text);
  }

  /** A text that matches a pattern. */
  static ValueType<String> text(String label, String pattern) {
    Pattern compiled = Pattern.compile(pattern);
    return scalar(
        label,
        Map.of("type", "string", "pattern", "^(" + pattern + ")$"),
        text -> {
          if (!compiled.matcher(text).matches()) {
            throw new IllegalArgumentException(label);
          }
          return text;
        });
  }

  /** An address. Its text is not repeated in problems: it might have a secret in it. */
  static ValueType<String> url(String label, String pattern) {
    return new UrlType(label, Pattern.compile(pattern));
  }

  /** Where a secret is. Its text is not repeated in problems: it might be the secret itself. */
  static ValueType<String> secret() {
    return new SecretType();
  }

  static ValueType<Long> integer(long least, long most) {
    String label = "whole number, " + least + " to " + most;
    return scalar(
        label,
        Map.of("type", "integer", "minimum", least, "maximum", most),
        text -> {
          if (!text.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException(label);
          }
          return within(label, Long.parseLong(text), least, most);
        });
  }

  static ValueType<Duration> duration(String least, String most) {
    String label = "duration, " + least + " to " + most;
    return new ScalarType<>(
        label,
        Map.of("type", "string", "pattern", "^" + DurationText.PATTERN + "$"),
        text ->
            within(
                label,
                DurationText.parse(text),
                DurationText.parse(least),
                DurationText.parse(most)),
        DurationText::print);
  }

  static ValueType<ByteSize> size(String least, String most) {
    String label = "size, " + least + " to " + most;
    return scalar(
        label,
        Map.of("type", "string", "pattern", "^" + ByteSize.PATTERN + "$"),
        text -> within(label, ByteSize.parse(text), ByteSize.parse(least), ByteSize.parse(most)));
  }

  private static <T extends Comparable<T>> T within(String label, T value, T least, T most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(label);
    }
    return value;
  }

  /** One of an enum's constants, written as they print. */
  static <E extends Enum<E>> ValueType<E> choice(Class<E> type) {
    return new ChoiceType<>(
        List.of(type.getEnumConstants()), e -> e.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  /** One of an enum's constants, written in small letters with {@code _}. */
  static <E extends Enum<E>> ValueType<E> word(Class<E> type) {
    return new ChoiceType<>(
        List.of(type.getEnumConstants()), e -> e.name().toLowerCase(Locale.ROOT));
  }

  /** One of an enum's constants, written as in the program: names that come from elsewhere. */
  static <E extends Enum<E>> ValueType<E> constant(Class<E> type) {
    return new ChoiceType<>(List.of(type.getEnumConstants()), Enum::name);
  }

  /** {@code true} or {@code false}. */
  static ValueType<Boolean> flag() {
    return scalar(
        "true or false",
        Map.of("type", "boolean"),
        text -> {
          if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("true or false");
          }
          return text.equals("true");
        });
  }

  /** A column's type by Iceberg's names. */
  static ValueType<Type.PrimitiveType> columnType() {
    return new ColumnType();
  }

  static <T> ValueType<List<T>> listOf(ValueType<T> element) {
    return new ListType<>(element);
  }

  static <T> ValueType<Map<String, T>> mapOf(ValueType<T> value) {
    return new MapType<>(value);
  }

  /** Reads a scalar's text, complaining if the node is none. */
  static Optional<Node.Scalar> scalar(Node node, String label, Problems problems) {
    if (node instanceof Node.Scalar scalar && !scalar.isNull()) {
      return Optional.of(scalar);
    }
    problems.error(node.place(), "", "expected " + article(label) + ", found " + node.kind());
    return Optional.empty();
  }

  static String article(String label) {
    boolean has =
        label.startsWith("a ")
            || label.startsWith("an ")
            || label.startsWith("one of")
            || label.startsWith("true");
    boolean vowel = "aeiou".indexOf(label.charAt(0)) >= 0;
    return has ? label : (vowel ? "an " : "a ") + label;
  }

  private record ScalarType<T>(
      String label,
      Map<String, Object> schema,
      Function<String, T> parse,
      Function<T, String> printer)
      implements ValueType<T> {
    @Override
    public Optional<T> read(Node node, Problems problems) {
      return scalar(node, label, problems).flatMap(scalar -> parse(scalar, problems));
    }

    private Optional<T> parse(Node.Scalar scalar, Problems problems) {
      try {
        return Optional.of(parse.apply(scalar.text()));
      } catch (IllegalArgumentException | ArithmeticException e) {
        String expected = e instanceof ArithmeticException ? label : String.valueOf(e.getMessage());
        problems.error(
            scalar.place(), scalar.text(), "'" + scalar.text() + "' is not " + article(expected));
        return Optional.empty();
      }
    }

    @Override
    public String print(T value) {
      return printer.apply(value);
    }
  }

  private record UrlType(String label, Pattern pattern) implements ValueType<String> {
    private static final Pattern SECRET =
        Pattern.compile("(?i).*([?&;]password=|//[^/@]*:[^/@]*@).*");

    @Override
    public Optional<String> read(Node node, Problems problems) {
      return scalar(node, label, problems).flatMap(scalar -> check(scalar, problems));
    }

    private Optional<String> check(Node.Scalar scalar, Problems problems) {
      if (SECRET.matcher(scalar.text()).matches()) {
        problems.error(
            scalar.place(),
            "",
            "a secret does not belong into the lake folder: this URL has a password",
            "name a file or an environment variable that has it, with the settings beside this one");
        return Optional.empty();
      }
      if (!pattern.matcher(scalar.text()).matches()) {
        problems.error(scalar.place(), "", "this is not " + article(label));
        return Optional.empty();
      }
      return Optional.of(scalar.text());
    }

    @Override
    public String print(String value) {
      return value;
    }

    @Override
    public Map<String, Object> schema() {
      return Map.of("type", "string", "pattern", "^(" + pattern + ")$");
    }
  }

  private record SecretType() implements ValueType<String> {
    @Override
    public String label() {
      return "reference to a secret: env:<variable>, file:<path> or aws-secretsmanager:<name or ARN>";
    }

    @Override
    public Optional<String> read(Node node, Problems problems) {
      Optional<Node.Scalar> scalar = scalar(node, label(), problems);
      if (scalar.isPresent() && !scalar.get().text().matches(SECRET)) {
        problems.error(
            scalar.get().place(),
            "",
            "this is no reference to a secret, and a secret itself does not belong into the lake folder",
            "write env:<variable of the server's environment>, file:<path> or aws-secretsmanager:<name or ARN>");
        return Optional.empty();
      }
      return scalar.map(Node.Scalar::text);
    }

    @Override
    public String print(String value) {
      return value;
    }

    @Override
    public Map<String, Object> schema() {
      return Map.of("type", "string", "pattern", "^(" + SECRET + ")$");
    }
  }

  private record ChoiceType<E extends Enum<E>>(List<E> constants, Function<E, String> spelling)
      implements ValueType<E> {
    private List<String> names() {
      return constants.stream().map(this::print).toList();
    }

    @Override
    public String label() {
      return "one of " + String.join(", ", names());
    }

    @Override
    public Optional<E> read(Node node, Problems problems) {
      return scalar(node, label(), problems).flatMap(scalar -> find(scalar, problems));
    }

    private Optional<E> find(Node.Scalar scalar, Problems problems) {
      for (E constant : constants) {
        if (print(constant).equals(scalar.text())) {
          return Optional.of(constant);
        }
      }
      problems.error(
          scalar.place(),
          scalar.text(),
          "'" + scalar.text() + "' is not " + label(),
          Nearest.to(scalar.text(), names())
              .map(near -> "did you mean '" + near + "'?")
              .orElse(""));
      return Optional.empty();
    }

    @Override
    public String print(E value) {
      return spelling.apply(value);
    }

    @Override
    public Map<String, Object> schema() {
      return Map.of("enum", names());
    }
  }

  private record ColumnType() implements ValueType<Type.PrimitiveType> {
    private static final List<String> NAMES =
        List.of(
            "boolean",
            "int",
            "long",
            "float",
            "double",
            "decimal(p, s)",
            "date",
            "time",
            "timestamp",
            "timestamptz",
            "string",
            "uuid",
            "binary");
    private static final Pattern DECIMAL =
        Pattern.compile("decimal\\(\\s*([0-9]{1,2})\\s*,\\s*([0-9]{1,2})\\s*\\)");

    @Override
    public String label() {
      return "column type: " + String.join(", ", NAMES);
    }

    @Override
    public Optional<Type.PrimitiveType> read(Node node, Problems problems) {
      return scalar(node, "column type", problems).flatMap(s -> parse(s, problems));
    }

    private Optional<Type.PrimitiveType> parse(Node.Scalar scalar, Problems problems) {
      Optional<Type.PrimitiveType> type = ColumnTypes.parse(scalar.text());
      if (type.isEmpty()) {
        problems.unknown(scalar.place(), "column type", scalar.text(), NAMES);
      }
      return type;
    }

    @Override
    public String print(Type.PrimitiveType value) {
      return value.toString();
    }

    @Override
    public Map<String, Object> schema() {
      List<String> plain = NAMES.stream().filter(name -> !name.startsWith("decimal")).toList();
      return Map.of(
          "anyOf",
          List.of(Map.of("enum", plain), Map.of("type", "string", "pattern", DECIMAL.pattern())));
    }
  }

  private record ListType<T>(ValueType<T> element) implements ValueType<List<T>> {
    @Override
    public String label() {
      return "list of " + element.label();
    }

    @Override
    public Optional<List<T>> read(Node node, Problems problems) {
      if (!(node instanceof Node.Sequence sequence)) {
        problems.error(
            node.place(),
            "",
            "expected a list, found " + node.kind(),
            "write [a, b], or one '- ' line per item");
        return Optional.empty();
      }
      List<T> items = new ArrayList<>();
      sequence.items().forEach(item -> element.read(item, problems).ifPresent(items::add));
      return Optional.of(List.copyOf(items));
    }

    @Override
    public String print(List<T> value) {
      return value.stream().map(element::print).toList().toString();
    }

    @Override
    public Map<String, Object> schema() {
      return Map.of("type", "array", "items", element.schema());
    }
  }

  private record MapType<T>(ValueType<T> value) implements ValueType<Map<String, T>> {
    @Override
    public String label() {
      return "keys, each with a " + value.label();
    }

    @Override
    public Optional<Map<String, T>> read(Node node, Problems problems) {
      if (!(node instanceof Node.Mapping mapping)) {
        problems.error(node.place(), "", "expected 'key: value' lines, found " + node.kind());
        return Optional.empty();
      }
      Map<String, T> read = new LinkedHashMap<>();
      for (Node.Entry entry : mapping.entries()) {
        value.read(entry.value(), problems).ifPresent(v -> read.put(entry.key().text(), v));
      }
      return Optional.of(java.util.Collections.unmodifiableMap(read));
    }

    @Override
    public String print(Map<String, T> printed) {
      return printed.toString();
    }

    @Override
    public Map<String, Object> schema() {
      return Map.of("type", "object", "additionalProperties", value.schema());
    }
  }
}
