package tarn.core.ledger;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The list of everything that landed. A raw file exists only if the ledger lists it. SQLite and
 * PostgreSQL keep one contract ({@code LedgerContract} in the testkit).
 *
 * <p><b>Atomic:</b> {@link #land} enters the batch, its files, its counts and the offset, or
 * nothing. <b>Order:</b> sequence numbers are dense and visible in order: whoever has seen batch n
 * has seen, and will always see, 1 to n. <b>Empty answers</b> mean none; a database that does not
 * answer throws {@code DATABASE_UNAVAILABLE}. <b>After a failure</b> of {@code land} the batch may
 * have been entered (the answer was lost): landing the same files again is safe, they come back as
 * duplicates. Safe for use by many threads and several servers.
 */
public interface Ledger {

  /** How far a partition was read; {@link Offset#START} if nothing landed yet. */
  Offset offset(SourceName source, String partition);

  /** How far each partition of a source was read that was ever read or owned, by partition. */
  Map<String, Offset> offsets(SourceName source);

  /**
   * Makes the caller the only owner of a partition: returns its offset under a new, higher epoch.
   * Every landing under a lower one is fenced.
   */
  Offset takeOver(SourceName source, String partition);

  /** Enters a batch; see {@link LandOutcome}. */
  LandOutcome land(Landing landing);

  /** The highest sequence number; 0 for an empty ledger. */
  long lastSeq();

  /**
   * Batches of some sources after a sequence number, in order.
   *
   * @param sources whose; empty for all
   * @param afterSeq exclusive
   * @param limit at most so many
   */
  List<Batch> batches(Set<SourceName> sources, long afterSeq, int limit);

  /**
   * The files of a batch that have records, in the order in which they were landed, whether or not
   * their bytes are still in raw: see {@link RawFile#state}.
   */
  List<RawFile> files(long seq);

  /** The files of a batch that are for something, in order. */
  List<RawFile> files(long seq, RawFile.Role role);

  /**
   * The batch of a stream's oldest segment that is neither compacted nor gone; empty if there is
   * none. Whoever lists files, and finds it the same before and after, has listed them as they were
   * at one moment: a compaction takes the oldest first.
   */
  Optional<Long> oldestSegment(SourceName stream);

  /** The batch of a file of this content that came in this folder of the source, if it landed. */
  Optional<Long> find(SourceName source, String folder, String sha256);

  /**
   * Whether an object under this path of the raw zone is the ledger's: some batch lists it there,
   * or its file has been archived, restored or expired since and the object will be removed in
   * time.
   */
  boolean lists(String path);

  /** Every source that ever landed something, with its counts. */
  List<SourceCounts> counts();

  /** What a stream ever delivered. */
  EventCounts eventCounts(SourceName stream);
}
