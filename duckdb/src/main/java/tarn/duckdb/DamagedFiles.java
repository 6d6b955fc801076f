package tarn.duckdb;

import java.util.Map;
import java.util.regex.Pattern;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;

/** Files of the lake that are gone or cannot be read: who needs them, and what to do. */
final class DamagedFiles {
  /** What the engine says of a Parquet file that is not as it was written. */
  private static final Pattern SIGNS =
      Pattern.compile(
          "parquet|magic bytes|zstd|decompress|thrift|tprotocol|corrupt|data page",
          Pattern.CASE_INSENSITIVE);

  private DamagedFiles() {}

  /**
   * Makes a file local that must be there.
   *
   * @param owner whose it is, for the message
   */
  static FileLease localize(ObjectStore objects, ObjectKey key, String owner) {
    try {
      return objects.localize(key);
    } catch (TarnException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      throw new TarnException(
          ErrorCode.FILE_DAMAGED,
          owner + ": the file '" + key + "' is gone; restore it from a backup",
          e);
    }
  }

  /**
   * The failure of a statement, or the better one that says which file is damaged.
   *
   * @param owners whose the files are that the statement reads, and their keys, by their local
   *     paths
   */
  static TarnException explained(
      WorkerSession session, Map<String, String> owners, TarnException failure) {
    if (failure.code() != ErrorCode.DATA_INVALID || !SIGNS.matcher(failure.line()).find()) {
      return failure;
    }
    for (Map.Entry<String, String> file : owners.entrySet()) {
      try {
        session.rows(
            "SELECT max(hash(COLUMNS(*))) FROM read_parquet(" + Sql.text(file.getKey()) + ")");
      } catch (TarnException e) {
        if (e.code() == ErrorCode.DATA_INVALID) {
          return new TarnException(
              ErrorCode.FILE_DAMAGED,
              file.getValue()
                  + " is damaged ("
                  + e.line().lines().findFirst().orElse("")
                  + "); restore it from a backup",
              e);
        }
      }
    }
    return failure;
  }
}
