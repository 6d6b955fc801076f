package tarn.server.aws;

/** A failure as AWS words it: its code, which programs look at, a message, and the HTTP status. */
public final class AwsException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final int MOST_SHOWN = 200;

  private final String code;
  private final int status;

  /**
   * A failure with a status of its own.
   *
   * @param code {@code ResourceNotFoundException}
   */
  public AwsException(String code, int status, String message) {
    super(message);
    this.code = code;
    this.status = status;
  }

  /** A failure that is the client's: 400. */
  public AwsException(String code, String message) {
    this(code, 400, message);
  }

  /** What was read is no request of this operation: a wrong type, not JSON, not CBOR. */
  public static AwsException serialization(String message) {
    return new AwsException("SerializationException", message);
  }

  /** A member that breaks a constraint of AWS's model of the operation. */
  public static AwsException constraint(String member, Object value, String constraint) {
    return new AwsException(
        "ValidationException",
        "1 validation error detected: Value '"
            + shown(String.valueOf(value))
            + "' at '"
            + lowerFirst(member)
            + "' failed to satisfy constraint: Member must "
            + constraint);
  }

  /** A required member that is not there. */
  static AwsException missing(String member) {
    return new AwsException(
        "ValidationException",
        "1 validation error detected: Value null at '"
            + lowerFirst(member)
            + "' failed to satisfy constraint: Member must not be null");
  }

  private static String shown(String value) {
    return value.length() > MOST_SHOWN ? value.substring(0, MOST_SHOWN) + "…" : value;
  }

  private static String lowerFirst(String member) {
    return Character.toLowerCase(member.charAt(0)) + member.substring(1);
  }

  public String code() {
    return code;
  }

  public int status() {
    return status;
  }

  /** Nothing is learned from where it was thrown. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
