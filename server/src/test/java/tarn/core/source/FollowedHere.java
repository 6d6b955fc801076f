package tarn.core.source;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import tarn.core.change.ChangeSource;
import tarn.core.change.SourceTable;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;

/** Follows a database in the thread of a test, until a condition holds or something fails. */
public final class FollowedHere {
  private FollowedHere() {}

  /** Whether a table has landed as it is now. */
  public static boolean isLoaded(Ledger ledger, SourceName source, SourceTable table) {
    String text = ledger.offset(source, Loaded.partition(table.fullName())).value();
    return !text.isEmpty() && Loaded.parse(table.fullName(), text).fits(table);
  }

  /**
   * What {@link Follower} does again and again, once.
   *
   * @param names of the copies
   * @param landed called whenever something is in the ledger
   */
  public static void follow(
      SourceName source,
      ChangeSource database,
      Follower.Parts parts,
      CopyName names,
      Duration freshness,
      Runnable landed,
      BooleanSupplier stopped) {
    new Following(
            source,
            database,
            parts.ledger(),
            parts.objects(),
            parts.engine(),
            parts.clock(),
            names,
            new Following.Pace(freshness, Duration.ofMinutes(2)),
            stopped)
        .follow(
            news -> {
              if (!(news instanceof Following.News.Left)) {
                landed.run();
              }
            });
  }

  /**
   * Follows until all that was committed has landed.
   *
   * @param begun called when changes begin to be read
   * @param landed whether what was committed then is in the ledger
   */
  public static void catchUp(
      SourceName source,
      ChangeSource database,
      Follower.Parts parts,
      CopyName names,
      Duration freshness,
      Runnable begun,
      BooleanSupplier landed) {
    follow(source, database, parts, names, freshness, begun, landed);
  }
}
