package tarn.core.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.TableName;

/** Which model reads which tables, and the order to make them in. Immutable. */
public final class ModelGraph {
  private final SortedMap<TableName, SortedSet<TableName>> reads;
  private final List<TableName> order;

  private ModelGraph(SortedMap<TableName, SortedSet<TableName>> reads) {
    this.reads = reads;
    Walk walk = new Walk(reads);
    if (!walk.circle.isEmpty()) {
      throw circular(walk.circle);
    }
    this.order = List.copyOf(walk.done.keySet());
  }

  /**
   * The graph of some models. Tables that no model makes are taken as they are.
   *
   * @throws TarnException {@code DEFINITION_INVALID} if two models make the same table, or if
   *     models need each other, with the path
   */
  public static ModelGraph of(Collection<ModelSql> models) {
    SortedMap<TableName, SortedSet<TableName>> reads = new TreeMap<>();
    for (ModelSql model : models) {
      if (reads.put(model.model(), model.reads()) != null) {
        throw new TarnException(
            ErrorCode.DEFINITION_INVALID, "two models make the table " + model.model());
      }
    }
    return new ModelGraph(reads);
  }

  /**
   * Models that read each other: the path of each circle. What only reads one of them is in none.
   */
  static List<List<TableName>> circles(Collection<ModelSql> models) {
    SortedMap<TableName, SortedSet<TableName>> left = new TreeMap<>();
    models.forEach(model -> left.put(model.model(), model.reads()));
    List<List<TableName>> circles = new ArrayList<>();
    for (List<TableName> circle = circle(left); !circle.isEmpty(); circle = circle(left)) {
      circles.add(circle);
      left.keySet().removeAll(circle);
    }
    return circles;
  }

  /** Empty if there is none. */
  private static List<TableName> circle(SortedMap<TableName, SortedSet<TableName>> reads) {
    return new Walk(reads).circle;
  }

  /** The failure of the models of a circle. */
  static TarnException circular(List<TableName> circle) {
    List<String> names = new ArrayList<>();
    circle.forEach(each -> names.add(each.toString()));
    names.add(names.get(0));
    return new TarnException(
        ErrorCode.DEFINITION_INVALID,
        "models read each other in a circle: " + String.join(" reads ", names));
  }

  /** All models, each after those it reads; by name where that leaves a choice. */
  public List<TableName> order() {
    return order;
  }

  /** The models that a model reads, directly. */
  public SortedSet<TableName> modelsReadBy(TableName model) {
    return modelsRead(reads, model);
  }

  /** The models that read a table, directly or through other models, in the order to make them. */
  public List<TableName> downstream(TableName table) {
    SortedSet<TableName> stale = new TreeSet<>(List.of(table));
    List<TableName> found = new ArrayList<>();
    for (TableName model : order) {
      if (modelOrTableReads(model).stream().anyMatch(stale::contains)) {
        stale.add(model);
        found.add(model);
      }
    }
    return found;
  }

  private SortedSet<TableName> modelOrTableReads(TableName model) {
    return reads.getOrDefault(model, new TreeSet<>());
  }

  /** Depth first, with a stack of its own: a chain of models may be long. Ends at a circle. */
  private static final class Walk {
    private final SortedMap<TableName, SortedSet<TableName>> reads;
    private final Map<TableName, Boolean> done = new LinkedHashMap<>();
    private final Map<TableName, Iterator<TableName>> path = new LinkedHashMap<>();
    private final Deque<TableName> stack = new ArrayDeque<>();
    private List<TableName> circle = List.of();

    Walk(SortedMap<TableName, SortedSet<TableName>> reads) {
      this.reads = reads;
      for (TableName start : reads.keySet()) {
        visit(start);
      }
    }

    private void visit(TableName start) {
      if (circle.isEmpty()) {
        enter(start);
      }
      while (!stack.isEmpty() && circle.isEmpty()) {
        TableName model = stack.peek();
        Iterator<TableName> rest = path.get(model);
        if (rest != null && rest.hasNext()) {
          enter(rest.next());
        } else {
          path.remove(stack.pop());
          done.put(model, true);
        }
      }
    }

    private void enter(TableName model) {
      if (path.containsKey(model)) {
        List<TableName> names = new ArrayList<>(path.keySet());
        circle = List.copyOf(names.subList(names.indexOf(model), names.size()));
      } else if (!done.containsKey(model)) {
        path.put(model, modelsRead(reads, model).iterator());
        stack.push(model);
      }
    }
  }

  private static SortedSet<TableName> modelsRead(
      SortedMap<TableName, SortedSet<TableName>> reads, TableName model) {
    SortedSet<TableName> found = new TreeSet<>(reads.getOrDefault(model, new TreeSet<>()));
    found.retainAll(reads.keySet());
    return found;
  }
}
