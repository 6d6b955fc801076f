package tarn.core.stream;

import tarn.core.ledger.SourceName;

/** Where the indexes of streams are kept. */
public interface IdIndexes {

  /** A stream's index, empty if there is none; {@code FILE_DAMAGED} if it cannot be opened. */
  IdIndex open(SourceName stream);

  /** Deletes a stream's index, which is not open. */
  void discard(SourceName stream);
}
