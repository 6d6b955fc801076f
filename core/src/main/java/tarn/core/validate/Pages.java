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
import tarn.core.lake.Setting;
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
        stays null unless the operation says otherwise.

        ```yaml
        recipe:
          - UPPER_CASE: {sourceColumn: country}
          - CHANGE_DATA_TYPE: {sourceColumn: total, columnDataType: "decimal(12, 2)"}
        ```
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
    page.append(operation.example()).append("\n```\n\n");
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
        recipe. A row that fails goes to quarantine with the rule and its original bytes.

        ```yaml
        quality:
          - IsComplete "order_id"
          - ColumnValues "country" in ["DE", "FR"]
        ```

        Put a rule into single quotes where YAML would misread it (`: ` or ` #` in it).

        """);
    page.append("| rule | meaning | example |\n|---|---|---|\n");
    RuleTypes.rows().forEach(row -> row(page, row.toArray(String[]::new)));
    page.append(
        """

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
        space: `ColumnValues "name" != NULL`.

        ## Not yet

        `where`, `with threshold`, rules joined by `and` and `or`, labels, the other rule types. `now()` is refused: a table
        that depends on the time of its run cannot be rebuilt.
        """);
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
