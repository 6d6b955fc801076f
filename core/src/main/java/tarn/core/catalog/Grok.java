package tarn.core.catalog;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.RawFormat;
import tarn.core.lake.Nearest;

/**
 * Compiles a Grok pattern ({@code %{IP:client} %{INT:bytes:long} %{GREEDYDATA}}, as AWS Glue's
 * classifiers have them) to one regular expression with a group for each field. The expression
 * matches whole lines, in linear time: looking around and back, and atomic groups, are refused.
 */
public final class Grok {
  private static final int MAX_DEPTH = 30;
  private static final int MAX_LENGTH = 64 << 10;
  private static final Pattern USE =
      Pattern.compile("%\\{([A-Za-z0-9_]+)(?::([^:}]+))?(?::([^:}]+))?\\}");
  private static final Pattern NAMED = Pattern.compile("\\(\\?P?<([A-Za-z_][A-Za-z0-9_]*)>");
  private static final Pattern FIELD = Pattern.compile("[A-Za-z_@][A-Za-z0-9_@.-]{0,126}");
  private static final Map<String, Type.PrimitiveType> TYPES =
      Map.of(
          "string", Types.StringType.get(),
          "boolean", Types.BooleanType.get(),
          "byte", Types.IntegerType.get(),
          "short", Types.IntegerType.get(),
          "int", Types.IntegerType.get(),
          "long", Types.LongType.get(),
          "float", Types.FloatType.get(),
          "double", Types.DoubleType.get());

  private final Map<String, String> own;
  private final StringBuilder regex = new StringBuilder();
  private final List<String> groups = new ArrayList<>();
  private final Map<String, Type.PrimitiveType> types = new LinkedHashMap<>();
  private final Deque<String> open = new ArrayDeque<>();

  private Grok(Map<String, String> own) {
    this.own = own;
  }

  /**
   * Compiles.
   *
   * @param name what the format is called
   * @param pattern the text
   * @param own patterns beside the standard ones, by name; they win
   * @throws IllegalArgumentException with what is wrong, for people
   */
  public static RawFormat.Lines compile(String name, String pattern, Map<String, String> own) {
    return compile(name, pattern, own, StandardCharsets.UTF_8);
  }

  static RawFormat.Lines compile(
      String name, String pattern, Map<String, String> own, Charset encoding) {
    Grok grok = new Grok(own);
    grok.add(pattern);
    if (grok.groups.isEmpty()) {
      throw new IllegalArgumentException(
          "the pattern names no field: write %{PATTERN:field} for each column");
    }
    String whole = "^(?:" + grok.regex + ")$";
    try {
      Pattern.compile(whole);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "the pattern is no regular expression: " + e.getDescription(), e);
    }
    return new RawFormat.Lines(name, whole, grok.groups, grok.types, encoding);
  }

  private void add(String pattern) {
    int at = 0;
    boolean inClass = false;
    while (at < pattern.length()) {
      if (regex.length() > MAX_LENGTH) {
        throw new IllegalArgumentException(
            "the pattern is longer than 64 KiB when it is written out");
      }
      char c = pattern.charAt(at);
      Matcher use = USE.matcher(pattern).region(at, pattern.length());
      if (c == '\\' && at + 1 < pattern.length()) {
        if (Character.isDigit(pattern.charAt(at + 1)) || pattern.charAt(at + 1) == 'k') {
          throw refused("a reference back (\\" + pattern.charAt(at + 1) + ")");
        }
        regex.append(c).append(pattern.charAt(at + 1));
        at += 2;
      } else if (!inClass && use.lookingAt()) {
        use(use);
        at = use.end();
      } else if (!inClass && c == '(') {
        at = open(pattern, at);
      } else {
        inClass = inClass ? c != ']' || isFirst(pattern, at) : c == '[';
        regex.append(c);
        at++;
      }
    }
  }

  private static boolean isFirst(String pattern, int at) {
    char before = pattern.charAt(at - 1);
    return before == '[' || before == '^' && at > 1 && pattern.charAt(at - 2) == '[';
  }

  /** A parenthesis: only named ones are groups of the result. */
  private int open(String pattern, int at) {
    Matcher named = NAMED.matcher(pattern).region(at, pattern.length());
    if (named.lookingAt()) {
      group(named.group(1));
      return named.end();
    } else if (!pattern.startsWith("(?", at)) {
      regex.append("(?:");
      return at + 1;
    }
    for (String odd : List.of("(?=", "(?!", "(?<=", "(?<!", "(?>")) {
      if (pattern.startsWith(odd, at)) {
        throw refused(odd + "…)");
      }
    }
    regex.append("(?");
    return at + 2;
  }

  private static IllegalArgumentException refused(String what) {
    return new IllegalArgumentException(
        "the pattern uses "
            + what
            + ", which takes more than linear time: write it without looking around or back");
  }

  private void group(String field) {
    regex.append('(');
    groups.add(field);
  }

  private void use(Matcher use) {
    String name = use.group(1);
    String field = use.group(2);
    String pattern = Optional.ofNullable(own.get(name)).orElse(GrokPatterns.ALL.get(name));
    if (pattern == null) {
      throw unknown(name);
    } else if (open.contains(name) || open.size() > MAX_DEPTH) {
      throw new IllegalArgumentException("the pattern " + name + " is made of itself");
    }
    if (field == null) {
      regex.append("(?:");
    } else if (FIELD.matcher(field).matches()) {
      group(field);
    } else {
      throw new IllegalArgumentException(
          "'" + field + "' is no field's name: letters, digits, '_', '.', '@', '-'");
    }
    if (use.group(3) != null) {
      types.put(String.valueOf(field), type(use.group(3)));
    }
    open.push(name);
    add(pattern);
    open.pop();
    regex.append(')');
  }

  private IllegalArgumentException unknown(String name) {
    TreeSet<String> names = new TreeSet<>(GrokPatterns.ALL.keySet());
    names.addAll(own.keySet());
    String near = Nearest.to(name, names).map(n -> "; did you mean '" + n + "'?").orElse("");
    return new IllegalArgumentException("there is no pattern '" + name + "'" + near);
  }

  private static Type.PrimitiveType type(String name) {
    Type.PrimitiveType type = TYPES.get(name);
    if (type == null) {
      throw new IllegalArgumentException(
          "'" + name + "' is no field's type: one of " + new TreeSet<>(TYPES.keySet()));
    }
    return type;
  }
}
