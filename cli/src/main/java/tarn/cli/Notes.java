package tarn.cli;

import java.io.PrintStream;
import tarn.api.Event;

/**
 * Remarks and progress, on standard error. On a terminal progress is one line that is written over;
 * elsewhere a line at most every five seconds and one when something is done.
 */
final class Notes {
  private static final long SPARSE_NANOS = 5_000_000_000L;
  private static final int BAR = 20;

  private final PrintStream to;
  private final Terminal terminal;
  private final boolean quiet;
  private long last = System.nanoTime();
  private boolean open;

  Notes(PrintStream to, Terminal terminal, boolean quiet) {
    this.to = to;
    this.terminal = terminal;
    this.quiet = quiet;
  }

  /** Says one line. */
  void say(String line) {
    clear();
    if (!quiet) {
      to.println(line);
    }
  }

  /** Shows how far something is. */
  void progress(Event.Progress now) {
    progress(shown(now), plain(now), now.done() == now.total());
  }

  /** Shows how far something is, in words. */
  void progress(String words) {
    String line = Cells.oneLine(words);
    progress(line, line, false);
  }

  private void progress(String shown, String plain, boolean done) {
    if (quiet) {
      return;
    }
    if (terminal.err()) {
      to.print("\r" + Cells.cut(shown, Math.max(20, terminal.columns() - 1)) + "\033[K");
      to.flush();
      open = true;
    } else if (done || System.nanoTime() - last > SPARSE_NANOS) {
      last = System.nanoTime();
      to.println(plain);
    }
  }

  /** Takes the progress line away. */
  void clear() {
    if (open) {
      to.print("\r\033[K");
      to.flush();
      open = false;
    }
  }

  static String bar(long done, long total) {
    int full = total <= 0 ? 0 : (int) Math.min(BAR, done * BAR / total);
    return "█".repeat(full) + "░".repeat(BAR - full);
  }

  private static String shown(Event.Progress now) {
    return now.total() < 0
        ? plain(now)
        : now.stage()
            + " "
            + bar(now.done(), now.total())
            + " "
            + amount(now)
            + " "
            + Cells.oneLine(now.name());
  }

  private static String plain(Event.Progress now) {
    return now.stage() + " " + Cells.oneLine(now.name()) + ": " + amount(now);
  }

  private static String amount(Event.Progress now) {
    if (now.unit().equals("bytes")) {
      return Sizes.bytes(now.done()) + (now.total() < 0 ? "" : " of " + Sizes.bytes(now.total()));
    }
    return now.done() + (now.total() < 0 ? "" : "/" + now.total()) + " " + now.unit();
  }
}
