package tarn.core.lake;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Collects problems, so that all of them are reported at once. For one thread. */
public final class Problems {
  private final List<Problem> found = new ArrayList<>();

  /** Adds an error without a suggestion. */
  public void error(Place at, String value, String message) {
    add(Problem.error(at, value, message, ""));
  }

  /** Adds an error with what to do. */
  public void error(Place at, String value, String message, String suggestion) {
    add(Problem.error(at, value, message, suggestion));
  }

  /** Adds an error about a name that is none of the known ones, naming the nearest. */
  public void unknown(Place at, String what, String value, Collection<String> known) {
    error(at, value, "unknown " + what + " '" + value + "'", Nearest.suggestion(value, known));
  }

  /** Adds a problem. */
  public void add(Problem problem) {
    found.add(problem);
  }

  /** Adds problems found elsewhere. */
  public void addAll(Collection<Problem> problems) {
    found.addAll(problems);
  }

  /** How many there are so far: lets a caller see whether a part of the work found any. */
  public int count() {
    return found.size();
  }

  /** All of them, by file, line and column. */
  public List<Problem> sorted() {
    return found.stream().distinct().sorted().toList();
  }
}
