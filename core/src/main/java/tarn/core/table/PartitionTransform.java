package tarn.core.table;

import org.jspecify.annotations.Nullable;

/**
 * One field of a partition spec.
 *
 * @param kind Iceberg's transform
 * @param parameter the count of buckets or the width of a truncation; null for the others
 * @param column the source column
 */
public record PartitionTransform(Kind kind, @Nullable Integer parameter, String column) {
  /** Iceberg's partition transforms. */
  public enum Kind {
    IDENTITY,
    YEAR,
    MONTH,
    DAY,
    HOUR,
    BUCKET,
    TRUNCATE
  }

  @Override
  public String toString() {
    return switch (kind) {
      case IDENTITY -> column;
      case BUCKET, TRUNCATE ->
          kind.name().toLowerCase(java.util.Locale.ROOT) + "(" + parameter + ", " + column + ")";
      default -> kind.name().toLowerCase(java.util.Locale.ROOT) + "(" + column + ")";
    };
  }
}
