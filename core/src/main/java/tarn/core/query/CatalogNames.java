package tarn.core.query;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.Nearest;
import tarn.core.table.TableName;

/** The names that a query can mean: those of all tables and datasets its principal may know of. */
public final class CatalogNames {
  private final SortedSet<TableName> names;

  public CatalogNames(Collection<TableName> names) {
    this.names = new TreeSet<>(names);
  }

  /**
   * The one table a reference means.
   *
   * @throws TarnException {@code NOT_FOUND} with the nearest known name; {@code NAME_AMBIGUOUS} for
   *     a bare name that stands in several namespaces, with all of them
   */
  public TableName resolve(TableRef ref) {
    return resolve(ref.namespace(), ref.name());
  }

  TableName resolve(@Nullable String namespace, String name) {
    List<TableName> found =
        names.stream()
            .filter(each -> each.name().equals(name))
            .filter(each -> namespace == null ? isCommon(each) : each.namespace().equals(namespace))
            .toList();
    String written = namespace == null ? name : namespace + "." + name;
    if (found.isEmpty()) {
      throw new TarnException(
          ErrorCode.NOT_FOUND, "no table is called '" + written + "'" + nearest(namespace, name));
    }
    if (found.size() > 1) {
      String all = String.join(" or ", found.stream().map(TableName::toString).toList());
      throw new TarnException(
          ErrorCode.NAME_AMBIGUOUS, "'" + written + "' stands for several tables: write " + all);
    }
    return found.get(0);
  }

  /** A table's quarantine has the table's name: a bare name never means it. */
  private static boolean isCommon(TableName name) {
    return !name.namespace().equals("quarantine");
  }

  private String nearest(@Nullable String namespace, String name) {
    List<String> bare = names.stream().map(TableName::name).distinct().toList();
    Optional<TableName> best =
        Nearest.to(name, bare)
            .flatMap(
                near ->
                    names.stream()
                        .filter(each -> each.name().equals(near))
                        .min(Comparator.comparing(each -> !each.namespace().equals(namespace))));
    return best.map(found -> ": did you mean " + found + "?").orElse(": SHOW TABLES lists them");
  }
}
