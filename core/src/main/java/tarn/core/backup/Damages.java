package tarn.core.backup;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** What was found missing or broken. Safe for use by many threads. */
final class Damages {
  private static final int MOST_NAMED = 5;

  private final ConcurrentLinkedQueue<String> found = new ConcurrentLinkedQueue<>();

  void add(String what) {
    found.add(what);
  }

  /** All of it, sorted. */
  List<String> all() {
    return found.stream().sorted().toList();
  }

  /** {@code FILE_DAMAGED} if there is any; names the first few. */
  void refuse(String before, String after) {
    List<String> all = all();
    if (!all.isEmpty()) {
      String named = String.join("; ", all.subList(0, Math.min(MOST_NAMED, all.size())));
      String more = all.size() > MOST_NAMED ? " (and " + (all.size() - MOST_NAMED) + " more)" : "";
      throw new TarnException(ErrorCode.FILE_DAMAGED, before + named + more + after);
    }
  }
}
