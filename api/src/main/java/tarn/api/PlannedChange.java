package tarn.api;

import java.util.List;

/**
 * What a run would do to one table.
 *
 * @param table {@code clean.orders}
 * @param action {@code create}, {@code load}, {@code define} (a changed definition will hold for
 *     rows that come), {@code backfill}, {@code model}, {@code unchanged}, {@code wait}, {@code
 *     fail}, {@code undefined}; of a dataset {@code crawl}
 * @param files to be read
 * @param bytes their sizes
 * @param details what is different, one line each
 */
public record PlannedChange(
    String table, String action, long files, long bytes, List<String> details) implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("table", table)
        .with("action", action)
        .with("files", files)
        .with("bytes", bytes)
        .with("details", details);
  }

  public static PlannedChange from(Fields fields) {
    return new PlannedChange(
        fields.text("table"),
        fields.text("action"),
        fields.number("files"),
        fields.number("bytes"),
        fields.texts("details"));
  }
}
