package tarn.core.quality;

/**
 * A word of a DQDL rule, or of a SQL condition in it.
 *
 * @param kind what it is
 * @param text without quotes
 * @param at its first character in the text, from 0
 */
record Token(Kind kind, String text, int at) {
  enum Kind {
    /** A name or keyword, without quotes. */
    WORD,
    /** A text: in double quotes in DQDL, in single quotes in SQL. */
    QUOTED,
    /** SQL: a name in double quotes or backticks. */
    NAME,
    NUMBER,
    /** An operator, bracket, parenthesis or comma. */
    SYMBOL,
    END
  }

  boolean isWord(String word) {
    return kind == Kind.WORD && text.equalsIgnoreCase(word);
  }

  boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  /** As a person would point at it. */
  String shown() {
    return switch (kind) {
      case END -> "the end of the rule";
      case QUOTED -> "\"" + text + "\"";
      default -> "'" + text + "'";
    };
  }
}
