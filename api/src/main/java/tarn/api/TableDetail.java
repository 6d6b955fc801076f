package tarn.api;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything about one dataset or table.
 *
 * @param summary as in the list of tables
 * @param format {@code iceberg v2}, {@code csv}
 * @param location where its files are
 * @param columns in order
 * @param partitions {@code month(ordered_at)}
 * @param key the columns that identify a row; empty for none
 * @param snapshot the current Iceberg snapshot, or null
 * @param properties what else there is to know, by name
 */
public record TableDetail(
    TableSummary summary,
    String format,
    String location,
    List<TableColumn> columns,
    List<String> partitions,
    List<String> key,
    @Nullable Long snapshot,
    Map<String, String> properties)
    implements Message {

  @Override
  public Fields fields() {
    return summary
        .fields()
        .with("format", format)
        .with("location", location)
        .with("columns", columns)
        .with("partitions", partitions)
        .with("key", key)
        .with("snapshot", snapshot)
        .with("properties", properties);
  }

  public static TableDetail from(Fields fields) {
    return new TableDetail(
        TableSummary.from(fields),
        fields.text("format"),
        fields.text("location"),
        fields.objects("columns", TableColumn::from),
        fields.texts("partitions"),
        fields.texts("key"),
        fields.numberOrNull("snapshot"),
        properties(fields));
  }

  private static Map<String, String> properties(Fields fields) {
    Map<String, String> properties = new TreeMap<>();
    if (fields.value("properties") instanceof Fields given) {
      given.all().keySet().forEach(name -> properties.put(name, given.text(name)));
    }
    return properties;
  }
}
