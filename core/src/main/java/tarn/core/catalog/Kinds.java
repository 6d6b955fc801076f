package tarn.core.catalog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tarn.core.engine.Classified;

/** What columns' values look like, over several crawls. */
final class Kinds {
  private Kinds() {}

  /** Counts of one kind are added up; of two kinds, the one that more values are of stays. */
  static List<Classified> merge(List<Classified> before, List<Classified> found) {
    Map<String, Classified> merged = new LinkedHashMap<>();
    before.forEach(c -> merged.put(c.column().toLowerCase(Locale.ROOT), c));
    for (Classified column : found) {
      merged.merge(column.column().toLowerCase(Locale.ROOT), column, Kinds::sum);
    }
    return merged.values().stream().filter(c -> c.values() > 0).toList();
  }

  private static Classified sum(Classified a, Classified b) {
    Classified more = a.matches() >= b.matches() ? a : b;
    long matches = a.kind().equals(b.kind()) ? a.matches() + b.matches() : more.matches();
    return new Classified(a.column(), more.kind(), matches, a.values() + b.values());
  }

  /** A line for each column that is classified for the first time. */
  static List<String> news(Optional<Dataset> before, Dataset now) {
    List<String> news = new ArrayList<>();
    for (Classified column : now.more().classified()) {
      boolean known = before.flatMap(d -> d.more().suggested(column.column())).isPresent();
      if (column.isSuggested() && !known) {
        news.add(
            "suggested classification of "
                + column.column()
                + ": "
                + column.kind()
                + " ("
                + column.confidence()
                + " % of "
                + column.values()
                + " values)");
      }
    }
    return news;
  }
}
