package tarn.core.query;

import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
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
    TableName best = null;
    int bestDistance = Math.max(2, name.length() / 3) + 1;
    for (TableName each : names) {
      int distance = distance(each.name(), name);
      boolean elsewhere = namespace != null && !each.namespace().equals(namespace);
      int penalised = distance * 2 + (elsewhere ? 1 : 0);
      if (penalised < bestDistance * 2) {
        best = each;
        bestDistance = distance;
      }
    }
    return best == null ? ": SHOW TABLES lists them" : ": did you mean " + best + "?";
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
