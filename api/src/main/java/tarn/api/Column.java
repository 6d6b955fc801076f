package tarn.api;

/**
 * A column of an answer or a table.
 *
 * @param name as it is
 * @param type as SQL writes it, {@code DECIMAL(12,2)}
 */
public record Column(String name, String type) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("name", name).with("type", type);
  }

  public static Column from(Fields fields) {
    return new Column(fields.text("name"), fields.text("type"));
  }
}
