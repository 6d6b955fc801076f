package tarn.core.source;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** How quickly a table is being loaded, for people. Safe for use by many threads. */
final class Rate {
  private static final double NANOS_PER_SECOND = 1e9;

  private final AtomicLong rows = new AtomicLong();
  private volatile String table = "";
  private volatile long estimate;
  private volatile long began;
  private volatile boolean ended = true;

  /** The rows of another part of the same table are added to those before. */
  void begin(String table, long estimate) {
    if (!this.table.equals(table)) {
      rows.set(0);
      began = System.nanoTime();
    }
    this.estimate = estimate;
    this.table = table;
    ended = false;
  }

  void add(long some) {
    rows.addAndGet(some);
  }

  long rows() {
    return rows.get();
  }

  void end() {
    ended = true;
  }

  /** {@code public.orders, 120,000 of about 4,000,000 rows, 60,000/s, 65 s left}; or empty. */
  String text() {
    if (ended) {
      return "";
    }
    long done = rows.get();
    double perSecond = done / Math.max((System.nanoTime() - began) / NANOS_PER_SECOND, 1e-3);
    String text = String.format(Locale.ROOT, "%s, %,d", table, done);
    if (estimate <= 0) {
      return text + " rows";
    }
    text += String.format(Locale.ROOT, " of about %,d rows", estimate);
    return done == 0 || done >= estimate
        ? text
        : text
            + String.format(
                Locale.ROOT,
                ", %,.0f/s, %,.0f s left",
                perSecond,
                Math.ceil((estimate - done) / perSecond));
  }
}
