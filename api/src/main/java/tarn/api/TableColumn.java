package tarn.api;

import org.jspecify.annotations.Nullable;

/**
 * A column of a table.
 *
 * @param name as it is
 * @param type as SQL writes it
 * @param required whether it is never null
 * @param description from its definition
 * @param classification what it holds, as its definition says
 * @param suggested what a crawl thinks that it holds, if no definition says so
 * @param confidencePercent how many of the values looked at are of that kind
 */
public record TableColumn(
    String name,
    String type,
    boolean required,
    @Nullable String description,
    @Nullable String classification,
    @Nullable String suggested,
    @Nullable Long confidencePercent)
    implements Message {

  /** A column of which nobody says what it holds. */
  public TableColumn(String name, String type, boolean required, @Nullable String description) {
    this(name, type, required, description, null, null, null);
  }

  @Override
  public Fields fields() {
    return new Fields()
        .with("name", name)
        .with("type", type)
        .with("required", required)
        .with("description", description)
        .with("classification", classification)
        .with("suggested", suggested)
        .with("confidence_percent", confidencePercent);
  }

  public static TableColumn from(Fields fields) {
    return new TableColumn(
        fields.text("name"),
        fields.text("type"),
        fields.flag("required"),
        fields.textOrNull("description"),
        fields.textOrNull("classification"),
        fields.textOrNull("suggested"),
        fields.numberOrNull("confidence_percent"));
  }
}
