package tarn.duckdb;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** Iceberg's types and DuckDB's. Nested field ids are placeholders: a table assigns its own. */
final class SqlTypes {
  private SqlTypes() {}

  /** DuckDB's name of an Iceberg type. */
  static String sql(Type type) {
    return switch (type.typeId()) {
      case BOOLEAN -> "BOOLEAN";
      case INTEGER -> "INTEGER";
      case LONG -> "BIGINT";
      case FLOAT -> "FLOAT";
      case DOUBLE -> "DOUBLE";
      case DATE -> "DATE";
      case TIME -> "TIME";
      case TIMESTAMP ->
          ((Types.TimestampType) type).shouldAdjustToUTC()
              ? "TIMESTAMP WITH TIME ZONE"
              : "TIMESTAMP";
      case STRING -> "VARCHAR";
      case UUID -> "UUID";
      case FIXED, BINARY -> "BLOB";
      case DECIMAL -> {
        Types.DecimalType decimal = (Types.DecimalType) type;
        yield "DECIMAL(" + decimal.precision() + ", " + decimal.scale() + ")";
      }
      case STRUCT -> struct((Types.StructType) type);
      case LIST -> sql(((Types.ListType) type).elementType()) + "[]";
      case MAP ->
          "MAP("
              + sql(((Types.MapType) type).keyType())
              + ", "
              + sql(((Types.MapType) type).valueType())
              + ")";
      default -> throw new IllegalArgumentException("no DuckDB type for Iceberg's " + type);
    };
  }

  /** Reads DuckDB's name of a type; what Iceberg has no type for becomes a text. */
  static Type iceberg(String sql) {
    Reader reader = new Reader(sql);
    Type type = reader.type();
    reader.end();
    return type;
  }

  private static String struct(Types.StructType type) {
    List<String> fields = new ArrayList<>();
    for (Types.NestedField field : type.fields()) {
      fields.add(Sql.name(field.name()) + " " + sql(field.type()));
    }
    return "STRUCT(" + String.join(", ", fields) + ")";
  }

  /** {@code STRUCT(a BIGINT, "b c" VARCHAR[])}, {@code MAP(VARCHAR, DECIMAL(18,3))}, … */
  private static final class Reader {
    private final String text;
    private int at;
    private int nextId = 1;

    Reader(String text) {
      this.text = text;
    }

    Type type() {
      Type type = base();
      while (at < text.length() && text.charAt(at) == '[') {
        at = text.indexOf(']', at) + 1;
        type = Types.ListType.ofOptional(nextId++, type);
      }
      return type;
    }

    void end() {
      if (at != text.length()) {
        throw new IllegalArgumentException(
            "cannot read the type '" + text + "' after character " + at);
      }
    }

    private Type base() {
      String word = word().toUpperCase(Locale.ROOT);
      return switch (word) {
        case "STRUCT" -> structType();
        case "MAP" -> mapType();
        case "DECIMAL" -> decimalType();
        case "BOOLEAN" -> Types.BooleanType.get();
        case "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT" -> Types.IntegerType.get();
        case "BIGINT", "UINTEGER" -> Types.LongType.get();
        case "UBIGINT" -> Types.DecimalType.of(20, 0);
        case "HUGEINT", "UHUGEINT" -> Types.DecimalType.of(38, 0);
        case "FLOAT" -> Types.FloatType.get();
        case "DOUBLE" -> Types.DoubleType.get();
        case "DATE" -> Types.DateType.get();
        case "TIME" -> Types.TimeType.get();
        case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS" ->
            Types.TimestampType.withoutZone();
        case "TIMESTAMP WITH TIME ZONE" -> Types.TimestampType.withZone();
        case "UUID" -> Types.UUIDType.get();
        case "BLOB" -> Types.BinaryType.get();
        default -> {
          skipArguments();
          yield Types.StringType.get();
        }
      };
    }

    private String word() {
      int start = at;
      if (at < text.length() && text.charAt(at) == '"') {
        return quoted();
      }
      while (at < text.length() && "([,)".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(start, at).strip();
    }

    private String quoted() {
      StringBuilder name = new StringBuilder();
      at++;
      while (true) {
        char c = text.charAt(at++);
        if (c != '"') {
          name.append(c);
        } else if (at < text.length() && text.charAt(at) == '"') {
          name.append('"');
          at++;
        } else {
          return name.toString();
        }
      }
    }

    private Type structType() {
      List<Types.NestedField> fields = new ArrayList<>();
      expect('(');
      do {
        skipSpaces();
        String name = fieldName();
        skipSpaces();
        Type type = type();
        fields.add(Types.NestedField.optional(nextId++, name, type));
      } while (take(','));
      expect(')');
      return Types.StructType.of(fields);
    }

    private String fieldName() {
      if (text.charAt(at) == '"') {
        return quoted();
      }
      int start = at;
      while (text.charAt(at) != ' ') {
        at++;
      }
      return text.substring(start, at);
    }

    private Type mapType() {
      expect('(');
      skipSpaces();
      Type key = type();
      expect(',');
      skipSpaces();
      Type value = type();
      expect(')');
      int keyId = nextId++;
      return Types.MapType.ofOptional(keyId, nextId++, key, value);
    }

    private Type decimalType() {
      int close = text.indexOf(')', at);
      String[] parts = text.substring(at + 1, close).split(",");
      at = close + 1;
      return Types.DecimalType.of(
          Integer.parseInt(parts[0].strip()), Integer.parseInt(parts[1].strip()));
    }

    /** ENUM('a', 'b'), UNION(…): as far as its closing parenthesis. */
    private void skipArguments() {
      if (at >= text.length() || text.charAt(at) != '(') {
        return;
      }
      int depth = 0;
      boolean inText = false;
      do {
        char c = text.charAt(at++);
        if (c == '\'') {
          inText = !inText;
        } else if (!inText && c == '(') {
          depth++;
        } else if (!inText && c == ')') {
          depth--;
        }
      } while (depth > 0);
    }

    private void skipSpaces() {
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
    }

    private boolean take(char c) {
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private void expect(char c) {
      if (!take(c)) {
        throw new IllegalArgumentException(
            "cannot read the type '" + text + "': '" + c + "' expected at character " + at);
      }
    }
  }
}
