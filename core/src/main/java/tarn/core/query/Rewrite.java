package tarn.core.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.TableName;

/** Turns the tables of a walked tree into views. Changes the tree it is given. */
final class Rewrite {
  private record Key(TableName table, At at) {}

  private final JsonNode tree;
  private final TreeWalk walk;
  private final Map<Scope.Site, TableName> tables = new IdentityHashMap<>();
  private final CatalogNames names;

  Rewrite(JsonNode tree, TreeWalk walk, CatalogNames names) {
    this.tree = tree;
    this.walk = walk;
    this.names = names;
  }

  Resolved resolved() {
    walk.sites.forEach(site -> tables.put(site, names.resolve(site.ref())));
    walk.columns.forEach(this::dropNamespace);
    Map<Key, String> views = new LinkedHashMap<>();
    List<Resolved.Reference> references = new ArrayList<>();
    String prefix = prefix();
    for (Scope.Site site : walk.sites) {
      Key key = new Key(table(site), site.ref().at());
      String view = views.computeIfAbsent(key, k -> prefix + views.size());
      references.add(new Resolved.Reference(key.table(), key.at(), view));
      replace(site, view);
    }
    List<Resolved.View> list = new ArrayList<>();
    views.forEach((key, view) -> list.add(new Resolved.View(view, key.table(), key.at())));
    return new Resolved(tree, walk.sites.stream().map(Scope.Site::node).toList(), references, list);
  }

  private TableName table(Scope.Site site) {
    TableName table = tables.get(site);
    if (table == null) {
      throw new IllegalStateException("unresolved " + site.ref());
    }
    return table;
  }

  /** A WITH query called t0 must not take the place of the view t0. */
  private String prefix() {
    String prefix = "t";
    while (walk.cteNames.stream().anyMatch(prefixed(prefix))) {
      prefix += "_";
    }
    return prefix;
  }

  private static java.util.function.Predicate<String> prefixed(String prefix) {
    return name -> name.matches(prefix + "\\d+");
  }

  private static void replace(Scope.Site site, String view) {
    ObjectNode node = site.node();
    if (site.ref().at() instanceof At.Changes) {
      ChangesCall.becomeTable(node);
    } else if (site.ref().alias() == null) {
      node.put("alias", TreeWalk.text(node, "table_name"));
    }
    node.put("catalog_name", "");
    node.put("schema_name", "");
    node.put("table_name", view);
    node.putNull("at_clause");
    node.putObject("qualified_name").putArray("path").add(view);
  }

  /** {@code clean.orders.total} becomes {@code orders.total}: the view knows no namespace. */
  private void dropNamespace(TreeWalk.ColumnUse use) {
    ArrayNode parts = (ArrayNode) use.node().path("column_names");
    if (parts.size() < 3) {
      return;
    }
    String first = TreeWalk.lower(parts.get(0).asText());
    String second = TreeWalk.lower(parts.get(1).asText());
    boolean hidden = false;
    for (Scope scope = use.scope(); scope != null; scope = scope.parent) {
      if (called(scope, first) != null) {
        return;
      }
      if (isTable(called(scope, second), first)) {
        if (hidden) {
          throw new TarnException(
              ErrorCode.SQL_INVALID,
              "'"
                  + first
                  + "."
                  + second
                  + "' stands for a table outside of this subquery, which has a '"
                  + second
                  + "' of its own: give one an alias");
        }
        parts.remove(0);
        return;
      }
      hidden |= called(scope, second) != null;
    }
  }

  private static Scope.@Nullable Item called(Scope scope, String name) {
    for (Scope.Item item : scope.items) {
      if (item.name().equals(name)) {
        return item;
      }
    }
    return null;
  }

  private boolean isTable(Scope.@Nullable Item item, String namespace) {
    return item != null
        && item.site() != null
        && item.site().ref().alias() == null
        && table(item.site()).namespace().equals(namespace);
  }
}
