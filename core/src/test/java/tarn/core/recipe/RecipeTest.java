package tarn.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tarn.core.engine.Column;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Row;
import tarn.core.engine.plan.SecretReference;
import tarn.core.engine.plan.Step;
import tarn.core.lake.Node;
import tarn.core.lake.Problem;
import tarn.core.lake.Problems;
import tarn.core.lake.StepText;
import tarn.core.lake.YamlReader;
import tarn.core.table.TableName;

class RecipeTest {

  @Test
  void renameKeepsThePlace() {
    assertThat(run("- RENAME: {sourceColumn: b, targetColumn: x}", "a", 1L, "b", 2L).names())
        .containsExactly("a", "x");
  }

  @Test
  void renameMayChangeOnlyTheCase() {
    assertThat(run("- RENAME: {sourceColumn: A, targetColumn: a}", "A", 1L).names())
        .containsExactly("a");
  }

  @Test
  void deleteRemovesAColumn() {
    assertThat(run("- DELETE: {sourceColumn: b}", "a", 1L, "b", 2L).names()).containsExactly("a");
  }

  @Test
  void duplicateCopiesToTheEnd() {
    Row row = run("- DUPLICATE: {sourceColumn: a, targetColumn: c}", "a", 1L, "b", 2L);
    assertThat(row.names()).containsExactly("a", "b", "c");
    assertThat(row.get("c")).isEqualTo(1L);
  }

  @Test
  void changeDataTypeCastsAndNeverMakesNull() {
    assertThat(expression("- CHANGE_DATA_TYPE: {sourceColumn: a, columnDataType: int}", "a"))
        .isEqualTo(new Expr.Cast(Expr.column("a"), Types.IntegerType.get(), "a", null));
    assertThat(expression("- CHANGE_DATA_TYPE: {sourceColumn: a, columnDataType: decimal}", "a"))
        .isEqualTo(new Expr.Cast(Expr.column("a"), Types.DecimalType.of(38, 18), "a", null));
    assertThat(
            expression(
                "- CHANGE_DATA_TYPE: {sourceColumn: a, columnDataType: 'decimal(12, 2)'}", "a"))
        .isEqualTo(new Expr.Cast(Expr.column("a"), Types.DecimalType.of(12, 2), "a", null));
    assertThat(
            expression(
                "- CHANGE_DATA_TYPE: {sourceColumn: a, columnDataType: date, dateTimeFormat: dd/MM/yyyy}",
                "a"))
        .isEqualTo(new Expr.Cast(Expr.column("a"), Types.DateType.get(), "a", "dd/MM/yyyy"));
  }

  @Test
  void textsChangeInPlace() {
    assertThat(run("- UPPER_CASE: {sourceColumn: a}", "a", "de").get("a")).isEqualTo("DE");
    assertThat(run("- LOWER_CASE: {sourceColumn: a}", "a", "DE").get("a")).isEqualTo("de");
    assertThat(run("- TRIM: {sourceColumn: a}", "a", " x ").get("a")).isEqualTo("x");
    assertThat(run("- TRIM: {sourceColumn: a, targetColumn: b}", "a", " x ").names())
        .containsExactly("a", "b");
    assertThat(expression("- CAPITAL_CASE: {sourceColumn: a}", "a"))
        .isEqualTo(Expr.call(Fn.CAPITALIZE, Expr.column("a")));
  }

  @Test
  void removeCombinedRemovesByKinds() {
    String flags = "- REMOVE_COMBINED: {sourceColumn: a, ";
    assertThat(
            run(
                    flags
                        + "removeLeadingAndTrailingWhitespace: true, collapseConsecutiveWhitespace: 'true'}",
                    "a",
                    "  x   y ")
                .get("a"))
        .isEqualTo("x y");
    assertThat(
            run(flags + "removeLetters: true, removeAllWhitespace: true}", "a", "ab 12 c").get("a"))
        .isEqualTo("12");
    assertThat(run(flags + "removeSpecialCharacters: true}", "a", "a-b_[c]{d}~e\\f").get("a"))
        .isEqualTo("abcdef");
    assertThat(run(flags + "removeLeadingAndTrailingQuotes: true}", "a", "'it's'").get("a"))
        .isEqualTo("it's");
    assertThat(problems(flags + "removeLetters: false}", "a"))
        .containsExactly(
            "r.yaml:1:35: REMOVE_COMBINED removes nothing: no flag is true; write removeLeadingAndTrailingWhitespace: true");
  }

  @Test
  void replaceTextReplacesEveryOccurrence() {
    assertThat(run("- REPLACE_TEXT: {sourceColumn: a, pattern: x, value: y}", "a", "xax").get("a"))
        .isEqualTo("yay");
    assertThat(
            run("- REPLACE_TEXT: {sourceColumn: a, pattern: '[0-9]', value: '!'}", "a", "a1b2")
                .get("a"))
        .isEqualTo("a!b!");
    assertThat(
            run(
                    "- REPLACE_TEXT: {sourceColumn: a, pattern: '(.)-(.)', value: '\\2\\1'}",
                    "a",
                    "x-y")
                .get("a"))
        .isEqualTo("yx");
    assertThat(problems("- REPLACE_TEXT: {sourceColumn: a, pattern: '(?<=a)b', value: ''}", "a"))
        .containsExactly(
            "r.yaml:1:44: '(?<=a)b' is not a regular expression: look-around is not supported");
    assertThat(problems("- REPLACE_TEXT: {sourceColumn: a, pattern: '(', value: ''}", "a"))
        .hasSize(1);
  }

  @Test
  void fillWithCustomReplacesNullOnly() {
    String fill = "- FILL_WITH_CUSTOM: {sourceColumn: a, value: unknown}";
    assertThat(run(fill, "a", null).get("a")).isEqualTo("unknown");
    assertThat(run(fill, "a", "").get("a")).isEqualTo("");
    assertThat(
            run(
                    "- FILL_WITH_CUSTOM: {sourceColumn: a, columnDataType: number, value: '0'}",
                    "a",
                    null)
                .get("a"))
        .isEqualTo(0L);
    assertThat(
            run(
                    "- FILL_WITH_CUSTOM: {sourceColumn: a, columnDataType: string, value: 0}",
                    "a",
                    null)
                .get("a"))
        .isEqualTo("0");
    assertThat(
            problems(
                "- FILL_WITH_CUSTOM: {sourceColumn: a, columnDataType: date, value: soon}", "a"))
        .containsExactly("r.yaml:1:68: 'soon' is not a date");
  }

  @Test
  void removeMissingDropsRowsWithNull() {
    assertThat(through("- REMOVE_MISSING: {sourceColumn: a}", "a", null)).isEmpty();
    assertThat(through("- REMOVE_MISSING: {sourceColumn: a}", "a", "")).isPresent();
  }

  @Test
  void removeValuesDropsWhatMeetsTheCondition() {
    String remove = "- REMOVE_VALUES: {sourceColumn: a, condition: ";
    assertThat(through(remove + "IS, value: [test, internal]}", "a", "test")).isEmpty();
    assertThat(through(remove + "IS, value: [test, internal]}", "a", "live")).isPresent();
    assertThat(through(remove + "IS_NOT, value: live}", "a", "live")).isPresent();
    assertThat(through(remove + "IS_NOT, value: live}", "a", "test")).isEmpty();
    assertThat(through(remove + "LESS_THAN_EQUAL, value: 3}", "a", 3L)).isEmpty();
    assertThat(through(remove + "GREATER_THAN, value: 3}", "a", 3L)).isPresent();
    assertThat(through(remove + "IS_BETWEEN, value: [1, 3]}", "a", 3L)).isEmpty();
    assertThat(through(remove + "NOT_CONTAINS, value: '@'}", "a", "x")).isEmpty();
    assertThat(through(remove + "STARTS_WITH, value: x}", "a", "xy")).isEmpty();
  }

  @Test
  void nullMeetsOnlyMissingAndTheNegatedConditions() {
    String remove = "- REMOVE_VALUES: {sourceColumn: a, condition: ";
    assertThat(through(remove + "IS, value: x}", "a", null)).isPresent();
    assertThat(through(remove + "LESS_THAN, value: 3}", "a", null)).isPresent();
    assertThat(through(remove + "IS_MISSING}", "a", null)).isEmpty();
    assertThat(through(remove + "IS_NOT, value: x}", "a", null)).isEmpty();
    assertThat(through(remove + "NOT_ENDS_WITH, value: x}", "a", null)).isEmpty();
  }

  @Test
  void removeValuesWantsTheValuesThatItsConditionTakes() {
    String remove = "- REMOVE_VALUES: {sourceColumn: a, condition: ";
    assertThat(problems(remove + "IS}", "a"))
        .containsExactly("r.yaml:1:3: IS takes a value or a list of values");
    assertThat(problems(remove + "IS_MISSING, value: 1}", "a"))
        .containsExactly("r.yaml:1:66: IS_MISSING takes no value");
    assertThat(problems(remove + "IS_MISING}", "a"))
        .containsExactly("r.yaml:1:47: unknown condition 'IS_MISING'; did you mean 'IS_MISSING'?");
  }

  @Test
  void arithmeticGoesIntoANewColumn() {
    assertThat(
            run(
                    "- MULTIPLY: {sourceColumn1: a, sourceColumn2: b, targetColumn: c}",
                    "a",
                    2L,
                    "b",
                    3L)
                .get("c"))
        .isEqualTo(BigDecimal.valueOf(6));
    assertThat(run("- SUBTRACT: {value1: 10, sourceColumn2: a, targetColumn: c}", "a", 2L).get("c"))
        .isEqualTo(BigDecimal.valueOf(8));
    assertThat(
            run("- DIVIDE: {sourceColumn1: a, value2: 100, targetColumn: c}", "a", 250L).get("c"))
        .isEqualTo(2.5);
    assertThat(problems("- MULTIPLY: {sourceColumn1: a, value1: 2, targetColumn: c}", "a"))
        .containsExactly(
            "r.yaml:1:3: MULTIPLY needs either 'sourceColumn2' or 'value2'",
            "r.yaml:1:40: MULTIPLY needs either 'sourceColumn1' or 'value1'");
  }

  @Test
  void roundRoundsHalvesAwayFromZero() {
    assertThat(run("- ROUND: {sourceColumn: a}", "a", new BigDecimal("-2.5")).get("a"))
        .isEqualTo(BigDecimal.valueOf(-3));
    assertThat(
            run(
                    "- ROUND: {sourceColumn: a, decimals: 2, targetColumn: b}",
                    "a",
                    new BigDecimal("1.005"))
                .get("b"))
        .isEqualTo(new BigDecimal("1.01"));
    assertThat(problems("- ROUND: {sourceColumn: a, decimals: 19}", "a"))
        .containsExactly("r.yaml:1:38: 'decimals' is a whole number, 0 to 18, not '19'");
  }

  @Test
  void mergeWritesColumnsOneAfterAnother() {
    String merge = ", delimiter: ' ', targetColumn: c}";
    assertThat(run("- MERGE: {sourceColumns: [a, b]" + merge, "a", "x", "b", 1L).get("c"))
        .isEqualTo("x 1");
    assertThat(run("- MERGE: {sourceColumns: [a, b]" + merge, "a", null, "b", "y").get("c"))
        .isEqualTo(" y");
    assertThat(run("- MERGE: {sourceColumns: '[\"a\",\"b\"]'" + merge, "a", "x", "b", "y").get("c"))
        .isEqualTo("x y");
  }

  @Test
  void cryptographicHashReplacesTheText() {
    assertThat(expression("- CRYPTOGRAPHIC_HASH: {sourceColumns: [a], algorithm: SHA256}", "a"))
        .isEqualTo(
            Expr.call(
                Fn.SHA256, new Expr.Cast(Expr.column("a"), Types.StringType.get(), "a", null)));
    String keyed = "- CRYPTOGRAPHIC_HASH: {sourceColumns: [a], algorithm: HMAC_SHA256";
    assertThat(expression(keyed + ", secretId: 'env:KEY'}", "a"))
        .isEqualTo(
            Expr.call(
                Fn.HMAC_SHA256,
                new Expr.Secret(new SecretReference("env:KEY")),
                new Expr.Cast(Expr.column("a"), Types.StringType.get(), "a", null)));
    assertThat(problems(keyed + "}", "a"))
        .containsExactly(
            "r.yaml:1:55: HMAC_SHA256 needs 'secretId'; write secretId: env:NAME or file:/path");
    assertThat(problems(keyed + ", secretId: hunter2}", "a"))
        .containsExactly(
            "r.yaml:1:78: 'secretId' says where the key is, it is not the key; write secretId: env:NAME or file:/path");
    assertThat(problems("- CRYPTOGRAPHIC_HASH: {sourceColumns: [a]}", "a")).hasSize(1);
  }

  @Test
  void columnsMove() {
    assertThat(run("- MOVE_TO_INDEX: {sourceColumn: a, targetIndex: 9}", "a", 1L, "b", 2L).names())
        .containsExactly("b", "a");
    assertThat(
            run("- MOVE_AFTER: {sourceColumn: c, targetColumn: a}", "a", 1L, "b", 2L, "c", 3L)
                .names())
        .containsExactly("a", "c", "b");
    assertThat(problems("- MOVE_BEFORE: {sourceColumn: a, targetColumn: a}", "a", "b"))
        .containsExactly("r.yaml:1:48: a column cannot be moved beside itself; name another one");
    assertThat(problems("- MOVE_TO_INDEX: {sourceColumn: a, targetIndex: -1}", "a", "b"))
        .containsExactly("r.yaml:1:49: 'targetIndex' is at least 0, not -1");
  }

  @Test
  void datesAreWrittenInJavasLettersOrDataBrews() {
    assertThat(DateLetters.java("mm/dd/yyyy")).isEqualTo("MM/dd/yyyy");
    assertThat(DateLetters.java("yyyy-mm-dd HH:MM:SS")).isEqualTo("yyyy-MM-dd HH:mm:ss");
    assertThat(DateLetters.java("dd month yyyy")).isEqualTo("dd MMMM yyyy");
    assertThat(DateLetters.java("yyyy-MM-dd'T'HH:mm:ss.SSS"))
        .isEqualTo("yyyy-MM-dd'T'HH:mm:ss.SSS");
    assertThat(DateLetters.java("HHmm")).isEqualTo("HHmm");
    assertThat(
            problems(
                "- DATE_FORMAT: {sourceColumn: a, dateTimeFormat: 'yyyy QQ', targetColumn: b}",
                "a"))
        .containsExactly(
            "r.yaml:1:50: 'yyyy QQ' is not a date format: 'QQ' is none of the letters that are known; like yyyy-MM-dd HH:mm:ss");
    assertThat(
            problems(
                "- CHANGE_DATA_TYPE: {sourceColumn: a, columnDataType: date, dateTimeFormat: dd.MM.yyyy z}",
                "a"))
        .hasSize(1);
  }

  @Test
  void splitColumnsTakeThePlaceOfTheirs() {
    assertThat(
            problems("- SPLIT_COLUMN_FROM_START: {sourceColumn: a, position: 2}", "b", "a", "A_2"))
        .containsExactly("r.yaml:1:43: there is already a column 'A_2'; choose another name");
    assertThat(
            problems(
                "- SPLIT_COLUMN_SINGLE_DELIMITER: {sourceColumn: a, pattern: '', limit: 21}", "a"))
        .containsExactly(
            "r.yaml:1:61: the delimiter is empty", "r.yaml:1:72: 'limit' is at most 20");
  }

  @Test
  void categoriesAreCheckedBeforeTheyAreUsed() {
    String map = "- CATEGORICAL_MAPPING: {sourceColumn: a, targetColumn: b, ";
    assertThat(problems(map + "categoryMap: {x: one}, mapType: NUMERIC}", "a")).hasSize(1);
    assertThat(problems(map + "categoryMap: {x: 1}, other: '2', keepOthers: true}", "a"))
        .hasSize(1);
    assertThat(problems(map + "categoryMap: [x]}", "a"))
        .containsExactly("r.yaml:1:72: 'categoryMap' is a map like {Germany: DE}, found a list");
    assertThat(
            expression(
                "- CATEGORICAL_MAPPING: {sourceColumn: a, categoryMap: '{\"x\":\"1\"}', mapType: NUMERIC, keepOthers: 'true', targetColumn: b}",
                1,
                "a"))
        .as("as DataBrew writes it")
        .isInstanceOf(Expr.Cast.class);
    String buckets = "- BUCKETIZATION: {sourceColumn: a, targetColumn: b, bucketNames: [x, y], ";
    assertThat(problems(buckets + "splits: [1, 2]}", "a"))
        .containsExactly("r.yaml:1:82: 2 buckets need 3 splits, not 2; at most 100 buckets");
    assertThat(problems(buckets + "splits: [1, 5, 2]}", "a"))
        .containsExactly("r.yaml:1:82: the splits are not ascending at 2");
  }

  @Test
  void aPathLeadsToAField() {
    String extract = "- EXTRACT_VALUE: {sourceColumn: a, targetColumn: b, path: ";
    Expr field = Expr.call(Fn.FIELD, Expr.column("a"), Expr.literal("x.y"));
    assertThat(expression(extract + "'`a`.`x.y`.z'}", 1, "a"))
        .isEqualTo(Expr.call(Fn.FIELD, field, Expr.literal("z")));
    assertThat(problems(extract + "'a..b'}", "a")).hasSize(1);
    assertThat(problems(extract + "a}", "a")).hasSize(1);
  }

  @Test
  void stepsSeeTheColumnsOfTheStepsBefore() {
    Row row =
        run(
            """
            - RENAME: {sourceColumn: a, targetColumn: b}
            - UPPER_CASE: {sourceColumn: b}
            - DUPLICATE: {sourceColumn: b, targetColumn: c}
            """,
            "a",
            "x");
    assertThat(row.names()).containsExactly("b", "c");
    assertThat(row.get("c")).isEqualTo("X");
  }

  @Test
  void everyErrorIsReportedAtOnceWithItsPlaceAndTheNearestName() {
    assertThat(
            problems(
                """
                - UPPERCASE: {sourceColumn: country}
                - RENAME:
                    sourceColum: ts
                    targetColumn: at
                - DELETE: {sourceColumn: contry}
                - DUPLICATE: {sourceColumn: ts, targetColumn: Country}
                - MERGE: {sourceColumns: [ts, tz], targetColumn: x}
                - ROUND: {sourceColumn: [a]}
                """,
                "country",
                "ts"))
        .containsExactly(
            "r.yaml:1:3: unknown operation 'UPPERCASE'; did you mean 'UPPER_CASE'?",
            "r.yaml:2:3: RENAME needs 'sourceColumn'; write - RENAME: {sourceColumn: ts, targetColumn: ordered_at}",
            "r.yaml:3:5: unknown parameter of RENAME: 'sourceColum'; did you mean 'sourceColumn'?",
            "r.yaml:5:26: there is no column 'contry' at this step; did you mean 'country'?",
            "r.yaml:6:47: there is already a column 'country'; choose another name",
            "r.yaml:7:31: there is no column 'tz' at this step; did you mean 'ts'?",
            "r.yaml:8:25: 'sourceColumn' is a column, found a list");
  }

  @Test
  void withoutItsDataARecipeIsCheckedForContradictions() {
    CompiledRecipe recipe =
        Recipe.compile(
            steps(
                """
                - RENAME: {sourceColumn: ts, targetColumn: ordered_at}
                - UPPER_CASE: {sourceColumn: country}
                - DELETE: {sourceColumn: ts}
                """),
            ColumnNames.unknown());

    assertThat(recipe.problems())
        .extracting(Problem::toString)
        .containsExactly(
            "r.yaml:3:26: there is no column 'ts' at this step; known: country, ordered_at");
    assertThat(recipe.columns().has("ts")).isFalse();
    assertThat(recipe.columns().has("anything")).isTrue();
  }

  private static final String JOIN =
      "- JOIN: {secondaryDatasetName: %s, joinType: %s, joinKeys: [{key: %s, value: code}], rightColumns: [%s]}";

  @Test
  void aJoinTakesColumnsOfAnotherTable() {
    CompiledRecipe compiled = joined(JOIN.formatted("votes", "INNER_JOIN", "a", "code, n"));
    assertThat(compiled.problems()).isEmpty();
    assertThat(compiled.joins()).containsExactly(TableName.parse("clean.votes"));
    assertThat(compiled.columns().names()).containsExactly("a", "b", "code", "n");
    assertThat(compiled.steps())
        .containsExactly(
            new Step.Lookup(
                TableName.parse("clean.votes"),
                List.of("a"),
                List.of("code"),
                List.of(
                    new Step.Taken("code", "code", Types.StringType.get()),
                    new Step.Taken("n", "n", Types.LongType.get())),
                true));
  }

  /** As DataBrew writes it: lists as texts of JSON, keys of one name on both sides. */
  @Test
  void aJoinOfDataBrewIsRead() {
    CompiledRecipe compiled =
        joined(
            """
            - JOIN:
                joinKeys: '[{"key":"b","value":"b"}]'
                joinType: LEFT_JOIN
                leftColumns: '["b"]'
                rightColumns: '["b","n"]'
                secondInputLocation: s3://somewhere/votes.csv
                secondaryDatasetName: votes
            """);
    assertThat(compiled.problems()).isEmpty();
    assertThat(compiled.columns().names()).containsExactly("b", "n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "votes | RIGHT_JOIN | a | n | RIGHT_JOIN is not supported in a recipe: it keeps rows of the other table that no record matches",
        "votes | SOME_JOIN | a | n | unknown joinType 'SOME_JOIN'",
        "votes | LEFT_JOIN | x | n | there is no column 'x' at this step",
        "votes | LEFT_JOIN | a | m | the table clean.votes has no column 'm'",
        "votes | LEFT_JOIN | a | b | there is already a column 'b'",
        "votes | LEFT_JOIN | a | 'n, n2, n' | the table clean.votes has no column 'n2'",
        "raw.votes | LEFT_JOIN | a | n | 'raw.votes' is not a clean table's name",
        "My Votes | LEFT_JOIN | a | n | 'My Votes' is not a clean table's name"
      })
  void aJoinThatCannotBeIsToldBefore(
      String table, String type, String key, String columns, String problem) {
    assertThat(joined(JOIN.formatted(table, type, key, columns)).problems())
        .singleElement()
        .asString()
        .contains(problem);
  }

  private static CompiledRecipe joined(String recipe) {
    return Recipe.compile(
        steps(recipe),
        ColumnNames.of(List.of("a", "b")),
        table ->
            Optional.of(
                List.of(
                    new Column("code", Types.StringType.get()),
                    new Column("b", Types.StringType.get()),
                    new Column("n", Types.LongType.get()))));
  }

  @Test
  void aRecipeHasALimit() {
    assertThat(problems("- TRIM: {sourceColumn: a}\n".repeat(201), "a"))
        .containsExactly("r.yaml:201:3: a recipe has at most 200 steps");
  }

  @Test
  void theLastColumnCannotBeDeleted() {
    assertThat(problems("- DELETE: {sourceColumn: a}", "a")).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void everyExampleCompiles(Operation operation) {
    assertThat(
            Recipe.compile(
                    steps("- " + operation.name() + ": " + operation.example().step()),
                    ColumnNames.unknown())
                .problems())
        .isEmpty();
  }

  static List<Operation> operations() {
    return Operations.ALL;
  }

  private static Row run(String recipe, @Nullable Object... row) {
    return through(recipe, row).orElseThrow();
  }

  private static Optional<Row> through(String recipe, @Nullable Object... row) {
    Row input = Row.of(row);
    CompiledRecipe compiled = Recipe.compile(steps(recipe), input.names());
    assertThat(compiled.problems()).isEmpty();
    Optional<Row> output = input.through(compiled.steps());
    output.ifPresent(out -> assertThat(compiled.columns().names()).isEqualTo(out.names()));
    return output;
  }

  private static Expr expression(String recipe, String column) {
    return expression(recipe, 0, column);
  }

  private static Expr expression(String recipe, int index, String column) {
    CompiledRecipe compiled = Recipe.compile(steps(recipe), List.of(column));
    assertThat(compiled.problems()).isEmpty();
    return ((Step.Project) compiled.steps().get(0)).columns().get(index).value();
  }

  private static List<String> problems(String recipe, String... columns) {
    return Recipe.compile(steps(recipe), List.of(columns)).problems().stream()
        .map(Problem::toString)
        .toList();
  }

  private static List<StepText> steps(String yaml) {
    Problems problems = new Problems();
    List<StepText> steps = new ArrayList<>();
    Node.Sequence sequence =
        (Node.Sequence) YamlReader.read("r.yaml", 0, yaml, problems).orElseThrow();
    for (Node item : sequence.items()) {
      Node.Entry entry = ((Node.Mapping) item).entries().get(0);
      steps.add(new StepText(entry.key(), (Node.Mapping) entry.value()));
    }
    assertThat(problems.sorted()).isEmpty();
    return steps;
  }
}
