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
 * @param columnsAdded columns it did not have before, or has with another type now
 * @param notes what a person should know, one line each
 */
public record DatasetChange(
    String dataset,
    String change,
    String format,
    long files,
    long newFiles,
    long bytes,
    List<Column> columnsAdded,
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
        .with("columns_added", columnsAdded)
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
        fields.objects("columns_added", Column::from),
        fields.texts("notes"));
  }
}
