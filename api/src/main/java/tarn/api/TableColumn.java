package tarn.api;

import org.jspecify.annotations.Nullable;

/**
 * A column of a table.
 *
 * @param name as it is
 * @param type as SQL writes it
 * @param required whether it is never null
 * @param description from its definition
 */
public record TableColumn(String name, String type, boolean required, @Nullable String description)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("name", name)
        .with("type", type)
        .with("required", required)
        .with("description", description);
  }

  public static TableColumn from(Fields fields) {
    return new TableColumn(
        fields.text("name"),
        fields.text("type"),
        fields.flag("required"),
        fields.textOrNull("description"));
  }
}
