package tarn.core.query;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The shapes of parsed trees that are known, from {@code tree.txt}. */
final class Shapes {
  /** What a field of a node may hold; {@code tree.txt} explains each. */
  enum Part {
    PLAIN,
    DATA,
    EMPTY,
    EXPR,
    EXPRS,
    ROWS,
    ARGS,
    QUERY,
    QUERIES,
    RECURSION,
    STATEMENT,
    CTES,
    TABLE,
    MODIFIERS,
    MODIFIER,
    ORDERS,
    CHECKS,
    REPLACEMENTS,
    PIVOTS,
    ENTRIES,
    SAMPLE,
    AT,
    PATH,
    TABLEFUNCTION,
    FUNCTION,
    QUALIFIER,
    TYPE,
    COLLATION
  }

  private static final Map<String, Map<String, Part>> SHAPES = read();

  private Shapes() {}

  /** The fields of a kind of node in the order in which they are read, or null if unknown. */
  static @Nullable Map<String, Part> of(String kind, String type) {
    return SHAPES.get(kind + " " + type);
  }

  private static Map<String, Map<String, Part>> read() {
    Map<String, Map<String, Part>> shapes = new HashMap<>();
    for (String line : Allowed.lines("tree.txt")) {
      String[] words = line.split(" ");
      Map<String, Part> fields = fields(words);
      for (String type : types(words[1])) {
        shapes.put(words[0] + " " + type, fields);
      }
    }
    return shapes;
  }

  private static Map<String, Part> fields(String[] words) {
    Map<String, Part> fields = new LinkedHashMap<>();
    for (int i = 2; i < words.length; i++) {
      String[] field = words[i].split("=");
      fields.put(field[0], Part.valueOf(field[1].toUpperCase(Locale.ROOT)));
    }
    return fields;
  }

  private static String[] types(String word) {
    int slash = word.indexOf('/');
    String[] types = word.substring(slash + 1).split(",");
    for (int i = 0; i < types.length; i++) {
      types[i] = word.substring(0, slash + 1) + types[i];
    }
    return types;
  }
}
