package tarn.api;

import java.util.List;

/**
 * What is there, and what is not: of a lake, or of a folder of backups.
 *
 * @param tables of a lake, by name
 * @param backups of a folder, oldest first
 * @param objects how many were looked at
 * @param bytes of those that are there
 * @param problems what is missing or broken, one line each; none if all is well
 */
public record VerifyAnswer(
    List<VerifiedTable> tables,
    List<VerifiedBackup> backups,
    long objects,
    long bytes,
    List<String> problems)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("tables", tables)
        .with("backups", backups)
        .with("objects", objects)
        .with("bytes", bytes)
        .with("problems", problems);
  }

  public static VerifyAnswer from(Fields fields) {
    return new VerifyAnswer(
        fields.objects("tables", VerifiedTable::from),
        fields.objects("backups", VerifiedBackup::from),
        fields.number("objects"),
        fields.number("bytes"),
        fields.texts("problems"));
  }
}
