package tarn.core.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tarn.core.storage.ObjectKey;

/**
 * Rows of text on their way into a Parquet file of the raw zone.
 *
 * @param text a local file of CSV: UTF-8, a comma between values, {@code "} around those that need
 *     it and doubled inside, line feeds within these as they are; a value without characters and
 *     quotes is null, {@code ""} is the empty text; a line feed ends a row; no header. Values are
 *     written as PostgreSQL does with {@code DateStyle} ISO and {@code TimeZone} UTC: {@code t} and
 *     {@code f}, {@code \x00ff}, {@code 2025-01-31 23:59:59.123456+00}; numbers have no more
 *     decimals than their column's type, or may be rounded
 * @param columns all that a row has, in order
 * @param target where the file comes, a new key
 * @param timeout after which it is stopped
 */
public record ColumnarJob(Path text, List<Column> columns, ObjectKey target, Duration timeout) {

  /**
   * A file that is stored and synced.
   *
   * @param rows how many
   * @param bytes its size
   * @param sha256 of its bytes, 64 lower case hex digits
   * @param unfit columns with values that do not fit, and how many: {@link ChangeColumns#UNFIT}
   */
  public record Stored(long rows, long bytes, String sha256, Map<String, Long> unfit) {
    public Stored {
      unfit = Map.copyOf(unfit);
    }
  }
}
