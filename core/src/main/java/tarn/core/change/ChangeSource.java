package tarn.core.change;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A database whose tables are loaded and followed.
 *
 * <p><b>Exactly once:</b> what {@link #prepare} made keeps every change from then on until it is
 * acknowledged; a {@link LoadView} that is opened afterwards, together with the changes of
 * transactions that it does not see, is the tables' whole history. <b>After a failure</b> nothing
 * in the source's tables has changed: at most the publication and the slot are there. Failures are
 * {@code SOURCE_UNAVAILABLE} (it does not answer; try again), {@code SOURCE_REFUSED} (it answers
 * no: the message says which and how to mend it) and {@code SOURCE_LOST} (changes that were not
 * read are gone). No message has a password or a row's values. Safe for use by many threads.
 */
public interface ChangeSource extends AutoCloseable {

  /**
   * The tables that are asked for, as they are now, in order of full name; empty if there are none.
   */
  List<SourceTable> tables();

  /** What the source is, and what it keeps for this lake. */
  State state();

  /**
   * Where the log of a timeline ends that is in the past of this database's: what a server had
   * after that was lost when another took its place. {@link Lsn#ZERO} if it is not in its past.
   */
  Lsn endOf(int timeline);

  /**
   * Looks at all that is needed to load and follow the tables, and changes nothing. What cannot be
   * found out because something before it fails is not told.
   *
   * @param followed whether rows of it are in the lake: then a slot that is gone has taken changes
   *     with it
   */
  List<Check> check(boolean followed);

  /**
   * Makes what keeps changes (a publication of the tables and a slot), unless it is there, and lets
   * the publication have exactly these tables.
   *
   * @return whether the slot was made by this call: then changes begin here
   */
  boolean prepare(List<SourceTable> tables);

  /** Full names of the tables whose changes are kept now; empty if none are. */
  Set<String> published();

  /**
   * Waits until the transactions that are open now have ended. A transaction that is older than
   * what keeps a table's changes is not kept, however late it commits: the view that loads the
   * table must be opened after its end. {@code SOURCE_UNAVAILABLE} if one does not end for minutes.
   */
  void awaitOpenTransactions();

  /** Opens a view; {@link #prepare} must have been called. */
  LoadView view();

  /**
   * Follows the changes from a place on.
   *
   * @param after transactions that end there or before have been handed over; {@link Lsn#ZERO}:
   *     from where the slot begins
   * @throws tarn.core.errors.TarnException {@code BUSY} if another follows them; {@code
   *     SOURCE_LOST} if the slot is gone or was invalidated, or the source's log ends before that
   *     place, as after a restore of an older copy
   */
  ChangeStream follow(Lsn after);

  /** Removes the slot and the publication, if they are there. */
  void forget();

  @Override
  void close();

  /**
   * What a source is.
   *
   * @param version as it says it, {@code 16.3}
   * @param system the identity of its data: another number, another database
   * @param timeline another number whenever another server has taken its place; 0 if not known
   * @param log where its log ends now
   * @param slot what it keeps for this lake; empty if there is none
   */
  record State(String version, String system, int timeline, Lsn log, Optional<Slot> slot) {}

  /**
   * A replication slot.
   *
   * @param name in the source
   * @param confirmed what is before has been acknowledged
   * @param active whether someone follows it now
   * @param usable false if changes that were not acknowledged are gone
   * @param keptBytes of log that the source keeps for it
   */
  record Slot(String name, Lsn confirmed, boolean active, boolean usable, long keptBytes) {}

  /**
   * One thing that is needed.
   *
   * @param what {@code wal_level}, {@code table public.orders}
   * @param found how it is, in words
   * @param remedy what to do about it; empty if it is good
   */
  record Check(String what, Result result, String found, String remedy) {
    /** How it is. */
    public enum Result {
      OK,
      /** It works, with a drawback. */
      WARNING,
      ERROR
    }
  }
}
