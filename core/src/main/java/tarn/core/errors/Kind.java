package tarn.core.errors;

/** Who can mend a failure. The kind decides exit code, HTTP status, retry and alert. */
public enum Kind {
  USER(2, 400, "the request, a definition or the data is wrong: the person who sent it mends it"),
  EXTERNAL(
      3, 502, "something outside Tarn (a database, an object store) does not answer or refuses"),
  RESOURCE(
      4, 503, "a limit is reached (memory, disk, time, a queue): trying later or smaller can help"),
  INTERNAL(70, 500, "a fault of Tarn's own: please report it");

  private final int exitCode;
  private final int httpStatus;
  private final String meaning;

  Kind(int exitCode, int httpStatus, String meaning) {
    this.exitCode = exitCode;
    this.httpStatus = httpStatus;
    this.meaning = meaning;
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

  /** One line for the errors page. */
  public String meaning() {
    return meaning;
  }
}
