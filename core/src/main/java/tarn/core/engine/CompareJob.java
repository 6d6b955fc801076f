package tarn.core.engine;

import java.time.Duration;
import java.util.List;
import tarn.core.change.Moment;
import tarn.core.table.Scan;
import tarn.core.table.TableState;

/**
 * Rows of a source's table, as they were at one moment, and the copy of that table.
 *
 * @param table the copy
 * @param copy its rows: it has every transaction that the moment sees, and perhaps later ones
 * @param columns of the source's table; those that the copy lacks are null there
 * @param key the columns that tell rows; at least one
 * @param rows Parquet files with all rows of the source's table
 * @param changes Parquet files with the changes that the copy may have and the rows may not, as of
 *     {@link ApplyJob}. Keys of those that the moment does not see are passed over
 * @param moment of the rows
 * @param ranges so many ranges of keys are summed up, at most
 * @param mostKeys so many keys that differ are told, at most
 * @param timeout after which it is stopped
 */
public record CompareJob(
    TableState table,
    Scan copy,
    List<Column> columns,
    List<String> key,
    List<RawInput> rows,
    List<RawInput> changes,
    Moment moment,
    int ranges,
    int mostKeys,
    Duration timeout) {

  /**
   * What was found.
   *
   * @param truncated the copy has a truncate that the rows have not: nothing was compared
   * @param passed keys that changed since the moment
   * @param ranges that all other keys are in, in order of key
   * @param differing keys that are not the same on both sides
   * @param differences the first of them in order of key
   */
  public record Result(
      boolean truncated,
      long passed,
      List<Range> ranges,
      long differing,
      List<Difference> differences) {
    public Result {
      ranges = List.copyOf(ranges);
      differences = List.copyOf(differences);
    }
  }

  /**
   * A range of keys.
   *
   * @param first the lowest key in it, as texts
   * @param last the highest
   * @param sourceHash of the rows, in whatever order; 16 hex digits
   * @param differing keys that are not the same on both sides
   */
  public record Range(
      List<String> first,
      List<String> last,
      long sourceRows,
      long copyRows,
      String sourceHash,
      String copyHash,
      long differing) {}

  /** How a key differs. */
  public enum Kind {
    ONLY_IN_SOURCE,
    ONLY_IN_LAKE,
    /** Its row has other values. */
    DIFFERENT,
    /** One side has it more than once, and not the other. */
    REPEATED
  }

  /**
   * A key that differs.
   *
   * @param key its values as texts, in the key's order
   * @param columns those with other values, of {@link Kind#DIFFERENT}
   */
  public record Difference(List<String> key, Kind kind, List<String> columns) {}
}
