package tarn.core.query;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The first gate of the query door: looks at a SQL text before any native code sees it. Bounds
 * length, nesting and counts, and lets one statement of an allowed kind through. What it lets
 * through may still be refused by {@link SqlTree}, which sees the parsed text.
 */
public final class SqlText {
  /** The longest text, in bytes of UTF-8. */
  public static final int MAX_BYTES = 256 * 1024;

  static final String ALLOWED =
      "allowed are one SELECT (also WITH, VALUES, TABLE or FROM first), EXPLAIN [ANALYZE] of one, DESCRIBE of a table or of one, and SHOW TABLES";

  private static final Set<String> QUERY_STARTS =
      Set.of("select", "with", "values", "from", "table", "(");

  private SqlText() {}

  /**
   * Reads what a text asks for.
   *
   * @throws TarnException {@code LIMIT_EXCEEDED} for a text that is too long, {@code SQL_INVALID}
   *     for one that cannot be cut into tokens, {@code SQL_REFUSED} for a kind of statement that is
   *     not allowed, for several statements, and for nesting beyond the bounds
   */
  public static Statement read(String sql) {
    checkCharacters(sql);
    List<Token> tokens = oneStatement(Lexer.tokens(sql));
    SqlBounds.check(tokens);
    return classify(sql, tokens);
  }

  /**
   * The text with every bare word of one kind replaced: not in quotes, strings or comments.
   *
   * @throws TarnException as {@link #read} for a text that cannot be cut into tokens
   */
  public static String replaced(String sql, String word, String by) {
    checkCharacters(sql);
    StringBuilder text = new StringBuilder();
    int end = 0;
    for (Token token : Lexer.tokens(sql)) {
      if (token.word().equals(word)) {
        text.append(sql, end, token.start()).append(by);
        end = token.end();
      }
    }
    return text.append(sql.substring(end)).toString();
  }

  private static void checkCharacters(String sql) {
    if (sql.length() > MAX_BYTES || sql.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw new TarnException(
          ErrorCode.LIMIT_EXCEEDED, "the SQL text is longer than " + MAX_BYTES + " bytes");
    }
    for (int i = 0; i < sql.length(); i++) {
      char c = sql.charAt(i);
      boolean control = c < ' ' && c != '\n' && c != '\r' && c != '\t';
      if (control || c == 0x7f || isLoneSurrogate(sql, i)) {
        throw new TarnException(
            ErrorCode.SQL_REFUSED,
            String.format(
                "the SQL text holds the character U+%04X at character %d: remove it",
                (int) c, i + 1));
      }
    }
  }

  private static boolean isLoneSurrogate(String sql, int i) {
    char c = sql.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == sql.length() || !Character.isLowSurrogate(sql.charAt(i + 1));
    }
    return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(sql.charAt(i - 1)));
  }

  private static List<Token> oneStatement(List<Token> tokens) {
    int start = 0;
    int end = tokens.size();
    while (start < end && tokens.get(start).is(";")) {
      start++;
    }
    while (end > start && tokens.get(end - 1).is(";")) {
      end--;
    }
    List<Token> statement = tokens.subList(start, end);
    if (statement.isEmpty()) {
      throw new TarnException(ErrorCode.SQL_INVALID, "the SQL text is empty: " + ALLOWED);
    }
    if (statement.stream().anyMatch(token -> token.is(";"))) {
      throw new TarnException(
          ErrorCode.SQL_REFUSED,
          "the SQL text holds more than one statement: send them one by one");
    }
    return statement;
  }

  private static Statement classify(String sql, List<Token> tokens) {
    String first = tokens.get(0).text().toLowerCase(java.util.Locale.ROOT);
    return switch (first) {
      case "show" -> showTables(tokens);
      case "describe", "desc" -> describe(sql, tokens);
      case "explain" -> explain(sql, tokens);
      default -> {
        if (!startsQuery(tokens)) {
          throw refused(tokens);
        }
        yield new Statement.Select(text(sql, tokens));
      }
    };
  }

  private static Statement showTables(List<Token> tokens) {
    if (tokens.size() == 2 && tokens.get(1).is("tables")) {
      return new Statement.ShowTables();
    }
    throw refused(tokens);
  }

  private static Statement describe(String sql, List<Token> tokens) {
    List<Token> rest = tokens.subList(1, tokens.size());
    if (startsQuery(rest)) {
      return new Statement.Describe(text(sql, rest));
    }
    if (isName(rest)) {
      return new Statement.Describe("FROM " + text(sql, rest));
    }
    throw refused(tokens);
  }

  private static Statement explain(String sql, List<Token> tokens) {
    boolean analyze = tokens.size() > 1 && tokens.get(1).is("analyze");
    List<Token> rest = tokens.subList(analyze ? 2 : 1, tokens.size());
    if (!startsQuery(rest) || isOptionList(rest)) {
      throw refused(tokens);
    }
    return new Statement.Explain(text(sql, rest), analyze);
  }

  private static boolean isOptionList(List<Token> rest) {
    return rest.get(0).is("(") && !startsQuery(rest.subList(1, rest.size()));
  }

  private static boolean startsQuery(List<Token> tokens) {
    return !tokens.isEmpty()
        && (tokens.get(0).kind() == Token.Kind.WORD || tokens.get(0).kind() == Token.Kind.SYMBOL)
        && QUERY_STARTS.stream().anyMatch(tokens.get(0)::is);
  }

  private static boolean isName(List<Token> tokens) {
    if (tokens.size() % 2 == 0) {
      return false;
    }
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      boolean part = token.kind() == Token.Kind.WORD || token.kind() == Token.Kind.QUOTED;
      if (i % 2 == 0 ? !part : !token.is(".")) {
        return false;
      }
    }
    return true;
  }

  private static String text(String sql, List<Token> tokens) {
    return sql.substring(tokens.get(0).start(), tokens.get(tokens.size() - 1).end());
  }

  private static TarnException refused(List<Token> tokens) {
    StringBuilder start = new StringBuilder();
    for (Token token : tokens.subList(0, Math.min(3, tokens.size()))) {
      start.append(start.length() == 0 ? "" : " ").append(shortened(token.text()));
    }
    return new TarnException(
        ErrorCode.SQL_REFUSED,
        "a statement that starts '" + start + "' is not allowed: " + ALLOWED);
  }

  private static String shortened(String text) {
    return text.length() > 30 ? text.substring(0, 30) + "…" : text;
  }
}
