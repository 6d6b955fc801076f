package tarn.core.ledger;

/**
 * How far one partition of a source was read, and by which owner.
 *
 * @param value the source's own notation (a count of landings for files, a Kafka offset, an LSN);
 *     empty before the first batch
 * @param epoch the owner's number; a landing with a lower one is fenced
 */
public record Offset(String value, long epoch) {
  /** Before anything landed. */
  public static final Offset START = new Offset("", 0);
}
