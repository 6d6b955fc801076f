package tarn.core.source;

import tarn.core.change.Lsn;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * How far a source's changes are in the ledger: {@code 16/B374D848@7412345678901234567}.
 *
 * @param lsn transactions that end there or before are
 * @param system the identity of the database's data
 */
public record SourceOffset(Lsn lsn, String system) {

  /** Reads what {@link #toString} prints. */
  public static SourceOffset parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT, "the ledger's offset '" + text + "' is none of a database");
    }
    return new SourceOffset(Lsn.parse(text.substring(0, at)), text.substring(at + 1));
  }

  @Override
  public String toString() {
    return lsn + "@" + system;
  }
}
