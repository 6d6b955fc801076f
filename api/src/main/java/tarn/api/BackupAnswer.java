package tarn.api;

/**
 * A backup that was made.
 *
 * @param backup its name, which is its time
 * @param directory the repository's folder
 * @param tables of the lake
 * @param objects that the lake needs
 * @param bytes of all of them
 * @param copied objects that the repository did not have
 * @param bytesCopied of those
 * @param millis how long it took
 */
public record BackupAnswer(
    String backup,
    String directory,
    long tables,
    long objects,
    long bytes,
    long copied,
    long bytesCopied,
    long millis)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("backup", backup)
        .with("directory", directory)
        .with("tables", tables)
        .with("objects", objects)
        .with("bytes", bytes)
        .with("copied", copied)
        .with("bytes_copied", bytesCopied)
        .with("millis", millis);
  }

  public static BackupAnswer from(Fields fields) {
    return new BackupAnswer(
        fields.text("backup"),
        fields.text("directory"),
        fields.number("tables"),
        fields.number("objects"),
        fields.number("bytes"),
        fields.number("copied"),
        fields.number("bytes_copied"),
        fields.number("millis"));
  }
}
