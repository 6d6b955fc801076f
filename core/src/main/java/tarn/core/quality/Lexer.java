package tarn.core.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a DQDL rule into tokens. */
final class Lexer {
  private static final int MAX_LENGTH = 10_000;
  private static final Pattern NEXT =
      Pattern.compile(
          "\\s*(?:(?<word>[A-Za-z_][A-Za-z0-9_]*)"
              + "|(?<quoted>\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\")"
              + "|(?<number>-?[0-9]+(?:\\.[0-9]+)?)"
              + "|(?<symbol>!=|<=|>=|[=<>\\[\\](),+*/-]))",
          Pattern.DOTALL);

  private Lexer() {}

  /** The tokens; the last is END. */
  static List<Token> tokens(String rule) {
    if (rule.length() > MAX_LENGTH) {
      throw new SyntaxException(
          new Token(Token.Kind.SYMBOL, "", 0), "the rule is longer than " + MAX_LENGTH, "");
    }
    List<Token> tokens = new ArrayList<>();
    Matcher matcher = NEXT.matcher(rule);
    int at = 0;
    while (matcher.find(at) && matcher.start() == at) {
      tokens.add(token(matcher));
      at = matcher.end();
    }
    int rest = at;
    while (rest < rule.length() && Character.isWhitespace(rule.charAt(rest))) {
      rest++;
    }
    if (rest < rule.length()) {
      throw unexpected(rule, rest);
    }
    tokens.add(new Token(Token.Kind.END, "", rest));
    return tokens;
  }

  private static Token token(Matcher matcher) {
    if (matcher.group("quoted") != null) {
      String quoted = matcher.group("quoted");
      return new Token(Token.Kind.QUOTED, unescape(quoted), matcher.start("quoted"));
    }
    for (Token.Kind kind : List.of(Token.Kind.WORD, Token.Kind.NUMBER)) {
      String name = kind == Token.Kind.WORD ? "word" : "number";
      if (matcher.group(name) != null) {
        return new Token(kind, matcher.group(name), matcher.start(name));
      }
    }
    return new Token(Token.Kind.SYMBOL, matcher.group("symbol"), matcher.start("symbol"));
  }

  /**
   * Only {@code \"} is an escape; other backslashes belong to the text, for regular expressions.
   */
  private static String unescape(String quoted) {
    return quoted.substring(1, quoted.length() - 1).replace("\\\"", "\"");
  }

  private static SyntaxException unexpected(String rule, int at) {
    char c = rule.charAt(at);
    Token token = new Token(Token.Kind.SYMBOL, String.valueOf(c), at);
    return c == '"'
        ? new SyntaxException(token, "the quotes that begin here have no end", "")
        : new SyntaxException(
            token, "'" + c + "' has no meaning here", c == '\'' ? "use double quotes" : "");
  }
}
