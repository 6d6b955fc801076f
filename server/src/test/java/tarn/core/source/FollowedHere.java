package tarn.core.source;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import tarn.core.change.ChangeSource;
import tarn.core.change.SourceTable;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;

/** Follows a database in the thread of a test, until a condition holds or something fails. */
public final class FollowedHere {
  /** So many bytes of a table are loaded as one. */
  public static final long SPLIT = 1L << 20;

  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private FollowedHere() {}

  /** Whether a table has landed as it is now. */
  public static boolean isLoaded(Ledger ledger, SourceName source, SourceTable table) {
    String text = ledger.offset(source, Loaded.partition(table.fullName())).value();
    if (text.isEmpty()) {
      return false;
    }
    Loaded loaded = Loaded.parse(table.fullName(), text);
    return loaded.isWhole() && loaded.fits(table);
  }

  /**
   * What {@link Follower} does again and again, once.
   *
   * @param names of the copies
   * @param landed called, by this thread, whenever something is in the ledger
   */
  public static void follow(
      SourceName source,
      ChangeSource database,
      Follower.Parts parts,
      CopyName names,
      Duration freshness,
      Runnable landed,
      BooleanSupplier stopped) {
    follow(Goal.ALWAYS, source, database, parts, names, freshness, landed, stopped);
  }

  /**
   * Follows until all that was committed has landed, or a little more.
   *
   * @param begun called when changes begin to be read
   */
  public static void catchUp(
      SourceName source,
      ChangeSource database,
      Follower.Parts parts,
      CopyName names,
      Duration freshness,
      Runnable begun,
      BooleanSupplier landed) {
    follow(Goal.CAUGHT_UP, source, database, parts, names, freshness, begun, () -> false);
  }

  private static void follow(
      Goal goal,
      SourceName source,
      ChangeSource database,
      Follower.Parts parts,
      CopyName names,
      Duration freshness,
      Runnable landed,
      BooleanSupplier stopped) {
    Thread here = Thread.currentThread();
    new Following(
            source,
            database,
            parts,
            names,
            new Manner(freshness, TIMEOUT, SPLIT, false, new Overflows(false)),
            stopped)
        .follow(
            goal,
            news -> {
              if (Thread.currentThread() == here && !(news instanceof Following.News.Left)) {
                landed.run();
              }
            });
  }
}
