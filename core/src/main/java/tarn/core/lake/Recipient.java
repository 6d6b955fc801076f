package tarn.core.lake;

/**
 * Who is told that a run failed, or that the next one went well again.
 *
 * @param kind how
 * @param to an address of e-mail; or of a webhook, or a reference to it: {@code env:<variable>},
 *     {@code file:<path>}
 */
public record Recipient(Kind kind, String to) {

  /** The way to a recipient. */
  public enum Kind {
    WEBHOOK,
    EMAIL
  }
}
