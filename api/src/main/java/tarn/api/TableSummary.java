package tarn.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A dataset or table in a list.
 *
 * @param name {@code clean.orders}
 * @param kind {@code dataset}, {@code table}, {@code model}, {@code quarantine}, or {@code damaged}
 * @param rows null if that is not known without reading
 * @param files data files
 * @param bytes their size
 * @param updatedAt when it last changed
 * @param description from its definition; of a damaged table, what is wrong
 */
public record TableSummary(
    String name,
    String kind,
    @Nullable Long rows,
    long files,
    long bytes,
    @Nullable Instant updatedAt,
    @Nullable String description)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("name", name)
        .with("kind", kind)
        .with("rows", rows)
        .with("files", files)
        .with("bytes", bytes)
        .with("updated_at", updatedAt)
        .with("description", description);
  }

  public static TableSummary from(Fields fields) {
    return new TableSummary(
        fields.text("name"),
        fields.text("kind"),
        fields.numberOrNull("rows"),
        fields.number("files"),
        fields.number("bytes"),
        fields.timeOrNull("updated_at"),
        fields.textOrNull("description"));
  }
}
