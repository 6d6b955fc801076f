package tarn.iceberg;

import java.util.Map;
import org.apache.iceberg.TableProperties;

/**
 * What every table gets at creation, so that its metadata stays bounded however many commits come.
 */
final class TablePolicies {
  static final Map<String, String> METADATA_LIMITS =
      Map.of(
          TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true",
          TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "10",
          TableProperties.MANIFEST_MERGE_ENABLED, "true",
          TableProperties.MANIFEST_MIN_MERGE_COUNT, "20",
          TableProperties.METADATA_COMPRESSION, "gzip");

  /**
   * When a table has more snapshots than this, old ones are expired down to {@link #KEPT_SNAPSHOTS}
   * without waiting for maintenance.
   */
  static final int MAX_SNAPSHOTS = 200;

  static final int KEPT_SNAPSHOTS = 100;

  private TablePolicies() {}
}
