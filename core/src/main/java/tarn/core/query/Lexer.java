package tarn.core.query;

import java.util.ArrayList;
import java.util.List;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Cuts a SQL text into tokens as DuckDB does: strings, quoted names, dollar quotes and nested
 * comments. Where a text could be read in two ways, it is refused. Works in one pass and without
 * recursion.
 */
final class Lexer {
  private static final String BRACKETS_AND_SEPARATORS = "()[]{},;.";

  private final String sql;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String sql) {
    this.sql = sql;
  }

  /**
   * The tokens of a text, comments and white space left out. An unclosed string, name or comment is
   * {@code SQL_INVALID}; a prepared statement's parameter is {@code SQL_REFUSED}.
   */
  static List<Token> tokens(String sql) {
    Lexer lexer = new Lexer(sql);
    while (lexer.at < sql.length()) {
      lexer.next();
    }
    return lexer.tokens;
  }

  private void next() {
    char c = sql.charAt(at);
    if (isSpace(c)) {
      at++;
    } else if (sql.startsWith("--", at)) {
      skipLineComment();
    } else if (sql.startsWith("/*", at)) {
      skipBlockComment();
    } else if (c == '\'') {
      add(Token.Kind.STRING, quotedEnd(at, '\'', false));
    } else if (c == '"') {
      add(Token.Kind.QUOTED, quotedEnd(at, '"', false));
    } else if (c == '$') {
      dollarQuote();
    } else if (c == '?') {
      throw parameter();
    } else if (isDigit(c)) {
      number();
    } else if (isWordStart(c)) {
      word();
    } else {
      add(Token.Kind.SYMBOL, at + 1);
    }
  }

  private void skipLineComment() {
    while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
      at++;
    }
  }

  private void skipBlockComment() {
    int start = at;
    int open = 1;
    at += 2;
    while (open > 0) {
      if (at >= sql.length()) {
        throw unclosed("comment", start);
      }
      if (sql.startsWith("/*", at)) {
        open++;
        at += 2;
      } else if (sql.startsWith("*/", at)) {
        open--;
        at += 2;
      } else {
        at++;
      }
    }
  }

  private int quotedEnd(int start, char quote, boolean backslashes) {
    int i = start + 1;
    while (i < sql.length()) {
      char c = sql.charAt(i);
      if (backslashes && c == '\\') {
        i += 2;
      } else if (c == quote && i + 1 < sql.length() && sql.charAt(i + 1) == quote) {
        i += 2;
      } else if (c == quote) {
        return i + 1;
      } else {
        i++;
      }
    }
    throw unclosed(quote == '"' ? "quoted name" : "string", start);
  }

  private void dollarQuote() {
    int i = at + 1;
    while (i < sql.length() && isTagPart(sql.charAt(i))) {
      i++;
    }
    boolean tagged = i > at + 1;
    boolean quote =
        i < sql.length() && sql.charAt(i) == '$' && !(tagged && isDigit(sql.charAt(at + 1)));
    if (!quote) {
      throw parameter();
    }
    String tag = sql.substring(at, i + 1);
    int close = sql.indexOf(tag, i + 1);
    if (close < 0) {
      throw unclosed("dollar-quoted string", at);
    }
    add(Token.Kind.STRING, close + tag.length());
  }

  private void number() {
    int i = at;
    while (i < sql.length() && (isWordPart(sql.charAt(i)) || isDecimalPoint(i))) {
      i++;
    }
    refuseDollar(i);
    add(Token.Kind.NUMBER, i);
  }

  private boolean isDecimalPoint(int i) {
    return sql.charAt(i) == '.'
        && (i + 1 >= sql.length() || isDigit(sql.charAt(i + 1)) || !isWordStart(sql.charAt(i + 1)));
  }

  private void word() {
    int i = at;
    while (i < sql.length() && isWordPart(sql.charAt(i))) {
      i++;
    }
    refuseDollar(i);
    if (i < sql.length() && sql.charAt(i) == '\'' && i == at + 1) {
      boolean backslashes = sql.charAt(at) == 'e' || sql.charAt(at) == 'E';
      add(Token.Kind.STRING, quotedEnd(i, '\'', backslashes));
    } else {
      add(Token.Kind.WORD, i);
    }
  }

  private void refuseDollar(int i) {
    if (i < sql.length() && sql.charAt(i) == '$') {
      throw new TarnException(
          ErrorCode.SQL_REFUSED,
          "'$' inside a name or number at character "
              + (i + 1)
              + " can be read in two ways: write the name in double quotes, or a space before '$'");
    }
  }

  private void add(Token.Kind kind, int end) {
    tokens.add(new Token(kind, sql.substring(at, end), at));
    at = end;
  }

  private TarnException parameter() {
    return new TarnException(
        ErrorCode.SQL_REFUSED,
        "the parameter '"
            + sql.charAt(at)
            + "' at character "
            + (at + 1)
            + " has no value here: write the value itself");
  }

  private static TarnException unclosed(String what, int start) {
    return new TarnException(
        ErrorCode.SQL_INVALID,
        "the " + what + " that starts at character " + (start + 1) + " is never closed");
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordStart(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
  }

  private static boolean isWordPart(char c) {
    return (isWordStart(c) && !isSpace(c)) || isDigit(c);
  }

  private static boolean isTagPart(char c) {
    return isWordPart(c);
  }

  static boolean isSeparator(String symbol) {
    return BRACKETS_AND_SEPARATORS.contains(symbol);
  }
}
