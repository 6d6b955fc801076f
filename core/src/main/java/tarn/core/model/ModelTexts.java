package tarn.core.model;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import tarn.core.catalog.DatasetName;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.ModelDefinition;
import tarn.core.query.CatalogNames;
import tarn.core.query.SqlTree;
import tarn.core.query.TableRef;
import tarn.core.query.WholeUse;
import tarn.core.table.TableName;

/** Reads the SQL of models. */
public final class ModelTexts {
  static final Duration READING = Duration.ofSeconds(30);

  private final Engine engine;

  public ModelTexts(Engine engine) {
    this.engine = engine;
  }

  /**
   * Models as far as they can be read: what is wrong with one holds up only what reads it.
   *
   * @param models those that can be made, without circles
   * @param failures of the others; for models of a circle the path
   */
  public record Read(
      SortedMap<TableName, ModelSql> models, SortedMap<TableName, TarnException> failures) {

    /** The order to make them in. */
    public ModelGraph graph() {
      return ModelGraph.of(models.values());
    }
  }

  /** Reads all. {@code known} are the tables that there are or will be, models among them. */
  public Read read(Collection<ModelDefinition> definitions, Set<TableName> known) {
    CatalogNames names = new CatalogNames(known);
    return read(definitions, tree -> names);
  }

  /**
   * The same without the lake at hand: every {@code raw.x} that a model names may be a dataset.
   *
   * @param possible which other names may be tables
   */
  public Read readWithAnyDataset(
      Collection<ModelDefinition> definitions,
      Set<TableName> known,
      Predicate<TableName> possible) {
    return read(
        definitions,
        tree -> {
          Set<TableName> names = new TreeSet<>(known);
          for (TableRef table : tree.tables()) {
            if (table.namespace() != null
                && TableName.isPart(table.namespace())
                && TableName.isPart(table.name())) {
              TableName name = new TableName(table.namespace(), table.name());
              if (name.namespace().equals(DatasetName.NAMESPACE) || possible.test(name)) {
                names.add(name);
              }
            }
          }
          return new CatalogNames(names);
        });
  }

  private Read read(
      Collection<ModelDefinition> definitions, Function<SqlTree, CatalogNames> names) {
    SortedMap<TableName, ModelSql> models = new TreeMap<>();
    SortedMap<TableName, TarnException> failures = new TreeMap<>();
    for (ModelDefinition definition : definitions) {
      TableName name = TableName.parse(definition.table());
      try {
        SqlTree tree = tree(name, definition);
        ModelSql model = ModelSql.of(name, tree, names.apply(tree));
        if (definition.refresh() == ModelDefinition.Refresh.INCREMENTAL) {
          checkIncremental(model, tree);
        }
        models.put(name, model);
      } catch (TarnException e) {
        if (e.code() == ErrorCode.CANCELLED) {
          throw e;
        }
        failures.put(name, e);
      }
    }
    for (List<TableName> circle : ModelGraph.circles(models.values())) {
      models.keySet().removeAll(circle);
      circle.forEach(name -> failures.put(name, ModelGraph.circular(circle)));
    }
    return new Read(models, failures);
  }

  private static void checkIncremental(ModelSql model, SqlTree tree) {
    String why =
        tree.wholeUse()
            .map(WholeUse::toString)
            .orElseGet(
                () ->
                    model.reads().stream()
                        .filter(t -> t.namespace().equals(DatasetName.NAMESPACE))
                        .map(t -> "the dataset " + t)
                        .findFirst()
                        .orElse(""));
    if (!why.isEmpty()) {
      throw new TarnException(
          ErrorCode.SQL_REFUSED,
          "the model "
              + model.model()
              + " cannot be refreshed incrementally, because it has "
              + why
              + ": write columns, expressions and WHERE over one table, or refresh: full");
    }
  }

  private SqlTree tree(TableName name, ModelDefinition definition) {
    String query = ModelSql.query(name, definition.sql());
    return SqlTree.read(Crashes.survive(definition.file(), () -> engine.parse(query, READING)));
  }
}
