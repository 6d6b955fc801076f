package tarn.core.lake;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What becomes of files as they grow old.
 *
 * @param area which files
 * @param prefix only those whose path begins so, character by character; empty for all. A file of
 *     raw or archive has the path it landed under, {@code landing/weblogs/year=2025/a.log}
 * @param transition after how long raw files go to the archive zone
 * @param storageClass of what goes there, behind an S3 API
 * @param expire after how long files are removed for good
 * @param place where the rule is written
 */
public record LifecycleRule(
    Area area,
    String prefix,
    Optional<Duration> transition,
    StorageClass storageClass,
    Optional<Duration> expire,
    Place place) {

  /** Zones whose files grow old. Those of clean and analytics belong to their tables. */
  public enum Area {
    /** Files in raw, and their expiry after they were archived too. */
    RAW,
    /** Files in the archive zone. */
    ARCHIVE,
    /** Objects in the temp zone. */
    TEMP;

    /** As it is written. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What holds for objects in temp for which no rule says anything. */
  public static final LifecycleRule TEMP =
      new LifecycleRule(
          Area.TEMP,
          "",
          Optional.empty(),
          StorageClass.STANDARD,
          Optional.of(Duration.ofDays(7)),
          Place.startOf(LakeFolder.LAKE_FILE));

  /** Whether a file of that path is meant. */
  public boolean covers(String path) {
    return path.startsWith(prefix);
  }

  /** Whether some path can be meant by both. */
  boolean overlaps(LifecycleRule other) {
    return covers(other.prefix) || other.covers(prefix);
  }

  /** Its area and prefix: {@code raw landing/weblogs/}. */
  public String name() {
    return prefix.isEmpty() ? area.label() : area.label() + " " + prefix;
  }
}
