package tarn.core.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import tarn.core.engine.Engine;
import tarn.core.errors.TarnException;
import tarn.core.table.TableName;

/**
 * A query that is ready to run: its tables are found, and its text reads one view for each table
 * and state. Who runs it makes those views first.
 */
public final class Resolved {
  private final JsonNode tree;
  private final List<ObjectNode> nodes;
  private final List<Reference> references;
  private final List<View> views;

  /**
   * @param nodes where in the tree each reference stands
   */
  Resolved(JsonNode tree, List<ObjectNode> nodes, List<Reference> references, List<View> views) {
    this.tree = tree;
    this.nodes = List.copyOf(nodes);
    this.references = List.copyOf(references);
    this.views = List.copyOf(views);
  }

  /**
   * A place where the query reads a table.
   *
   * @param table which
   * @param at in which state
   * @param view the name that stands there now
   */
  public record Reference(TableName table, At at, String view) {}

  /**
   * A view that the query reads.
   *
   * @param name in the default schema
   * @param table what it must show
   * @param at in which state
   */
  public record View(String name, TableName table, At at) {}

  /**
   * The text to run: the engine's own for this tree, once what the engine reads in that text has
   * passed the guard again and reads these views and nothing else. So what runs is what was
   * checked, even if the engine writes a tree in another way than it reads it.
   *
   * @throws TarnException {@code SQL_REFUSED} if the text says anything else
   */
  public String text(Engine engine, Duration timeout) {
    return checked(engine.unparse(tree, timeout));
  }

  String checked(Engine.Text text) {
    Set<String> names = new HashSet<>();
    views.forEach(view -> names.add(view.name()));
    for (TableRef ref : SqlTree.read(text.tree()).tables()) {
      boolean view = ref.namespace() == null && names.contains(ref.name());
      if (!view || !(ref.at() instanceof At.Latest)) {
        throw TreeWalk.refused(
            "the engine would read '" + ref.name() + "' here, which the query does not name");
      }
    }
    return text.sql();
  }

  /** The rewritten query, for {@code json_deserialize_sql}. */
  public String json() {
    return SqlTree.write(tree);
  }

  /** The views to make, each once. */
  public List<View> views() {
    return views;
  }

  /** Every place where a table is read, in reading order. */
  public List<Reference> references() {
    return references;
  }

  /**
   * For each of {@link #references()}, an expression that is true for every row which can matter to
   * the query there: files and rows for which it is false need not be read. {@code alwaysTrue} when
   * nothing is known.
   *
   * @param schemas the columns of each table in the state that is read
   */
  public List<Expression> filters(Function<Reference, Schema> schemas) {
    return new FileFilters(nodes, references, schemas).filters(tree);
  }
}
