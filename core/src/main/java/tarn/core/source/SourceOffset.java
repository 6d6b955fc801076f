package tarn.core.source;

import tarn.core.change.Lsn;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * How far a source's changes are in the ledger: {@code 16/B374D848@7412345678901234567/2}.
 *
 * @param lsn transactions that end there or before are
 * @param system the identity of the database's data
 * @param timeline of the database's log in which that place is; 0 if it is not known
 */
public record SourceOffset(Lsn lsn, String system, int timeline) {

  /** Reads what {@link #toString} prints. */
  public static SourceOffset parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw wrong(text);
    }
    int slash = text.indexOf('/', at);
    try {
      return new SourceOffset(
          Lsn.parse(text.substring(0, at)),
          text.substring(at + 1, slash < 0 ? text.length() : slash),
          slash < 0 ? 0 : Integer.parseInt(text.substring(slash + 1)));
    } catch (NumberFormatException e) {
      throw wrong(text);
    }
  }

  private static TarnException wrong(String text) {
    return new TarnException(
        ErrorCode.CATALOG_CORRUPT, "the ledger's offset '" + text + "' is none of a database");
  }

  /** Further on in the same log. */
  SourceOffset at(Lsn place) {
    return new SourceOffset(place, system, timeline);
  }

  @Override
  public String toString() {
    return lsn + "@" + system + (timeline == 0 ? "" : "/" + timeline);
  }
}
