package tarn.core.query;

import java.util.Locale;

/**
 * One token of a SQL text.
 *
 * @param kind what it is
 * @param text its characters as written, quotes included
 * @param start where it starts in the text, in characters
 */
record Token(Kind kind, String text, int start) {
  enum Kind {
    WORD,
    QUOTED,
    STRING,
    NUMBER,
    SYMBOL
  }

  int end() {
    return start + text.length();
  }

  boolean is(String lowerCase) {
    return (kind == Kind.WORD || kind == Kind.SYMBOL)
        && text.toLowerCase(Locale.ROOT).equals(lowerCase);
  }

  /** The word in lower case, or an empty text if this is not a bare word. */
  String word() {
    return kind == Kind.WORD ? text.toLowerCase(Locale.ROOT) : "";
  }
}
