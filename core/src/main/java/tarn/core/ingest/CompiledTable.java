package tarn.core.ingest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.iceberg.types.Type;
import tarn.core.catalog.Dataset;
import tarn.core.engine.Column;
import tarn.core.engine.Engine;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Rule;
import tarn.core.engine.plan.Step;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.TableDefinition;
import tarn.core.quality.CompiledRules;
import tarn.core.quality.Quality;
import tarn.core.recipe.CompiledRecipe;
import tarn.core.recipe.Recipe;
import tarn.core.table.TableName;
import tarn.core.table.TableSpec;
import tarn.core.table.TableStore;

/**
 * A clean table's definition, understood for the columns that its dataset has now.
 *
 * @param columns what the recipe starts from, with the types that the definition declares
 * @param steps the recipe
 * @param quality the rules
 * @param output the columns that the recipe makes
 * @param joins other tables that the recipe and the rules look into
 */
public record CompiledTable(
    List<Column> columns,
    List<Step> steps,
    CompiledRules quality,
    List<Column> output,
    Joins joins) {

  /** Understands it; {@code DEFINITION_INVALID} with everything that is wrong with it. */
  public static CompiledTable of(
      TableDefinition definition, Dataset dataset, Engine engine, TableStore tables) {
    Joins joins = new Joins(tables, definition);
    List<Column> columns = columns(definition, dataset);
    CompiledRecipe recipe =
        Recipe.compile(
            definition.recipe(),
            ColumnNames.of(columns.stream().map(Column::name).toList()),
            joins);
    if (!recipe.problems().isEmpty()) {
      throw LakeFolder.failure(recipe.problems());
    }
    joins.check(engine, columns, recipe.steps());
    List<Column> output = engine.describe(columns, recipe.steps());
    CompiledRules rules =
        Quality.compile(
            definition.quality(),
            output,
            new RuleQueries(engine, TableName.parse(definition.table()), tables.list()));
    if (!rules.problems().isEmpty()) {
      throw LakeFolder.failure(rules.problems());
    }
    return new CompiledTable(columns, recipe.steps(), rules, output, joins);
  }

  List<Rule> rules() {
    return quality.rules();
  }

  /** What its table is made from. */
  TableSpec spec(TableDefinition definition, Map<String, String> properties) {
    return new TableSpec(
        Evolution.schema(output),
        definition.partition().stream().map(Definitions::partition).toList(),
        definition.sort().stream().map(Definitions::sort).toList(),
        definition.formatVersion(),
        properties);
  }

  private static List<Column> columns(TableDefinition definition, Dataset dataset) {
    Map<String, Type.PrimitiveType> declared = new HashMap<>();
    definition
        .columns()
        .forEach((column, type) -> declared.put(column.toLowerCase(Locale.ROOT), type));
    List<Column> columns = new ArrayList<>();
    for (Column column : dataset.columns()) {
      Type type = declared.remove(column.name().toLowerCase(Locale.ROOT));
      columns.add(type == null ? column : column.as(type));
    }
    definition
        .columns()
        .forEach(
            (column, type) -> {
              if (declared.containsKey(column.toLowerCase(Locale.ROOT))) {
                columns.add(new Column(column, type));
              }
            });
    return columns;
  }
}
