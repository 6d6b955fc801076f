package tarn.api;

/**
 * A backup that can be read.
 *
 * @param backup its name, which is its time
 * @param tables of the lake
 * @param objects that it lists
 * @param bytes of them
 * @param byReference whether it has no copies of them
 */
public record VerifiedBackup(
    String backup, long tables, long objects, long bytes, boolean byReference) implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("backup", backup)
        .with("tables", tables)
        .with("objects", objects)
        .with("bytes", bytes)
        .with("by_reference", byReference);
  }

  public static VerifiedBackup from(Fields fields) {
    return new VerifiedBackup(
        fields.text("backup"),
        fields.number("tables"),
        fields.number("objects"),
        fields.number("bytes"),
        fields.flag("by_reference"));
  }
}
