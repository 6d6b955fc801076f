package tarn.duckdb.worker;

/** A raw file that cannot be read at all, with the reason for its quarantine. */
final class UnreadableFile extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableFile(String message, Throwable cause) {
    super(message, cause);
  }
}
