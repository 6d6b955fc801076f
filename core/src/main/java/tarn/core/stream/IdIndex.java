package tarn.core.stream;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ids that a stream has delivered, for as long as its dedup window. A cache of the ledger: it
 * says up to which batch it is complete, and may be deleted at any time.
 *
 * <p><b>Atomic:</b> {@link #add} enters its ids and the batch's number together, or nothing. What
 * was added may be lost when the process dies, the latest first: {@link #upTo} tells.
 * <b>Damaged</b> files are told by {@code FILE_DAMAGED}: delete and rebuild. For use by one thread.
 */
public interface IdIndex extends AutoCloseable {

  /** The number of the last batch whose ids are here; 0 for an empty index. */
  long upTo();

  /**
   * What is known of ids, in their order; null where nothing is.
   *
   * @param ids 16 bytes each
   */
  List<@Nullable Seen> find(List<byte[]> ids);

  /**
   * Enters the ids of a batch; one that is here already gets the new entry.
   *
   * @param seq the batch's number, higher than {@link #upTo}
   */
  void add(long seq, List<Entry> entries);

  /** Forgets some of what arrived before; called again, more of it. */
  void forget(Instant before);

  @Override
  void close();

  /**
   * An id that was delivered.
   *
   * @param arrived when its event arrived, in milliseconds
   * @param payload a checksum of the event's bytes; 0 if it is not known
   */
  record Seen(Instant arrived, long payload) {
    /** Whether an event with this checksum is the same one, as far as is known. */
    boolean is(long other) {
      return payload == other || payload == 0;
    }
  }

  /**
   * An id to enter.
   *
   * @param id 16 bytes
   */
  record Entry(byte[] id, Seen seen) {}
}
