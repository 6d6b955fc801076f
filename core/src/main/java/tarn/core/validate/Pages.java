package tarn.core.validate;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.Kind;
import tarn.core.lake.DatasetSettings;
import tarn.core.lake.LakeSettings;
import tarn.core.lake.ModelSettings;
import tarn.core.lake.PipelineSettings;
import tarn.core.lake.Setting;
import tarn.core.lake.SourceSettings;
import tarn.core.lake.StreamSettings;
import tarn.core.lake.TableSettings;
import tarn.core.quality.RuleTypes;
import tarn.core.recipe.Operation;
import tarn.core.recipe.Operations;
import tarn.core.recipe.Parameter;

/**
 * The files of the repository that are generated from the tables of settings, operations, rule
 * types and errors: docs pages and JSON Schemas. A test compares them with those committed.
 */
public final class Pages {
  private static final String NOTE =
      "<!-- Generated: ./mvnw -pl core test -Dtest=PagesTest -Dtarn.regenerate=true -->\n\n";

  private Pages() {}

  /** Their texts, by path from the root of the repository. */
  public static Map<String, String> all() {
    Map<String, String> files = new TreeMap<>();
    files.put("docs/settings.md", settings());
    files.put("docs/recipes.md", recipes());
    files.put("docs/quality.md", quality());
    files.put("docs/errors.md", errors());
    Schemas.all()
        .forEach(
            (name, text) -> {
              files.put("docs/schemas/" + name + ".schema.json", text);
              files.put("core/src/main/resources/tarn/schemas/" + name + ".schema.json", text);
            });
    return files;
  }

  private static String settings() {
    StringBuilder page = new StringBuilder("# Settings\n\n").append(NOTE);
    page.append(
        """
        Durations are written like `500ms`, `10s`, `5m`, `2h`, `7d`; sizes like `64KB`, `128MB`, `10GB`, in powers of
        1024. Secrets never stand in these files: settings name a file or an environment variable that has them.
        Editors complete and check the files with the JSON Schemas in [schemas/](schemas/).

        ## lake.yaml, environments/*.yaml

        An environment's file has the same keys as lake.yaml, and wins. A dot is a level: `engine.memory` is `memory`
        below `engine:`.

        """);
    table(page, LakeSettings.ALL);
    page.append("\n## datasets/*.yaml\n\n");
    page.append(
        "What the crawler should not guess; every key may be left out. See [crawling.md](crawling.md).\n\n");
    table(page, DatasetSettings.ALL);
    page.append("\n## streams/*.yaml\n\n");
    page.append(
        "A stream of events, named after its file; every key may be left out. See [streams.md](streams.md).\n\n");
    table(page, StreamSettings.ALL);
    page.append("\n## sources/*.yaml\n\n");
    page.append(
        "A database that is loaded and followed; the source is named after the file. See [sources.md](sources.md).\n\n");
    table(page, SourceSettings.ALL);
    page.append("\n## pipelines/*.yaml\n\n");
    page.append(
        "Work that is run by hand, at times and after other such work; the pipeline is named after the file. See [pipelines.md](pipelines.md).\n\n");
    table(page, PipelineSettings.ALL);
    page.append("\n## tables/*.yaml\n\n");
    table(page, TableSettings.ALL);
    page.append("\n## models/*.sql\n\n");
    page.append("Front matter between two lines `---`, then one SELECT.\n\n");
    table(page, ModelSettings.ALL);
    return page.toString();
  }

  private static void table(StringBuilder page, List<Setting<?>> settings) {
    page.append("| key | value | default | meaning |\n|---|---|---|---|\n");
    for (Setting<?> setting : settings) {
      row(
          page,
          "`" + setting.key() + "`",
          setting.type().label(),
          setting.required() ? "**required**" : printedDefault(setting),
          setting.meaning());
    }
  }

  private static String printedDefault(Setting<?> setting) {
    String printed = setting.printedDefault();
    boolean nothing = printed.isEmpty() || printed.equals("[]") || printed.equals("{}");
    return nothing ? "" : setting.defaultValue() == null ? printed : "`" + printed + "`";
  }

  private static String recipes() {
    StringBuilder page = new StringBuilder("# Recipes\n\n").append(NOTE);
    page.append(
        """
        A recipe is the list of steps that clean a table's rows, in order. Operations and parameters have the names that
        AWS Glue DataBrew gives them; what is Tarn's own, or differs, says so. Column names are exact; a value of null
        stays null unless the operation says otherwise. Below each step stand rows before it and, behind an arrow, after it.

        ```yaml
        recipe:
          - UPPER_CASE: {sourceColumn: country}
          - CHANGE_DATA_TYPE: {sourceColumn: total, columnDataType: "decimal(12, 2)"}
        ```
        """);
    page.append(
        """

        DataBrew's own recipes are understood as they are: as a file of the lake folder (what `aws databrew describe-recipe`
        answers, or its list of steps), or pasted among the others. Mistakes are reported at their line of that file.

        ```yaml
        recipe: {file: recipes/orders.json}
        ```

        ```json
        [
          {"Action": {"Operation": "UPPER_CASE", "Parameters": {"sourceColumn": "country"}}},
          {"Action": {"Operation": "REMOVE_VALUES", "Parameters": {"sourceColumn": "total"}},
           "ConditionExpressions": [{"Condition": "LESS_THAN", "Value": "0", "TargetColumn": "total"}]}
        ]
        ```

        Where DataBrew takes a column or a constant (`sourceColumn` or `value`), Tarn takes the column, unless the table says
        otherwise. Parameters and operations that are not listed are errors, never ignored.

        ## What is not here, and why

        A row's result depends on that row alone, and on tables that it is joined with: a recipe gives the same table however
        its input is cut into files and batches. So these stay out, and a model (SQL) is their place: what looks at the whole
        table (averages, outliers, modes, z-scores, percentages, one-hot encoding, `SORT`, `GROUP_BY`, `PIVOT`), what looks at
        neighbouring rows (rolling sums, `FILL_WITH_LAST_VALID`). `UNION` too: a table reads one dataset in the order in which
        its files landed, and how far it has read is one number; with several datasets there would be several. Make a clean
        table of each and a model with `UNION ALL`. Duplicates: give the table a `key`, or the rule `IsUnique`. What is random
        (`RANDOM`, `REPLACE_WITH_RANDOM_*`, `SHUFFLE_ROWS`) or depends on the clock (`NOW`, `TODAY`) could not be rebuilt.
        `UNNEST_ARRAY` and `UNNEST_MAP` make several rows of one, and every record is accounted for once: unnest in a model.
        `ENCRYPT` and its like keep values that a key brings back; keep those in a place of their own, and hash here.

        ## Joins

        `JOIN` looks each row up in another clean table. Rows never multiply: one that several rows match goes to quarantine,
        with the reason, the table and the value. Give the other table a `key`, or a rule `IsUnique`, and it does not happen.
        A run loads the other table first; if that fails, the table that joins waits. What the other table has when the load begins counts.
        Rows that are stored already do not change when the other table does: only loading them anew
        from raw does that (`datalake backfill`). Where answers must follow every change, join in a model.

        A table cannot be joined with itself, nor tables with each other in a circle: what they hold would depend on the order
        of loads. Both columns of a key have the same type (whole numbers and decimals go together); change it with
        `CHANGE_DATA_TYPE` before. Other join types of DataBrew keep rows of the other table that no record matches, which no
        single load can know. DataBrew names the other data by a dataset's name and a file: here the name is a clean table's.
        """);
    Set<String> families = new LinkedHashSet<>();
    Operations.ALL.forEach(operation -> families.add(operation.family()));
    for (String family : families) {
      page.append("\n## ").append(family).append('\n');
      Operations.ALL.stream()
          .filter(operation -> operation.family().equals(family))
          .forEach(operation -> operation(page, operation));
    }
    return page.toString();
  }

  private static void operation(StringBuilder page, Operation operation) {
    page.append("\n### ").append(operation.name()).append("\n\n");
    page.append(operation.meaning()).append("\n\n");
    page.append("```yaml\n- ").append(operation.name()).append(": ");
    page.append(operation.example().step()).append('\n');
    operation
        .example()
        .tables()
        .forEach(
            (table, rows) ->
                rows.lines()
                    .forEach(
                        row ->
                            page.append("#   in ")
                                .append(table)
                                .append(": ")
                                .append(row)
                                .append('\n')));
    operation.example().rowsBefore().forEach(row -> page.append("#   ").append(row).append('\n'));
    operation.example().rowsAfter().forEach(row -> page.append("# → ").append(row).append('\n'));
    page.append("```\n\n");
    page.append("| parameter | value | | meaning |\n|---|---|---|---|\n");
    for (Parameter parameter : operation.parameters()) {
      row(
          page,
          "`" + parameter.name() + "`",
          parameter.kind().label(),
          parameter.required() ? "required" : "",
          parameter.meaning());
    }
  }

  private static String quality() {
    StringBuilder page = new StringBuilder("# Quality rules\n\n").append(NOTE);
    page.append(
        """
        Rules are written in AWS Glue's Data Quality Definition Language (DQDL) and checked on the rows that leave the
        recipe, before anything is committed. There are two kinds. **Rules for rows**: a row that fails goes to quarantine
        with the rule and its original bytes, and the others go on. **Rules for the table** gate the commit.

        ```yaml
        quality:
          - IsComplete "order_id"
          - ColumnValues "country" in ["DE", "FR"] where "total > 0"
          - Completeness "email" >= 0.95
        on_failure: fail
        ```

        The same as DQDL has it, with line comments, is read too:

        ```yaml
        quality: |
          Rules = [
            IsComplete "order_id",
            (Mean "stars" > 3) or (RowCount < 100)   # few are not judged
          ]
        ```

        In a list, put a rule into single quotes where YAML would misread it (`: ` or ` #` in it).

        ## Rules for rows

        """);
    page.append("| rule | passes | example |\n|---|---|---|\n");
    RuleTypes.rows(true).forEach(row -> row(page, row.toArray(String[]::new)));
    page.append(
        """

        ## Rules for the table

        They are judged over **all rows that the table would have after the commit**: those that are there, without those
        that the load replaces, and those that it brings, without those that go to quarantine. So it does not matter in
        which batches the data arrive: a load that is held up stays in the ledger and is judged again, together with what
        landed later. Each load reads the columns that such rules name, of the whole table.

        When a rule is not met, `on_failure` says what happens. `fail` (the default): nothing is committed, neither rows
        nor quarantine nor how far the ledger was read; the run fails with `QUALITY_FAILED`, the rule and the number. `warn`:
        the load is committed and the run says which rule was not met. `datalake quality` shows both.

        """);
    page.append("| rule | number | example |\n|---|---|---|\n");
    RuleTypes.rows(false).forEach(row -> row(page, row.toArray(String[]::new)));
    page.append(
        """

        A part of no rows at all counts as 1: nothing is missing. Rules that compare with another clean table see it as it
        is at that moment (a run that loads both loads that table first); a table may be compared with itself. A constant that is
        never a value of its column (`"two"` for a long) is a mistake of the rule, reported when the table is loaded.

        The query of `CustomSql` passes the guard of every query: one SELECT, of functions that give the same each time, over
        clean tables, in the engine's SQL; and it runs where no file but those of its tables can be read. It is written in
        double quotes; inside, column names in double quotes have a backslash before each.

        ## Conditions

        | condition | passes | null |
        |---|---|---|
        | `= x` `< x` `<= x` `> x` `>= x` | as they say; x is a number, a text in double quotes (`=`), or a date like `"2025-10-09"` | fails |
        | `!= x` | everything else | passes |
        | `between x and y` | greater than x and less than y: both ends are out | fails |
        | `not between x and y` | the others: both ends are in | fails |
        | `in [x, y]` | one of the values | fails, unless NULL is listed |
        | `not in [x, y]` | none of the values | passes, unless NULL is listed |
        | `matches "regex"` `not matches "regex"` | the whole text matches (RE2, without look-around), or does not | fails |

        Among values, `NULL` stands for null, `EMPTY` for the empty text, `WHITESPACES_ONLY` for a text of nothing but white
        space: `ColumnValues "name" != NULL`. Rules for the table take numbers only.

        ## where, with threshold, and, or

        `where "condition"` asks only about the rows for which the SQL condition is true; other rows pass. It stands after
        the rule: `IsComplete "vat" where "country = 'DE' and total >= 100"`. A condition is made of columns, numbers, texts
        in single quotes, `DATE '2025-10-09'`, `= <> < <= > >=`, `+ - * /`, `AND OR NOT`, `IN (…)`, `BETWEEN` (both ends are
        in, as in SQL), `LIKE`, `RLIKE`, `IS NULL`, parentheses, and the functions
        """);
    page.append(RuleTypes.whereFunctions()).append(".\n");
    page.append(
        """
        Column names with other characters are written in backticks.

        `with threshold` makes a rule for rows one for the table: `ColumnValues "age" > 0 with threshold > 0.9` is met when
        more than 90 % of the rows pass, and none goes to quarantine because of it. `IsUnique` and `IsPrimaryKey` have
        no threshold; write `Uniqueness`.

        Rules in parentheses are joined by `and` or `or`; inner parentheses group them. If every part is a rule for rows, the
        whole is checked row by row. If one is a rule for the table, or IsUnique or IsPrimaryKey stands in an `or`, the whole
        is judged for the table, and a rule for rows in it is met when no row of the table fails it.

        ## Different from Glue

        - Rows that fail a rule are kept out of the table. Glue marks them and lets the job decide.
        - Joined rules are checked row by row where that is possible (what Glue calls the ROW method), else for the table.
        - The threshold of ColumnValues, ColumnLength, ColumnDataType and IsComplete leaves failing rows in the table.
        - ColumnDataType asks for an exact meaning: `1.5` is no Integer, where Spark would cut it. Null passes.
        - Another table is named as it is in the lake (`clean.customers`), not by an alias.
        - DatasetMatch takes two nulls for the same value, and compares values of different kinds as texts; columns
          that only the other table has are not looked at. A key that is none fails the rule, and not the whole list.
        - A rule list has `Rules = [ … ]` only: no analyzers, no labels, no dynamic rules (`avg(last(10))`).
        - CustomSql with a condition sees the engine's SQL (DuckDB's), not Spark's. Without a condition it has one form, `select
          columns from primary where condition` with a condition like those of `where`; `with threshold` is refused there,
          because Glue's page does not say whether it counts rows or their part.
        - `now()` is refused: a table that depends on the time of its run cannot be rebuilt.
        - Words of the language (`where`, `and`, `between`, `NULL`) may be written in any case; rule types may not.

        Refused rule types:

        """);
    page.append("| rule | why |\n|---|---|\n");
    RuleTypes.refusals().forEach(row -> row(page, row.toArray(String[]::new)));
    return page.toString();
  }

  private static String errors() {
    StringBuilder page = new StringBuilder("# Errors\n\n").append(NOTE);
    page.append(
        """
        Every failure has a code and a kind. A command prints one line, what failed, which value and what to do, on
        standard error, and its exit code says the kind; the HTTP API answers with the status and with code, kind and line as
        JSON. Codes are never renamed, so scripts may compare them.

        | kind | exit code | who can mend it |
        |---|---|---|
        """);
    for (Kind kind : Kind.values()) {
      row(page, "`" + kind + "`", Integer.toString(kind.exitCode()), kind.meaning());
    }
    page.append("\n| code | kind | HTTP status | meaning |\n|---|---|---|---|\n");
    for (ErrorCode code : ErrorCode.values()) {
      row(
          page,
          "`" + code + "`",
          "`" + code.kind() + "`",
          Integer.toString(code.httpStatus()),
          code.meaning());
    }
    return page.toString();
  }

  private static void row(StringBuilder page, String... cells) {
    for (String cell : cells) {
      page.append("| ").append(escaped(cell)).append(' ');
    }
    page.append("|\n");
  }

  private static String escaped(String cell) {
    String text = cell.indexOf('`') < 0 ? cell.replace("<", "&lt;") : cell;
    return text.replace("|", "\\|");
  }
}
