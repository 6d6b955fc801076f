package tarn.core.observe;

/**
 * Hears how far a long operation is, and may throw {@code CANCELLED} to stop it at a point where
 * that is safe.
 */
@FunctionalInterface
public interface Progress {
  /** For work that nobody watches. */
  Progress NONE = (stage, name, done, total, unit) -> {};

  /**
   * Says that so much of it is done.
   *
   * @param total -1 if it is not known
   */
  void report(String stage, String name, long done, long total, String unit);
}
