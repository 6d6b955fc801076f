package tarn.core.errors;

/** Who can mend a failure. The kind decides exit code, HTTP status, retry and alert. */
public enum Kind {
  /** The request, a definition or the data is wrong: the person who sent it mends it. */
  USER(2, 400),
  /** Something outside Tarn (a database, an object store) does not answer or refuses. */
  EXTERNAL(3, 502),
  /** A limit is reached: memory, disk, time, a queue. Trying later or smaller can help. */
  RESOURCE(4, 503),
  /** A fault of Tarn's own. */
  INTERNAL(70, 500);

  private final int exitCode;
  private final int httpStatus;

  Kind(int exitCode, int httpStatus) {
    this.exitCode = exitCode;
    this.httpStatus = httpStatus;
  }

  /** The process exit code of a command that ends with this kind of failure. */
  public int exitCode() {
    return exitCode;
  }

  /**
   * The HTTP status of a request that ends with this kind of failure, unless its code says
   * otherwise.
   */
  public int httpStatus() {
    return httpStatus;
  }
}
