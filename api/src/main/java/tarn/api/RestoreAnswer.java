package tarn.api;

/**
 * A backup that was restored.
 *
 * @param backup its name
 * @param lake the lake folder
 * @param objects brought into the zones, or there already
 * @param bytes of all of them
 * @param rows of the catalog
 * @param millis how long it took
 */
public record RestoreAnswer(
    String backup, String lake, long objects, long bytes, long rows, long millis)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("backup", backup)
        .with("lake", lake)
        .with("objects", objects)
        .with("bytes", bytes)
        .with("rows", rows)
        .with("millis", millis);
  }

  public static RestoreAnswer from(Fields fields) {
    return new RestoreAnswer(
        fields.text("backup"),
        fields.text("lake"),
        fields.number("objects"),
        fields.number("bytes"),
        fields.number("rows"),
        fields.number("millis"));
  }
}
