package tarn.api;

import java.util.List;

/**
 * What came back from the archive.
 *
 * @param dataset {@code raw.weblogs}
 * @param restored files that are in raw again
 * @param restoredBytes their sizes
 * @param expired files of the dataset that are gone for good
 * @param failed why files stayed in the archive, one line each
 */
public record UnarchiveAnswer(
    String dataset, long restored, long restoredBytes, long expired, List<String> failed)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("dataset", dataset)
        .with("restored", restored)
        .with("restored_bytes", restoredBytes)
        .with("expired", expired)
        .with("failed", failed);
  }

  public static UnarchiveAnswer from(Fields fields) {
    return new UnarchiveAnswer(
        fields.text("dataset"),
        fields.number("restored"),
        fields.number("restored_bytes"),
        fields.number("expired"),
        fields.texts("failed"));
  }
}
