package tarn.core.source;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import tarn.core.change.ChangeSource;
import tarn.core.ledger.SourceName;

/** Follows a database in the thread of a test, until a condition holds or something fails. */
public final class FollowedHere {
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
            parts.ledger(),
            parts.objects(),
            parts.engine(),
            parts.clock(),
            new CopyName(""),
            new Following.Pace(freshness, Duration.ofMinutes(2)),
            stopped)
        .follow(
            news -> {
              if (!(news instanceof Following.News.Left)) {
                landed.run();
              }
            });
  }
}
