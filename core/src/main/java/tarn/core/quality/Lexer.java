package tarn.core.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits DQDL, or a SQL condition, into tokens. */
final class Lexer {
  private static final int MAX_LENGTH = 100_000;
  private static final String WORD = "(?<word>[A-Za-z_][A-Za-z0-9_]*)";
  private static final String NUMBER =
      "(?<number>-?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)";
  private static final Pattern DQDL =
      Pattern.compile(
          "(?:\\s|#[^\\n]*+)*+(?:"
              + WORD
              + "|(?<quoted>\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\")"
              + "|"
              + NUMBER
              + "|(?<symbol>!=|<=|>=|->|[=<>\\[\\](),+*/-]))",
          Pattern.DOTALL);
  private static final Pattern SQL =
      Pattern.compile(
          "\\s*+(?:"
              + WORD
              + "|(?<quoted>'[^']*+(?:''[^']*+)*+')"
              + "|(?<name>\"[^\"]++\"|`[^`]++`)"
              + "|"
              + NUMBER.replace("-?", "")
              + "|(?<symbol><>|!=|<=|>=|[=<>(),+*/-]))",
          Pattern.DOTALL);
  private static final Pattern BLANK = Pattern.compile("(?:\\s|#[^\\n]*+)*+");

  private Lexer() {}

  /** A rule's tokens; the last is END. */
  static List<Token> tokens(String rule) {
    return tokens(rule, DQDL, at -> at);
  }

  /** The tokens of the SQL in a quoted token; their places are those in the rule. */
  static List<Token> sql(Token quoted) {
    String text = quoted.text();
    return tokens(text, SQL, at -> quoted.at() + 1 + at + quotesBefore(text, at));
  }

  private static int quotesBefore(String text, int at) {
    return (int) text.substring(0, at).chars().filter(c -> c == '"').count();
  }

  private static List<Token> tokens(String text, Pattern pattern, IntUnaryOperator place) {
    if (text.length() > MAX_LENGTH) {
      throw new SyntaxException(
          new Token(Token.Kind.SYMBOL, "", place.applyAsInt(0)),
          "the rules are longer than " + MAX_LENGTH + " characters",
          "");
    }
    List<Token> tokens = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    int at = 0;
    while (matcher.find(at) && matcher.start() == at) {
      tokens.add(token(matcher, pattern, place));
      at = matcher.end();
    }
    Matcher blank = BLANK.matcher(text).region(at, text.length());
    int rest = blank.lookingAt() ? blank.end() : at;
    if (rest < text.length()) {
      throw unexpected(text, rest, pattern, place);
    }
    tokens.add(new Token(Token.Kind.END, "", place.applyAsInt(rest)));
    return tokens;
  }

  private static Token token(Matcher matcher, Pattern pattern, IntUnaryOperator place) {
    String word = matcher.group("word");
    if (word != null) {
      return new Token(Token.Kind.WORD, word, place.applyAsInt(matcher.start("word")));
    }
    String quoted = matcher.group("quoted");
    if (quoted != null) {
      String inner = quoted.substring(1, quoted.length() - 1);
      String text = pattern == SQL ? inner.replace("''", "'") : unescape(inner);
      return new Token(Token.Kind.QUOTED, text, place.applyAsInt(matcher.start("quoted")));
    }
    String number = matcher.group("number");
    if (number != null) {
      return new Token(Token.Kind.NUMBER, number, place.applyAsInt(matcher.start("number")));
    }
    String name = pattern == SQL ? matcher.group("name") : null;
    return name == null
        ? new Token(
            Token.Kind.SYMBOL, matcher.group("symbol"), place.applyAsInt(matcher.start("symbol")))
        : new Token(
            Token.Kind.NAME,
            name.substring(1, name.length() - 1),
            place.applyAsInt(matcher.start("name")));
  }

  /**
   * Only {@code \"} is an escape; other backslashes belong to the text, for regular expressions.
   */
  private static String unescape(String inner) {
    return inner.replace("\\\"", "\"");
  }

  private static SyntaxException unexpected(
      String text, int at, Pattern pattern, IntUnaryOperator place) {
    char c = text.charAt(at);
    Token token = new Token(Token.Kind.SYMBOL, String.valueOf(c), place.applyAsInt(at));
    boolean opens = c == (pattern == SQL ? '\'' : '"');
    return opens
        ? new SyntaxException(token, "the quotes that begin here have no end", "")
        : new SyntaxException(
            token, "'" + c + "' has no meaning here", c == '\'' ? "use double quotes" : "");
  }
}
