package tarn.core.ledger;

import java.util.List;

/** What became of a landing. */
public sealed interface LandOutcome {

  /**
   * It is in the ledger.
   *
   * @param batch as entered; its files are those of the landing without the duplicates
   * @param duplicates files whose content had landed before in the same folder of the source; their
   *     objects are not listed and may be deleted if no other entry lists the same key
   */
  record Landed(Batch batch, List<RawFile> duplicates) implements LandOutcome {}

  /**
   * Every file had landed before, or there were none. The ledger counted the duplicates and the
   * events and moved the offset, and has no new batch.
   */
  record AllDuplicates(List<RawFile> duplicates) implements LandOutcome {}

  /**
   * Someone else moved the offset first: nothing was entered. Read again from {@code current}, then
   * decide.
   */
  record Stale(Offset current) implements LandOutcome {}

  /**
   * Someone else owns the source now: nothing was entered, and nothing will be under this epoch.
   */
  record Fenced(Offset current) implements LandOutcome {}
}
