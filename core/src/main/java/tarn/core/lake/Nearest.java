package tarn.core.lake;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the known name that a mistyped one most probably meant. */
public final class Nearest {
  private static final int MAX_LISTED = 20;
  private static final int MAX_LENGTH = 128;

  private Nearest() {}

  /**
   * The known name with the fewest edits (a letter added, removed, changed, or two neighbours
   * swapped; case does not count), if they are few: a third of its length, at least one. Of equally
   * near names the first in the alphabet.
   */
  public static Optional<String> to(String written, Collection<String> known) {
    return known.stream()
        .filter(name -> edits(written, name) <= allowed(name))
        .min(
            Comparator.<String>comparingInt(name -> edits(written, name))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** "did you mean 'x'?", or the known names if none is near and they are few. */
  public static String suggestion(String written, Collection<String> known) {
    return to(written, known)
        .map(name -> "did you mean '" + name + "'?")
        .orElseGet(
            () ->
                known.isEmpty() || known.size() > MAX_LISTED
                    ? ""
                    : "known: " + known.stream().sorted().collect(Collectors.joining(", ")));
  }

  private static int allowed(String name) {
    return Math.max(1, name.length() / 3);
  }

  /** Edits between two texts when case is ignored (optimal string alignment). */
  static int edits(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    if (Math.max(a.length(), b.length()) > MAX_LENGTH) {
      return a.equals(b) ? 0 : MAX_LENGTH;
    }
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = cheapest(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int cheapest(int[][] cost, String a, String b, int i, int j) {
    if (i == 0 || j == 0) {
      return Math.max(i, j);
    }
    int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int best = Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + change);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
  }
}
