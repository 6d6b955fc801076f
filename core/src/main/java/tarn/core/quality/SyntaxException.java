package tarn.core.quality;

/** Ends the reading of one rule; becomes a problem. */
final class SyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Token token;
  private final String what;
  private final String suggestion;

  SyntaxException(Token token, String what, String suggestion) {
    super(what, null, false, false);
    this.token = token;
    this.what = what;
    this.suggestion = suggestion;
  }

  Token token() {
    return token;
  }

  String what() {
    return what;
  }

  String suggestion() {
    return suggestion;
  }
}
