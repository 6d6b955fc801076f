package tarn.core.validate;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import tarn.core.catalog.Grok;
import tarn.core.engine.Engine;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.ingest.RuleQueries;
import tarn.core.lake.DatasetDefinition;
import tarn.core.lake.DatasetSettings;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.ModelDefinition;
import tarn.core.lake.ModelSettings;
import tarn.core.lake.Nearest;
import tarn.core.lake.PartitionField;
import tarn.core.lake.Place;
import tarn.core.lake.Problem;
import tarn.core.lake.Problems;
import tarn.core.lake.Setting;
import tarn.core.lake.SortField;
import tarn.core.lake.TableDefinition;
import tarn.core.lake.TableSettings;
import tarn.core.lake.TestReader;
import tarn.core.quality.CompiledRules;
import tarn.core.quality.Quality;
import tarn.core.quality.RuleSql;
import tarn.core.recipe.CompiledRecipe;
import tarn.core.recipe.Recipe;
import tarn.core.table.TableName;

/** Everything that can be known to be wrong with a lake folder without looking at its data. */
public final class Validation {
  private Validation() {}

  /** Checks a folder for an environment; all problems, by file, line and column. */
  public static List<Problem> check(Path lakeFolder, String environment) {
    return check(LakeFolder.load(lakeFolder, environment));
  }

  /** Checks a folder for the environment that it names itself. */
  public static List<Problem> check(Path lakeFolder) {
    return check(LakeFolder.load(lakeFolder));
  }

  /** The problems of a folder that has been read, and those of its recipes and rules. */
  public static List<Problem> check(LakeFolder folder) {
    return check(folder, table -> RuleSql.UNREAD);
  }

  private static List<Problem> check(LakeFolder folder, Function<TableName, RuleSql> sql) {
    Problems problems = new Problems();
    problems.addAll(folder.problems());
    folder.datasets().forEach(dataset -> check(dataset, problems));
    Set<String> tables =
        folder.tables().stream().map(TableDefinition::table).collect(Collectors.toSet());
    folder.tables().forEach(table -> check(table, tables, sql, problems));
    new JoinCheck(folder.tables()).check(problems);
    CopyCheck.check(folder, problems);
    folder.models().forEach(model -> check(model, tables, sql, problems));
    folder.definition().ifPresent(lake -> TestReader.read(lake.dir(), folder, problems));
    return problems.sorted();
  }

  /**
   * The problems of a folder, and those of the SQL of its models and rules, which only an engine
   * can parse; nothing is read or run.
   */
  public static List<Problem> check(LakeFolder folder, Engine engine) {
    List<TableName> tables = folder.tables().stream().map(t -> TableName.parse(t.table())).toList();
    Problems problems = new Problems();
    problems.addAll(check(folder, table -> new RuleQueries(engine, table, tables)));
    problems.addAll(new ModelCheck(folder, engine).problems());
    return problems.sorted();
  }

  /** Whether there is SQL that only an engine can check. */
  public static boolean needsEngine(LakeFolder folder) {
    return !folder.models().isEmpty()
        || folder.tables().stream()
            .flatMap(t -> t.quality().stream())
            .anyMatch(rule -> rule.text().contains("CustomSql"));
  }

  private static void check(DatasetDefinition dataset, Problems problems) {
    try {
      dataset.pattern().ifPresent(p -> Grok.compile("grok", p, dataset.patterns()));
    } catch (IllegalArgumentException e) {
      problems.error(
          dataset.place(DatasetSettings.PATTERN),
          dataset.pattern().orElse(""),
          String.valueOf(e.getMessage()));
    }
  }

  /**
   * @param tables the names of all clean tables
   */
  private static void check(
      TableDefinition table,
      Set<String> tables,
      Function<TableName, RuleSql> sql,
      Problems problems) {
    CompiledRecipe recipe = Recipe.compile(table.recipe(), ColumnNames.unknown());
    problems.addAll(recipe.problems());
    if (!recipe.problems().isEmpty()) {
      problems.addAll(Quality.compile(table.quality(), ColumnNames.unknown()).problems());
      return;
    }
    ColumnNames columns = recipe.columns();
    CompiledRules rules =
        Quality.compile(table.quality(), columns, sql.apply(TableName.parse(table.table())));
    check(rules, table.place(TableSettings.QUALITY), tables, problems);
    names(table, TableSettings.KEY, table.key(), columns, problems);
    names(table, TableSettings.ORDERING, table.ordering().stream().toList(), columns, problems);
    names(
        table,
        TableSettings.PARTITION,
        table.partition().stream().map(PartitionField::column).toList(),
        columns,
        problems);
    names(
        table,
        TableSettings.SORT,
        table.sort().stream().map(SortField::column).toList(),
        columns,
        problems);
  }

  private static void check(
      ModelDefinition model,
      Set<String> tables,
      Function<TableName, RuleSql> sql,
      Problems problems) {
    CompiledRules rules =
        Quality.compile(
            model.quality(), ColumnNames.unknown(), sql.apply(TableName.parse(model.table())));
    check(rules, model.place(ModelSettings.QUALITY), tables, problems);
  }

  private static void check(
      CompiledRules rules, Place place, Set<String> tables, Problems problems) {
    problems.addAll(rules.problems());
    for (TableName other : rules.reads()) {
      if (!tables.contains(other.toString())) {
        problems.error(
            place,
            other.toString(),
            "a rule compares with the table " + other + ", which this lake does not define",
            Nearest.suggestion(other.toString(), tables));
      }
    }
  }

  private static void names(
      TableDefinition table,
      Setting<?> setting,
      Collection<String> names,
      ColumnNames columns,
      Problems problems) {
    for (String name : names) {
      if (!columns.has(name)) {
        problems.error(
            table.place(setting),
            name,
            "'" + setting.key() + "' names the column '" + name + "', which the recipe takes away",
            Nearest.suggestion(name, columns.names()));
      }
    }
  }
}
