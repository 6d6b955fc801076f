package tarn.core.lake;

/**
 * Who is told that a run failed, or that the next one went well again.
 *
 * @param kind how
 * @param to an address of e-mail; or of a webhook, or a reference to it: {@code env:<variable>},
 *     {@code file:<path>}, a {@link StoredSecret}
 */
public record Recipient(Kind kind, String to) {

  static final String WEBHOOK =
      "https://[^\\s@]+|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]{1,5})?(/[^\\s@]*)?";

  /** Whether a text is an address that may be told: encrypted, or of this machine. */
  public static boolean isWebhook(String text) {
    return text.matches(WEBHOOK);
  }

  /** The way to a recipient. */
  public enum Kind {
    WEBHOOK,
    EMAIL
  }
}
