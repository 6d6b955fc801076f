package tarn.api;

import java.util.List;

/**
 * What a crawl found out about one dataset.
 *
 * @param dataset {@code raw.orders}
 * @param change {@code added}, {@code changed}, {@code unchanged} or {@code removed}
 * @param format {@code csv}, {@code json}; with its compression, {@code csv.gz}
 * @param files files it has now
 * @param newFiles files among them that no crawl saw before
 * @param bytes their size
 * @param partitions how many different partitions those are in
 * @param columnsAdded columns it did not have before
 * @param columnsChanged columns that have another type now, with that
 * @param columnsRemoved columns that are gone
 * @param notes what a person should know, one line each
 */
public record DatasetChange(
    String dataset,
    String change,
    String format,
    long files,
    long newFiles,
    long bytes,
    long partitions,
    List<Column> columnsAdded,
    List<Column> columnsChanged,
    List<Column> columnsRemoved,
    List<String> notes)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("dataset", dataset)
        .with("change", change)
        .with("format", format)
        .with("files", files)
        .with("new_files", newFiles)
        .with("bytes", bytes)
        .with("partitions", partitions)
        .with("columns_added", columnsAdded)
        .with("columns_changed", columnsChanged)
        .with("columns_removed", columnsRemoved)
        .with("notes", notes);
  }

  public static DatasetChange from(Fields fields) {
    return new DatasetChange(
        fields.text("dataset"),
        fields.text("change"),
        fields.text("format"),
        fields.number("files"),
        fields.number("new_files"),
        fields.number("bytes"),
        fields.number("partitions"),
        fields.objects("columns_added", Column::from),
        fields.objects("columns_changed", Column::from),
        fields.objects("columns_removed", Column::from),
        fields.texts("notes"));
  }
}
