package tarn.core.table;

import java.util.regex.Pattern;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The full name of a table or dataset: {@code clean.orders}. Both parts: lower case letters, digits
 * and {@code _}, starting with a letter, at most 127.
 *
 * @param namespace {@code raw} for datasets; {@code clean}, {@code analytics} and {@code
 *     quarantine} for tables
 * @param name its name there
 */
public record TableName(String namespace, String name) implements Comparable<TableName> {
  private static final Pattern PART = Pattern.compile("[a-z][a-z0-9_]{0,126}");

  public TableName {
    check(namespace);
    check(name);
  }

  /** Reads {@code namespace.name}. */
  public static TableName parse(String text) {
    int dot = text.indexOf('.');
    if (dot < 0 || text.indexOf('.', dot + 1) >= 0) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "'" + text + "' is not a table's full name: write namespace.name, like clean.orders");
    }
    return new TableName(text.substring(0, dot), text.substring(dot + 1));
  }

  /** Whether a text can be one part of a name. */
  public static boolean isPart(String text) {
    return PART.matcher(text).matches();
  }

  @Override
  public int compareTo(TableName other) {
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return namespace + "." + name;
  }

  private static void check(String part) {
    if (!isPart(part)) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "'"
              + part
              + "' is not a name: lower case letters, digits and '_', starting with a letter, at most 127 characters");
    }
  }
}
