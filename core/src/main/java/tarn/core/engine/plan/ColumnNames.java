package tarn.core.engine.plan;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of the columns at a point of a recipe: all of them, when a dataset has been
 * crawled; or, when a recipe is checked without its data, only those that steps have named, added
 * and taken away. Immutable.
 */
public final class ColumnNames {
  private final List<String> names;
  private final Set<String> gone;
  private final boolean complete;

  private ColumnNames(List<String> names, Set<String> gone, boolean complete) {
    this.names = List.copyOf(names);
    this.gone = Set.copyOf(gone);
    this.complete = complete;
  }

  /** These and no others. */
  public static ColumnNames of(List<String> names) {
    return new ColumnNames(names, Set.of(), true);
  }

  /** Any column may be there. */
  public static ColumnNames unknown() {
    return new ColumnNames(List.of(), Set.of(), false);
  }

  /** The columns that are known to be there, in order. */
  public List<String> names() {
    return names;
  }

  /** Whether there are no others. */
  public boolean isComplete() {
    return complete;
  }

  /** Whether the column is there, as far as is known. Case counts. */
  public boolean has(String name) {
    return names.contains(name) || !complete && !gone.contains(name);
  }

  /** A column that is known to be there and has this name when case is ignored. */
  public Optional<String> clash(String name) {
    return names.stream().filter(name::equalsIgnoreCase).findFirst();
  }

  /** These columns, with one that turned out to be used; the same if it is known already. */
  public ColumnNames using(String name) {
    if (complete || names.contains(name)) {
      return this;
    }
    Set<String> more = new LinkedHashSet<>(names);
    more.add(name);
    return new ColumnNames(List.copyOf(more), gone, false);
  }

  private ColumnNames with(List<String> more) {
    Set<String> now = new LinkedHashSet<>(names);
    now.addAll(more);
    Set<String> goneNow = new HashSet<>(gone);
    goneNow.removeAll(now);
    return new ColumnNames(List.copyOf(now), goneNow, complete);
  }

  /** The columns after a step. */
  public ColumnNames after(Step step) {
    if (step instanceof Step.Lookup lookup) {
      return with(lookup.taken().stream().map(Step.Taken::name).toList());
    }
    if (!(step instanceof Step.Project project)) {
      return this;
    }
    List<String> now = project.columns().stream().map(Step.Named::name).toList();
    Set<String> goneNow = new HashSet<>(gone);
    goneNow.addAll(names);
    now.forEach(goneNow::remove);
    return new ColumnNames(now, goneNow, complete);
  }
}
