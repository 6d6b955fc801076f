package tarn.api;

import org.jspecify.annotations.Nullable;

/**
 * What became of an uploaded file.
 *
 * @param outcome {@code landed}, or {@code duplicate}: the same bytes had landed in that folder
 *     before
 * @param seq the ledger batch it is in; null for a duplicate
 * @param key the object it is stored as; null for a duplicate
 * @param bytes its size
 * @param sha256 of its bytes, 64 hex digits
 */
public record UploadAnswer(
    String outcome, @Nullable Long seq, @Nullable String key, long bytes, String sha256)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("outcome", outcome)
        .with("seq", seq)
        .with("key", key)
        .with("bytes", bytes)
        .with("sha256", sha256);
  }

  public static UploadAnswer from(Fields fields) {
    return new UploadAnswer(
        fields.text("outcome"),
        fields.numberOrNull("seq"),
        fields.textOrNull("key"),
        fields.number("bytes"),
        fields.text("sha256"));
  }
}
