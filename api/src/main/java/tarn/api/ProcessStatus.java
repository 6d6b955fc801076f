package tarn.api;

/**
 * A process of the lake.
 *
 * @param name {@code server}, {@code worker}
 * @param pid its process id
 * @param residentBytes its memory; -1 if it cannot be told
 */
public record ProcessStatus(String name, long pid, long residentBytes) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("name", name).with("pid", pid).with("resident_bytes", residentBytes);
  }

  public static ProcessStatus from(Fields fields) {
    return new ProcessStatus(
        fields.text("name"), fields.number("pid"), fields.number("resident_bytes"));
  }
}
