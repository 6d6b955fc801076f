package tarn.api;

/**
 * A message that is not what the other side expects: not JSON, a field that is missing, unknown or
 * of another type. Its message names the field. A server answers it as a bad request; a client
 * takes it for a server of another version.
 */
public final class WireException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WireException(String message) {
    super(message);
  }

  public WireException(String message, Throwable cause) {
    super(message, cause);
  }
}
