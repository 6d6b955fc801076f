package tarn.core.lake;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.types.Type;

/**
 * A clean table as {@code tables/<name>.yaml} declares it. Recipe and rules are as written.
 *
 * @param file path relative to the lake folder
 * @param table full name, {@code clean.orders}
 * @param from full name of its dataset, {@code raw.orders}
 * @param settings what its file says; defaults of the lake already laid under it
 */
public record TableDefinition(String file, String table, String from, Settings settings) {

  /** How rows of a new batch meet the rows that are there. */
  public enum Write {
    APPEND,
    UPSERT,
    OVERWRITE
  }

  /** How an upsert removes replaced rows. */
  public enum Merge {
    MERGE_ON_READ,
    COPY_ON_WRITE
  }

  /** What a rule for the whole table does to a load that does not meet it. */
  public enum OnFailure {
    FAIL,
    WARN
  }

  /** What a change of the definition does to rows that are there. */
  public enum OnChange {
    FORWARD,
    BACKFILL
  }

  /** What a row is; may be empty. */
  public String description() {
    return settings.get(TableSettings.DESCRIPTION);
  }

  /** Whom to ask; may be empty. */
  public String owner() {
    return settings
        .find(TableSettings.OWNER)
        .orElseGet(() -> settings.get(LakeSettings.TABLE_OWNER));
  }

  /** Types that overrule the crawler's, by column of the dataset, in the order written. */
  public Map<String, Type.PrimitiveType> columns() {
    return settings.get(TableSettings.COLUMNS);
  }

  /** What columns hold, by column. */
  public Map<String, String> classification() {
    return settings.get(TableSettings.CLASSIFICATION);
  }

  /** The recipe's steps as written. */
  public List<StepText> recipe() {
    return settings.get(TableSettings.RECIPE);
  }

  /** The quality rules as written. */
  public List<RuleText> quality() {
    return settings.get(TableSettings.QUALITY);
  }

  /** What a rule for the whole table does to a load that does not meet it. */
  public OnFailure onFailure() {
    return settings.get(TableSettings.ON_FAILURE);
  }

  /** What a change of the definition does to rows that are there. */
  public OnChange onChange() {
    return settings.get(TableSettings.ON_CHANGE);
  }

  /** The columns that identify a row; empty if none do. */
  public List<String> key() {
    return settings.get(TableSettings.KEY);
  }

  /** The column whose greater value is newer; empty: what landed later is. */
  public Optional<String> ordering() {
    return settings.find(TableSettings.ORDERING);
  }

  /** How rows are written. */
  public Write write() {
    return settings
        .find(TableSettings.WRITE)
        .orElseGet(() -> key().isEmpty() ? Write.APPEND : Write.UPSERT);
  }

  /** How upserts remove what they replace. */
  public Merge merge() {
    return settings
        .find(TableSettings.MERGE)
        .orElseGet(() -> settings.get(LakeSettings.TABLE_MERGE));
  }

  /** The partitioning; empty for none. */
  public List<PartitionField> partition() {
    return settings.get(TableSettings.PARTITION);
  }

  /** The sort order; empty for none. */
  public List<SortField> sort() {
    return settings.get(TableSettings.SORT);
  }

  /** The Iceberg format version: as written, or 3 for a table with a key and 2 without. */
  public int formatVersion() {
    return settings
        .find(TableSettings.FORMAT_VERSION)
        .or(() -> settings.find(LakeSettings.TABLE_FORMAT_VERSION))
        .map(Long::intValue)
        .orElse(key().isEmpty() ? 2 : 3);
  }

  /** Where a key is written; the beginning of the file if it is not. */
  public Place place(Setting<?> setting) {
    return settings.place(setting).orElse(Place.startOf(file));
  }
}
