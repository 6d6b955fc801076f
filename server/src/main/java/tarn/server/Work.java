package tarn.server;

/**
 * What a long operation has to do with its caller.
 *
 * @param progress hears how far it is
 * @param cancellation says whether the caller still wants it
 */
public record Work(Progress progress, Cancellation cancellation) {

  /**
   * Hears how far a long operation is. May be called by several threads and as often as one likes.
   */
  @FunctionalInterface
  public interface Progress {
    /**
     * Says that so much of it is done.
     *
     * @param stage what is done, {@code clean}
     * @param name to what, {@code clean.orders}
     * @param done how much of it, in units
     * @param total of how much, or -1 if that is not known
     * @param unit {@code files}, {@code rows}, {@code bytes}, {@code tables}
     */
    void report(String stage, String name, long done, long total, String unit);
  }
}
