package tarn.testkit.faults;

import java.util.function.Supplier;

/**
 * One life of a process: it ends before or after a chosen effect on the world outside. After the
 * end every further operation ends likewise, so that cleaning up on the way out has no effect
 * either, as in a process that was killed. Only effects are counted: dying at a read is dying after
 * the effect before it. Safe for use by many threads.
 */
public final class Faults {
  private final long fatal;
  private final boolean done;
  private long effects;
  private boolean crashed;

  private Faults(long fatal, boolean done) {
    this.fatal = fatal;
    this.done = done;
  }

  /** A life without an end. */
  public static Faults none() {
    return new Faults(0, false);
  }

  /**
   * A life that ends at the n-th effect, from 1.
   *
   * @param done whether the effect happens and only its answer is lost
   */
  public static Faults at(long effect, boolean done) {
    return new Faults(effect, done);
  }

  /** Whether it has ended. */
  public synchronized boolean crashed() {
    return crashed;
  }

  <T> T read(Supplier<T> work) {
    check();
    return work.get();
  }

  <T> T effect(Supplier<T> work) {
    boolean last = begin();
    T answer = work.get();
    if (last) {
      end();
    }
    return answer;
  }

  void effect(Runnable work) {
    boolean last = begin();
    work.run();
    if (last) {
      end();
    }
  }

  private synchronized boolean begin() {
    check();
    boolean last = ++effects == fatal;
    if (last && !done) {
      end();
    }
    return last;
  }

  private synchronized void check() {
    if (crashed) {
      throw new Crash();
    }
  }

  private synchronized void end() {
    crashed = true;
    throw new Crash();
  }
}
