package tarn.core.errors;

import org.jspecify.annotations.Nullable;

/**
 * A failure that is reported to a person: a code, and one line that says what failed, which value,
 * and what to do. Never carries a secret. Code that throws it says in its docstring what is left
 * behind.
 */
public final class TarnException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public TarnException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public TarnException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** What kind of failure this is. */
  public ErrorCode code() {
    return code;
  }

  /** The one line for the person. */
  public String line() {
    String message = getMessage();
    return message == null ? code.meaning() : message;
  }
}
