package tarn.core.errors;

/**
 * Every failure that Tarn reports. Codes are never renamed; the page {@code docs/errors.md} lists
 * them.
 */
public enum ErrorCode {
  BAD_REQUEST(Kind.USER, 400, "a request or an argument cannot be understood"),
  DEFINITION_INVALID(
      Kind.USER, 422, "the lake folder has errors; `datalake validate` lists them all"),
  NOT_FOUND(Kind.USER, 404, "a table, dataset, source or file of that name does not exist"),
  ALREADY_EXISTS(Kind.USER, 409, "something of that name exists already"),
  NAME_AMBIGUOUS(Kind.USER, 400, "a bare name stands for more than one table"),
  UNAUTHENTICATED(Kind.USER, 401, "the request has no token, or the wrong one"),
  FORBIDDEN(Kind.USER, 403, "the request asks for something that its principal may not use"),
  SQL_INVALID(Kind.USER, 400, "a SQL text does not parse or does not fit its tables"),
  SQL_REFUSED(Kind.USER, 403, "a SQL text uses a statement, function or table that is not allowed"),
  DATA_INVALID(Kind.USER, 422, "data cannot be read as its format, schema or rule says"),
  QUALITY_FAILED(Kind.USER, 422, "a rule for a table as a whole is not met; nothing was committed"),
  VERSION_MISMATCH(Kind.USER, 409, "client, server and catalog are of versions that do not fit"),
  LAKE_LOCKED(Kind.USER, 409, "another server owns this lake's home"),
  CONFLICT(
      Kind.RESOURCE, 409, "another writer changed the same thing first; trying again can help"),
  FENCED(Kind.RESOURCE, 409, "another owner took over this source"),
  TIMEOUT(Kind.RESOURCE, 504, "the work took longer than its limit"),
  CANCELLED(Kind.USER, 499, "the work was cancelled"),
  LIMIT_EXCEEDED(Kind.RESOURCE, 413, "a result, request or file is larger than its limit"),
  OUT_OF_MEMORY(Kind.RESOURCE, 507, "the engine's memory or spill limit is used up"),
  DISK_FULL(Kind.RESOURCE, 507, "the disk is full"),
  THROTTLED(
      Kind.RESOURCE, 429, "events come faster than they can be taken; send them a little later"),
  BUSY(Kind.RESOURCE, 503, "too much is running at once"),
  ENGINE_CRASHED(Kind.RESOURCE, 500, "the engine's process died; only this piece of work is lost"),
  STORAGE_UNAVAILABLE(Kind.EXTERNAL, 502, "the object store does not answer or refuses"),
  DATABASE_UNAVAILABLE(Kind.EXTERNAL, 502, "the catalog database does not answer or refuses"),
  SECRET_UNAVAILABLE(
      Kind.EXTERNAL, 502, "the store that has a secret does not answer or does not give it"),
  LOG_UNAVAILABLE(Kind.EXTERNAL, 503, "the log of event streams does not answer or refuses"),
  EVENTS_LOST(
      Kind.EXTERNAL,
      500,
      "the log removed events by its retention before they were in the ledger; or its files are gone"),
  SOURCE_UNAVAILABLE(Kind.EXTERNAL, 502, "a source's database does not answer"),
  SOURCE_REFUSED(
      Kind.EXTERNAL, 422, "a source's database is not set up so that it can be followed"),
  SOURCE_LOST(Kind.EXTERNAL, 500, "a source's database no longer has changes that were not read"),
  COMMIT_UNKNOWN(
      Kind.EXTERNAL,
      502,
      "it could not be learned whether a commit took place; its files are kept"),
  CATALOG_CORRUPT(Kind.EXTERNAL, 500, "the catalog database or a table's metadata is damaged"),
  FILE_DAMAGED(
      Kind.EXTERNAL, 500, "a file of the lake is missing or differs from what the ledger lists"),
  FILE_ARCHIVED(
      Kind.USER, 409, "a load needs raw files that the lifecycle has archived or removed"),
  INTERNAL(Kind.INTERNAL, 500, "a fault of Tarn's own");

  private final Kind kind;
  private final int httpStatus;
  private final String meaning;

  ErrorCode(Kind kind, int httpStatus, String meaning) {
    this.kind = kind;
    this.httpStatus = httpStatus;
    this.meaning = meaning;
  }

  /** Who can mend it. */
  public Kind kind() {
    return kind;
  }

  /** The HTTP status of a request that fails so. */
  public int httpStatus() {
    return httpStatus;
  }

  /** One line for the errors page. */
  public String meaning() {
    return meaning;
  }
}
