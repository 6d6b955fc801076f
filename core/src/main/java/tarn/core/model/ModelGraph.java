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
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.TableName;

/** Which model reads which tables, and the order to make them in. Immutable. */
public final class ModelGraph {
  private final SortedMap<TableName, SortedSet<TableName>> reads;
  private final List<TableName> order;

  private ModelGraph(SortedMap<TableName, SortedSet<TableName>> reads) {
    this.reads = reads;
    this.order = sorted();
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

  /** All models, each after those it reads; by name where that leaves a choice. */
  public List<TableName> order() {
    return order;
  }

  /** The models that a model reads, directly. */
  public SortedSet<TableName> modelsReadBy(TableName model) {
    SortedSet<TableName> found = new TreeSet<>(reads.getOrDefault(model, new TreeSet<>()));
    found.retainAll(reads.keySet());
    return found;
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

  /** Depth first, with a stack of its own: a chain of models may be long. */
  private List<TableName> sorted() {
    Map<TableName, Boolean> done = new LinkedHashMap<>();
    for (TableName start : reads.keySet()) {
      visit(start, done);
    }
    return List.copyOf(done.keySet());
  }

  private void visit(TableName start, Map<TableName, Boolean> done) {
    Map<TableName, Iterator<TableName>> path = new LinkedHashMap<>();
    Deque<TableName> stack = new ArrayDeque<>();
    enter(start, path, stack, done);
    while (!stack.isEmpty()) {
      TableName model = stack.peek();
      Iterator<TableName> rest = path.get(model);
      if (rest != null && rest.hasNext()) {
        enter(rest.next(), path, stack, done);
      } else {
        path.remove(stack.pop());
        done.put(model, true);
      }
    }
  }

  private void enter(
      TableName model,
      Map<TableName, Iterator<TableName>> path,
      Deque<TableName> stack,
      Map<TableName, Boolean> done) {
    if (path.containsKey(model)) {
      throw cycle(model, new ArrayList<>(path.keySet()));
    }
    @Nullable Boolean known = done.get(model);
    if (known == null) {
      path.put(model, modelsReadBy(model).iterator());
      stack.push(model);
    }
  }

  private static TarnException cycle(TableName model, List<TableName> path) {
    List<String> names = new ArrayList<>();
    path.subList(path.indexOf(model), path.size()).forEach(each -> names.add(each.toString()));
    names.add(model.toString());
    return new TarnException(
        ErrorCode.DEFINITION_INVALID,
        "models read each other in a circle: " + String.join(" reads ", names));
  }
}
