package tarn.core.query;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one query node can see: the WITH names and the FROM items of its own and of those around it.
 */
final class Scope {
  final @Nullable Scope parent;
  final List<Item> items = new ArrayList<>();
  private final Set<String> ctes = new HashSet<>();

  Scope(@Nullable Scope parent) {
    this.parent = parent;
  }

  void addCte(String lowerCase) {
    ctes.add(lowerCase);
  }

  boolean seesCte(String lowerCase) {
    for (Scope scope = this; scope != null; scope = scope.parent) {
      if (scope.ctes.contains(lowerCase)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Something in FROM that columns can be qualified with.
   *
   * @param name what it is called here, in lower case
   * @param site the catalog table behind it, if it is one
   */
  record Item(String name, @Nullable Site site) {}

  /**
   * A place where a catalog table stands.
   *
   * @param node its BASE_TABLE
   * @param ref what it says
   */
  record Site(ObjectNode node, TableRef ref) {}
}
