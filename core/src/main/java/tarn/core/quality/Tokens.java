package tarn.core.quality;

import java.util.List;

/** The tokens of one rule, read from left to right. */
final class Tokens {
  private final List<Token> tokens;
  private int next;

  Tokens(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(next);
  }

  Token take() {
    Token token = tokens.get(next);
    next = Math.min(next + 1, tokens.size() - 1);
    return token;
  }

  boolean takeWord(String word) {
    return takeIf(peek().isWord(word));
  }

  boolean takeSymbol(String symbol) {
    return takeIf(peek().isSymbol(symbol));
  }

  private boolean takeIf(boolean wanted) {
    if (wanted) {
      take();
    }
    return wanted;
  }

  void expectWord(String word) {
    if (!takeWord(word)) {
      throw expected("'" + word + "'");
    }
  }

  void expectSymbol(String symbol) {
    if (!takeSymbol(symbol)) {
      throw expected("'" + symbol + "'");
    }
  }

  SyntaxException expected(String what) {
    return new SyntaxException(peek(), "expected " + what + ", found " + peek().shown(), "");
  }
}
