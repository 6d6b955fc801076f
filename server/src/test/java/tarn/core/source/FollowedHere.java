package tarn.core.source;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import tarn.core.change.ChangeSource;
import tarn.core.ledger.SourceName;

/** Follows a database in the thread of a test, until it is caught up with or something fails. */
public final class FollowedHere {
  /** A few rows of a table that says it is large. */
  private static final long SPLIT = 600;

  private FollowedHere() {}

  /**
   * What {@link Follower} does again and again, once.
   *
   * @param landed called whenever something is in the ledger
   */
  public static void follow(
      SourceName source,
      ChangeSource database,
      Follower.Parts parts,
      Duration freshness,
      Runnable landed,
      BooleanSupplier stopped) {
    new Following(
            source,
            database,
            parts,
            new CopyName(""),
            new Manner(freshness, Duration.ofMinutes(2), SPLIT, false, new Overflows(false)),
            stopped)
        .follow(
            Goal.CAUGHT_UP,
            news -> {
              if (!(news instanceof Following.News.Left)) {
                landed.run();
              }
            });
  }
}
