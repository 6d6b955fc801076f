package tarn.api.shop;

import java.time.Duration;
import java.time.Instant;

/**
 * What {@link ShopEvents} makes. The same plan makes the same events everywhere: ids, bytes, order.
 *
 * @param seed what chance begins with
 * @param start the time of the first event
 * @param spacing from one event's time to the next one's
 * @param shares how many are not as they should be
 */
public record EventPlan(long seed, Instant start, Duration spacing, Shares shares) {

  /**
   * Parts of all events, each 0 to 1, together at most 1.
   *
   * @param duplicates an earlier event again, byte by byte
   * @param late its time is minutes to days before its turn
   * @param future its time is hours to weeks after its turn
   * @param poison bytes that are no event
   * @param conflicts the id of an earlier event, with other content
   */
  public record Shares(
      double duplicates, double late, double future, double poison, double conflicts) {

    /** Every event is as it should be. */
    public static final Shares NONE = new Shares(0, 0, 0, 0, 0);

    public Shares {
      double sum = 0;
      for (double share : new double[] {duplicates, late, future, poison, conflicts}) {
        if (!(share >= 0 && share <= 1)) {
          throw new IllegalArgumentException("a share is " + share + "; it is from 0 to 1");
        }
        sum += share;
      }
      if (sum > 1) {
        throw new IllegalArgumentException(
            "the shares are " + sum + " together; they are 1 at most");
      }
    }
  }

  public EventPlan {
    if (spacing.isNegative()) {
      throw new IllegalArgumentException("the spacing is " + spacing + "; it is 0 or more");
    }
  }
}
