package tarn.core.ledger;

/**
 * Events, counted where it happens: {@code received = stored + duplicate + conflict + rejected}.
 * Numbers of a batch of redriven letters are differences.
 *
 * @param received from the log
 * @param stored in raw
 * @param duplicate whose id and content were delivered before, within the dedup window
 * @param conflict whose id was delivered before with other content
 * @param rejected that could not be taken: dead letters
 */
public record EventCounts(
    long received, long stored, long duplicate, long conflict, long rejected) {
  public static final EventCounts NONE = new EventCounts(0, 0, 0, 0, 0);

  public EventCounts plus(EventCounts more) {
    return new EventCounts(
        received + more.received,
        stored + more.stored,
        duplicate + more.duplicate,
        conflict + more.conflict,
        rejected + more.rejected);
  }

  public EventCounts {
    if (received != stored + duplicate + conflict + rejected) {
      throw new IllegalArgumentException(
          "events do not add up: "
              + received
              + " received, "
              + stored
              + " stored, "
              + duplicate
              + " duplicate, "
              + conflict
              + " conflict, "
              + rejected
              + " rejected");
    }
  }
}
