package tarn.core.change;

import java.time.Duration;

/**
 * The changes of a source's tables from one place of its log on. For use by one thread, but for
 * {@link #acknowledge} and {@link #close}, which any may call.
 */
public interface ChangeStream extends AutoCloseable {

  /**
   * Hands over the next changes: at most to the end of the next transaction, and fewer if patience
   * ends before.
   *
   * @return whether anything was handed over
   * @throws tarn.core.errors.TarnException {@code SOURCE_UNAVAILABLE} if the source does not answer
   *     any more: close it and follow again from what the ledger says
   */
  boolean next(ChangeSink sink, Duration patience);

  /**
   * Tells the source that it need not keep anything before this place; soon, and without waiting
   * for an answer. What is acknowledged must be in the ledger.
   */
  void acknowledge(Lsn upTo);

  /**
   * How far the source's log had been read through for this stream when it last said something,
   * other tables' changes included. If no transaction is open and all that were handed over are in
   * the ledger, this may be acknowledged: an idle table must not keep the log of a busy database.
   */
  Lsn readThrough();

  @Override
  void close();
}
