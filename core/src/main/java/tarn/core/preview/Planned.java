package tarn.core.preview;

import java.util.List;
import tarn.core.table.TableName;

/**
 * What a run would do to one table.
 *
 * @param table which
 * @param action what
 * @param files to be read: raw files for a clean table, data files of its inputs for a model
 * @param bytes their sizes
 * @param details what is different, one line each
 */
public record Planned(
    TableName table, Action action, long files, long bytes, List<String> details) {

  /** What a run would do. */
  public enum Action {
    /** Make it, and load everything. */
    CREATE,
    /** Load what is new. */
    LOAD,
    /** Let a changed definition hold for rows that come. */
    DEFINE,
    /** Make it anew from raw, since its definition has changed. */
    BACKFILL,
    /** Make a model, or make it anew. */
    MODEL,
    /** Nothing. */
    UNCHANGED,
    /** Nothing: what it is made from is not there. */
    WAIT,
    /** Fail: the details say why. */
    FAIL,
    /** Nothing: the lake folder does not define it any more. */
    UNDEFINED
  }

  /** Whether its rows may be other ones afterwards. */
  boolean changesRows() {
    return switch (action) {
      case CREATE, LOAD, BACKFILL, MODEL -> true;
      case DEFINE, UNCHANGED, WAIT, FAIL, UNDEFINED -> false;
    };
  }
}
