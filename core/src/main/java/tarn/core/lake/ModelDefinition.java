package tarn.core.lake;

import java.util.List;

/**
 * An analytics table as {@code models/<name>.sql} declares it.
 *
 * @param file path relative to the lake folder
 * @param table full name, {@code analytics.revenue}
 * @param sql one SELECT, without its front matter; not yet parsed
 * @param sqlLine the line of the file at which the SQL begins, from 1
 * @param settings what its front matter says; defaults of the lake already laid under it
 */
public record ModelDefinition(
    String file, String table, String sql, int sqlLine, Settings settings) {

  /** How the table follows what it reads. */
  public enum Refresh {
    FULL,
    INCREMENTAL
  }

  /** How the table follows what it reads. */
  public Refresh refresh() {
    return settings.get(ModelSettings.REFRESH);
  }

  /** The quality rules as written. */
  public List<RuleText> quality() {
    return settings.get(ModelSettings.QUALITY);
  }

  /** What a rule that is not met does. */
  public TableDefinition.OnFailure onFailure() {
    return settings.get(ModelSettings.ON_FAILURE);
  }

  /** What a row is; may be empty. */
  public String description() {
    return settings.get(ModelSettings.DESCRIPTION);
  }

  /** Whom to ask; may be empty. */
  public String owner() {
    return settings
        .find(ModelSettings.OWNER)
        .orElseGet(() -> settings.get(LakeSettings.TABLE_OWNER));
  }

  /** The partitioning; empty for none. */
  public List<PartitionField> partition() {
    return settings.get(ModelSettings.PARTITION);
  }

  /** The sort order; empty for none. */
  public List<SortField> sort() {
    return settings.get(ModelSettings.SORT);
  }

  /** Where a key is written; the beginning of the file if it is not. */
  public Place place(Setting<?> setting) {
    return settings.place(setting).orElse(Place.startOf(file));
  }
}
