package tarn.api;

/**
 * What {@code POST /v1/backup} asks.
 *
 * @param directory the repository's folder, absolute
 * @param byReference whether to only list the objects and not copy them
 */
public record BackupRequest(String directory, boolean byReference) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("directory", directory).with("by_reference", byReference);
  }

  public static BackupRequest from(Fields fields) {
    fields.only("directory", "by_reference");
    return new BackupRequest(fields.text("directory"), fields.flag("by_reference"));
  }
}
