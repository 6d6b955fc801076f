package tarn.core.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tarn.core.engine.Classified;
import tarn.core.engine.Column;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;

/**
 * What the crawler knows of a dataset.
 *
 * @param name {@code raw.orders}
 * @param source where it lands
 * @param columns of its records and its partitions, with the widest types seen
 * @param partitions the columns that come from folders
 * @param format {@code csv}, {@code json}, with its compression; {@code mixed} for several
 * @param files how many
 * @param bytes their sizes, summed
 * @param crawledSeq the ledger is taken in up to here
 * @param updatedAt when this was last changed
 * @param more what else
 */
public record Dataset(
    TableName name,
    SourceName source,
    List<Column> columns,
    List<String> partitions,
    String format,
    long files,
    long bytes,
    long crawledSeq,
    Instant updatedAt,
    More more) {

  /**
   * What else a crawl notes.
   *
   * @param excluded files that are passed over
   * @param said which definitions of the lake folder it followed
   * @param deprecated whether no file belongs to it any more
   * @param classified what values of its columns looked like
   */
  public record More(long excluded, String said, boolean deprecated, List<Classified> classified) {
    /** Nothing. */
    public static final More NONE = new More(0, "", false, List.of());

    public More {
      classified = List.copyOf(classified);
    }

    /** What a column is classified as, as far as one can tell; empty if one cannot. */
    public Optional<Classified> suggested(String column) {
      return classified.stream()
          .filter(c -> c.column().equalsIgnoreCase(column) && c.isSuggested())
          .findFirst();
    }
  }
}
