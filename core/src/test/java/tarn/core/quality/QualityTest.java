package tarn.core.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.engine.Column;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Row;
import tarn.core.engine.plan.Rule;
import tarn.core.lake.Node;
import tarn.core.lake.Place;
import tarn.core.lake.Problem;
import tarn.core.lake.Problems;
import tarn.core.lake.RuleText;
import tarn.core.lake.YamlReader;
import tarn.core.table.TableName;

class QualityTest {

  @Test
  void isCompleteFailsNullAndPassesAnEmptyText() {
    assertThat(passes("IsComplete \"a\"", null)).isFalse();
    assertThat(passes("IsComplete \"a\"", "")).isTrue();
  }

  @Test
  void isUniqueNamesItsColumns() {
    assertThat(compile("IsUnique \"a\"", "a"))
        .containsExactly(new Rule.Unique("IsUnique \"a\"", List.of("a")));
  }

  @Test
  void isPrimaryKeyIsCompleteAndUnique() {
    String text = "IsPrimaryKey colA \"colB\"";
    List<Rule> rules = compile(text, "colA", "colB");

    assertThat(rules).hasSize(3);
    assertThat(rules.subList(0, 2))
        .extracting(rule -> ((Rule.Each) rule).column())
        .containsExactly("colA", "colB");
    assertThat(rules.get(2)).isEqualTo(new Rule.Unique(text, List.of("colA", "colB")));
    assertThat(rules).extracting(Rule::text).containsOnly(text);
  }

  @Test
  void columnValuesCompares() {
    assertThat(passes("ColumnValues \"a\" > 10", 11L)).isTrue();
    assertThat(passes("ColumnValues \"a\" > 10", 10L)).isFalse();
    assertThat(passes("ColumnValues \"a\" >= 10", 10L)).isTrue();
    assertThat(passes("ColumnValues \"a\" < -1.5", -2L)).isTrue();
    assertThat(passes("ColumnValues \"a\" <= 3", 4L)).isFalse();
    assertThat(passes("ColumnValues \"a\" = \"x\"", "x")).isTrue();
    assertThat(passes("ColumnValues \"a\" != \"x\"", "x")).isFalse();
  }

  @Test
  void betweenLeavesItsEndsOutAndNotBetweenTakesThemIn() {
    assertThat(passes("ColumnValues \"a\" between 1 and 3", 2L)).isTrue();
    assertThat(passes("ColumnValues \"a\" between 1 and 3", 1L)).isFalse();
    assertThat(passes("ColumnValues \"a\" between 1 and 3", 3L)).isFalse();
    assertThat(passes("ColumnValues \"a\" not between 1 and 3", 3L)).isTrue();
    assertThat(passes("ColumnValues \"a\" not between 1 and 3", 2L)).isFalse();
  }

  @Test
  void datesInQuotesAreThresholds() {
    String rule = "ColumnValues \"a\" between \"2022-05-31\" and \"2022-06-30\"";
    assertThat(passes(rule, LocalDate.of(2022, 6, 1))).isTrue();
    assertThat(passes(rule, LocalDate.of(2022, 7, 1))).isFalse();
  }

  @Test
  void listsMayNameNullEmptyAndWhiteSpace() {
    String rule = "ColumnValues \"a\" in [\"US\", \"CA\", NULL, EMPTY, WHITESPACES_ONLY]";
    assertThat(Arrays.asList("US", null, "", " \t")).allMatch(value -> passes(rule, value));
    assertThat(passes(rule, "DE")).isFalse();
    assertThat(passes("ColumnValues \"a\" in [\"US\"]", "")).isFalse();
    assertThat(passes("ColumnValues \"a\" not in [\"a\", WHITESPACES_ONLY]", " ")).isFalse();
    assertThat(passes("ColumnValues \"a\" not in [\"a\", WHITESPACES_ONLY]", "")).isTrue();
    assertThat(passes("ColumnValues \"a\" = empty", "")).isTrue();
  }

  @Test
  void matchesMeansTheWholeText() {
    assertThat(passes("ColumnValues \"a\" matches \"[a-z]*\"", "abc")).isTrue();
    assertThat(passes("ColumnValues \"a\" matches \"[a-z]*\"", "abc1")).isFalse();
    assertThat(passes("ColumnValues \"a\" not matches \"\\d+\"", "abc")).isTrue();
    assertThat(passes("ColumnValues \"a\" matches \"\\\"x\\\"\"", "\"x\"")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "= 21",
        "> 21",
        ">= 21",
        "< 21",
        "<= 21",
        "between 1 and 30",
        "not between 1 and 3",
        "in [21, 22]",
        "matches \".*\"",
        "not matches \"x\"",
        "!= NULL",
        "not in [21, NULL]"
      })
  void nullFails(String condition) {
    assertThat(passes("ColumnValues \"a\" " + condition, null)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"!= 21", "not in [21, 22, 23]", "= NULL", "in [21, NULL]"})
  void nullPasses(String condition) {
    assertThat(passes("ColumnValues \"a\" " + condition, null)).isTrue();
  }

  @Test
  void columnLengthCountsNullAsZero() {
    assertThat(passes("ColumnLength \"a\" = 5", "12345")).isTrue();
    assertThat(passes("ColumnLength \"a\" > 4", null)).isFalse();
    assertThat(passes("ColumnLength \"a\" < 6", null)).isTrue();
    assertThat(passes("ColumnLength \"a\" in [2, 3]", "ab")).isTrue();
  }

  @Test
  void everyErrorIsReportedAtOnceWithItsPlace() {
    List<String> problems =
        Quality.compile(
                List.of(
                    rule(1, "IsComplet \"id\""),
                    rule(2, "IsComplete \"idd\""),
                    rule(3, "ColumnValues \"id\" >> 3"),
                    rule(4, "ColumnValues \"id\" in [1, 2"),
                    rule(5, "ColumnValues \"id\" matches \"(\""),
                    rule(6, "IsUnique 'id'"),
                    rule(7, "IsComplete \"id"),
                    rule(8, "IsComplete \"id\" where \"x = 1\""),
                    rule(10, "ColumnValues \"id\" > (now() - 3 days)"),
                    rule(11, "ColumnLength \"id\" = \"five\""),
                    rule(12, "IsComplete \"id\" 5"),
                    rule(13, "")),
                ColumnNames.of(List.of("id")))
            .problems()
            .stream()
            .map(Problem::toString)
            .toList();

    assertThat(problems)
        .containsExactly(
            "t.yaml:1:5: unknown rule type 'IsComplet'; did you mean 'IsComplete'?",
            "t.yaml:2:16: there is no column 'idd' in the recipe's output; did you mean 'id'?",
            "t.yaml:3:24: expected a number, or a date like \"2025-10-09\", found '>'",
            "t.yaml:4:31: expected ']', found the end of the rule",
            "t.yaml:5:31: \"(\" is not a regular expression: Unclosed group",
            "t.yaml:6:14: ''' has no meaning here; use double quotes",
            "t.yaml:7:16: the quotes that begin here have no end",
            "t.yaml:8:28: there is no column 'x' in the recipe's output; known: id",
            "t.yaml:10:25: now() is not supported: a table that depends on the time of its run cannot be rebuilt; write a date in double quotes",
            "t.yaml:11:25: expected a number, found \"five\"",
            "t.yaml:12:21: expected the end of the rule, found '5'",
            "t.yaml:13:5: expected a rule type, found the end of the rule");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "IsComplete \"id\" and IsComplete \"id\"|t.yaml:1:21: rules joined by 'and' stand in parentheses; write (rule) and (rule)",
        "(IsComplete \"id\") and (IsComplete \"id\") or (IsComplete \"id\")|t.yaml:1:45: 'and' and 'or' cannot stand side by side; put the rules that belong together into parentheses",
        "(IsComplete \"id\"|t.yaml:1:21: expected ')', found the end of the rule",
        "IsComplete \"id\", IsUnique \"id\"|t.yaml:1:20: expected the end of the rule; a list is Rules = [ … ], found ','",
        "Rules = [ IsComplete \"id\" IsUnique \"id\" ]|t.yaml:1:31: expected ',' or ']', found 'IsUnique'",
        "IsUnique \"id\" with threshold > 0.9|t.yaml:1:19: IsUnique has no 'with threshold'",
        "RowCount > avg(last(10)) * 0.8|t.yaml:1:16: dynamic rules are not supported: a table that depends on the runs before it cannot be rebuilt; write a number",
        "ColumnCount > 3 where \"id = 1\"|t.yaml:1:21: this rule type has no 'where'",
        "IsComplete \"id\" labels=[\"a\"=\"b\"]|t.yaml:1:21: 'labels' is not supported",
        "DataFreshness \"id\" <= 24 hours|t.yaml:1:5: DataFreshness is not supported: a table that depends on the time of its run cannot be rebuilt; compare with a date in ColumnValues",
        "ColumnDataType \"id\" = \"Money\"|t.yaml:1:27: 'Money' is not a type of this rule; there are Boolean, Date, Timestamp, Integer, Long, Float, Double",
        "DatasetMatch \"raw.customers\" \"id\" > 1|t.yaml:1:18: 'raw.customers' is not a clean table's name; write \"clean.table\"",
        "DatasetMatch \"customers\" \"id->a->b\" > 1|t.yaml:1:30: 'id->a->b' is no column; write \"column\", or \"column->column of the other table\"",
        "DatasetMatch \"customers\" \"idd\" > 1|t.yaml:1:30: there is no column 'idd' in the recipe's output; did you mean 'id'?",
        "DatasetMatch \"customers\" \"id\" > 0.5 where \"id > 1\"|t.yaml:1:41: this rule type has no 'where'",
        "ReferentialIntegrity \"id\" \"customers\" > 1|t.yaml:1:31: 'customers' is not a clean table's column; write \"clean.table.column\" or \"clean.table.{column,column}\"",
        "IsComplete \"id\" where \"id = (select max(id) from t)\"|t.yaml:1:34: in 'where': a query is no condition over one row; compare columns and values",
        "IsComplete \"id\" where \"id > random()\"|t.yaml:1:33: 'random' is not supported: a table that depends on the time of its run cannot be rebuilt",
        "IsComplete \"id\" where \"id + 1\"|t.yaml:1:28: 'where' needs a condition that is true or false; write column = value",
        "IsComplete \"id\" where \"id = 1 id\"|t.yaml:1:35: in 'where': expected 'and', 'or' or the end of the condition, found 'id'",
        "IsComplete \"id\" where \"read_csv('/etc/passwd') = 1\"|t.yaml:1:28: 'read_csv' is not a function of a row condition; there are coalesce, concat, contains, endswith, length, lower, round, startswith, substring, trim, upper",
        "IsComplete \"id\" where \"id = \"|t.yaml:1:33: in 'where': expected a column or a value, found its end",
        "IsComplete \"id\" where \"\"|t.yaml:1:28: in 'where': expected a column or a value, found its end"
      })
  void everyMistakeIsNamedWhereItIs(String rule, String problem) {
    assertThat(Quality.compile(List.of(rule(1, rule)), ColumnNames.of(List.of("id"))).problems())
        .extracting(Problem::toString)
        .containsExactly(problem);
  }

  @Test
  void aMistakeInABlockHasItsLineAndColumn() {
    Problems problems = new Problems();
    Node.Mapping yaml =
        (Node.Mapping)
            YamlReader.read(
                    "t.yaml",
                    0,
                    "from: x\nquality: |\n\n  Rules = [\n    # the key\n    IsComplete \"id\",\n    IsUniqe \"id\"\n  ]\n",
                    problems)
                .orElseThrow();
    RuleText text = new RuleText((Node.Scalar) yaml.get("quality").orElseThrow());
    assertThat(Quality.compile(List.of(text), ColumnNames.unknown()).problems())
        .extracting(Problem::toString)
        .containsExactly("t.yaml:7:5: unknown rule type 'IsUniqe'; did you mean 'IsUnique'?");
  }

  @Test
  void aListOfRulesIsAsManyRules() {
    CompiledRules rules =
        compiled("Rules = [ IsComplete \"a\", # the key\n IsUnique \"a\",\n RowCount > 0 ]", "a");
    assertThat(rules.rules())
        .extracting(Rule::text)
        .containsExactly("IsComplete \"a\"", "IsUnique \"a\"");
    assertThat(rules.tableRules()).extracting(TableRule::text).containsExactly("RowCount > 0");
  }

  @Test
  void aQueryOfRowsIsACondition() {
    String rule = "CustomSql \"select a, `b` from primary where b > 18 and a <> 'x'\"";
    assertThat(row(rule, "a", "y", "b", 19L)).isTrue();
    assertThat(row(rule, "a", "x", "b", 19L)).isFalse();
    assertThat(row(rule, "a", "y", "b", null)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select a from primary where a > 1 group by a",
        "select max(a) from primary where a > 1",
        "select missing from primary where a > 1",
        "select a from primary where missing > 1",
        "select a from primary",
        "select a from primary where a > 1\" with threshold > 3 #"
      })
  void aQueryOfRowsInAnotherFormIsRefused(String query) {
    assertThat(
            Quality.compile(
                    List.of(rule(1, "CustomSql \"" + query + "\"")), ColumnNames.of(List.of("a")))
                .problems())
        .hasSize(1);
  }

  @Test
  void tablesThatAQueryNamesComeFirst() {
    String rule = "CustomSql \"select count(*) from primary join clean.other o using (a)\" > 0";
    assertThat(compiled(rule, "a").reads()).containsExactly(TableName.parse("clean.other"));
  }

  @Test
  void needlessTypesAreRefused() {
    RuleText rule = rule(1, "Mean \"a\" > 1");
    assertThat(
            Quality.compile(List.of(rule), List.of(new Column("a", Types.StringType.get())))
                .problems())
        .extracting(Problem::toString)
        .containsExactly("t.yaml:1:10: the rule needs numbers, and 'a' is of type string");
  }

  // ---- where ----

  @Test
  void whereAsksOnlyAboutSomeRows() {
    String rule = "IsComplete \"a\" where \"b < 16 and b != 12\"";
    assertThat(row(rule, "a", null, "b", 3L)).isFalse();
    assertThat(row(rule, "a", null, "b", 12L)).isTrue();
    assertThat(row(rule, "a", null, "b", null)).isTrue();
    assertThat(row(rule, "a", "x", "b", 3L)).isTrue();
    assertThat(row("ColumnValues \"a\" = 1 where \"b = 1\"", "a", null, "b", 1L)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a = 2|true",
        "a <> 2 or b = 'x'|true",
        "not (a = 2)|false",
        "not a = 2 and b = 'x'|false",
        "a = 1 or a = 2 and b = 'y'|false",
        "(a = 1 or a = 2) and b = 'x'|true",
        "a + 1 * 3 - 4 / 2 = 3|true",
        "a*-1 = -2|true",
        "a between 2 and 3|true",
        "a not between 2 and 3|false",
        "a in (1, 2)|true",
        "a not in (1, 2)|false",
        "b like 'x%'|true",
        "b like '_'|true",
        "b like '__'|false",
        "b not like '%.%'|true",
        "b rlike '[xyz]'|true",
        "c is null|true",
        "c is not null|false",
        "c = 1 or true|true",
        "coalesce(c, 7) = 7|true",
        "upper(b) = 'X' and length(b) = 1|true",
        "`a` = 2|true",
        "b = 'it''s'|false",
        "d < DATE '2025-10-09'|true",
        "\\\"a\\\" = 2|true"
      })
  void aRowConditionMeansWhatSqlMeans(String condition, boolean holds) {
    String rule = "ColumnValues \"a\" = 99 where \"" + condition + "\"";
    assertThat(row(rule, "a", 2L, "b", "x", "c", null, "d", LocalDate.of(2025, 1, 1)))
        .isEqualTo(!holds);
  }

  // ---- and, or, threshold ----

  @Test
  void rulesForRowsAreJoinedRowByRow() {
    String either = "(IsComplete \"a\") or (ColumnValues \"b\" > 3)";
    assertThat(row(either, "a", null, "b", 4L)).isTrue();
    assertThat(row(either, "a", "x", "b", null)).isTrue();
    assertThat(row(either, "a", null, "b", null)).isFalse();
    String nested = "(IsComplete \"a\") or ((ColumnValues \"b\" > 3) and (ColumnValues \"b\" < 9))";
    assertThat(row(nested, "a", null, "b", 8L)).isTrue();
    assertThat(row(nested, "a", null, "b", 9L)).isFalse();
    assertThat(compile("(IsComplete \"a\") and (IsUnique \"a\")", "a")).hasSize(2);
  }

  @Test
  void aRuleForTheTableMakesTheWholeOneForTheTable() {
    String rule = "(RowCount > 3) or ((IsComplete \"a\") and (IsUnique \"a\"))";
    assertThat(compiled(rule, "a").rules()).isEmpty();
    assertThat(judge(rule, rows("a", "x", "y")))
        .isEqualTo(passed("RowCount 2, IsComplete: rows that fail 0, IsUnique: rows that fail 0"));
    assertThat(judge(rule, rows("a", "x", "x")).passed()).isFalse();
    assertThat(judge(rule, rows("a", "x", null)).passed()).isFalse();
    assertThat(judge(rule, rows("a", "x", "x", "x", "x")).passed()).isTrue();
  }

  @Test
  void aThresholdIsThePartOfTheRowsThatPass() {
    String rule = "ColumnValues \"a\" > 0 with threshold >= 0.75";
    assertThat(judge(rule, rows("a", 1L, 2L, 3L, -1L))).isEqualTo(passed("ColumnValues 0.75"));
    assertThat(judge(rule, rows("a", 1L, 2L, null, -1L)).passed()).isFalse();
    assertThat(judge(rule, rows("a")).passed()).isTrue();
    String filtered = "ColumnValues \"a\" > 0 where \"a <> -1\" with threshold > 0.9";
    assertThat(judge(filtered, rows("a", 1L, -1L)).passed()).isTrue();
  }

  // ---- the examples of Glue's documentation, one by one ----

  static List<Arguments> glue() {
    List<Row> stars = rows("Star_Rating", 1L, 2L, 4L, 5L);
    return List.of(
        arguments("RowCount between 10 and 100", rows("id", 1L), false),
        arguments("RowCount between 1 and 50 where \"id < 10\"", rows("id", 1L, 2L, 20L), true),
        arguments("RowCount between 1 and 50 where \"id < 2\"", rows("id", 1L, 2L, 20L), false),
        arguments("Completeness \"First_Name\" > 0.95", rows("First_Name", "a", "b", null), false),
        arguments("Completeness \"First_Name\" = 1.0", rows("First_Name", "a", ""), true),
        arguments(
            "Completeness \"id\" > 0.5 where \"id <> 2 or id is null\"",
            rows("id", 1L, 2L, null),
            false),
        arguments("Completeness \"id\" between 0.3 and 0.7", rows("id", 1L, null), true),
        arguments("Uniqueness \"email\" = 1.0", rows("email", "a", "b", null), true),
        arguments("Uniqueness \"email\" = 1.0", rows("email", "a", "b", "b"), false),
        arguments("UniqueValueRatio \"c\" = 0.5", rows("c", "a", "a", "b"), true),
        arguments("UniqueValueRatio \"c\" between 0 and 0.5", rows("c", "a", "a", "b"), false),
        arguments("DistinctValuesCount \"State\" > 3", rows("State", "a", "b", "c", "c"), false),
        arguments("DistinctValuesCount \"State\" = 3", rows("State", "a", "b", "c", null), true),
        arguments("Entropy \"Star_Rating\" > 1", stars, true),
        arguments("Entropy \"Star_Rating\" = 2", stars, true),
        arguments("Mean \"Star_Rating\" = 3", stars, true),
        arguments("Mean \"Star_Rating\" > 3 where \"Star_Rating > 1\"", stars, true),
        arguments("Mean \"Star_Rating\" > 0", rows("Star_Rating", (Object) null), false),
        arguments("Sum \"Star_Rating\" between 11 and 13", stars, true),
        arguments("Sum \"Star_Rating\" > 12", stars, false),
        arguments("StandardDeviation \"Star_Rating\" < 1.5", stars, false),
        arguments("StandardDeviation \"Star_Rating\" <= 1.6", stars, true),
        arguments("ColumnCorrelation \"a\" \"a\" > 0.8", rows("a", 1L, 2L, 5L), true),
        arguments("ColumnCorrelation \"a\" \"a\" > 0.8", rows("a", 1L, 1L), false),
        arguments("ColumnExists \"Middle_Name\"", rows("middle_name", "x"), true),
        arguments("ColumnExists \"Middle_Name\"", rows("name", "x"), false),
        arguments("ColumnCount between 0 and 2", rows("a", "x"), true),
        arguments("ColumnCount = 4", rows("a", "x"), false),
        arguments("ColumnNamesMatchPattern \"aws_.*_[a-zA-Z]+\"", rows("aws_x_y", "x"), true),
        arguments("ColumnNamesMatchPattern \"aws_.*_[a-zA-Z]+\"", rows("aws_x", "x"), false),
        arguments("ColumnNamesMatchPattern \"aws_.*\" < 0.5", rows("b", "x"), true),
        arguments(
            "ColumnDataType \"a\" = \"INTEGER\" with threshold > 0.9", rows("a", "1", "x"), false),
        arguments(
            "ColumnDataType \"a\" = \"INTEGER\" with threshold > 0.4", rows("a", "1", "x"), true));
  }

  @ParameterizedTest
  @MethodSource("glue")
  void glueExamplesForTheTable(String rule, List<Row> rows, boolean passes) {
    assertThat(judge(rule, rows).passed()).isEqualTo(passes);
  }

  @Test
  void columnDataTypePassesRowsThatFit() {
    assertThat(passes("ColumnDataType \"a\" = \"INTEGER\"", "12")).isTrue();
    assertThat(passes("ColumnDataType \"a\" = \"INTEGER\"", "1.5")).isFalse();
    assertThat(passes("ColumnDataType \"a\" = \"INTEGER\"", null)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "IsComplete \"Email\" where \"Customer_ID between 1 and 50\"",
        "IsComplete \"passenger_count\" where \"payment_type<>0\"",
        "IsUnique \"vendorid\" \"tpep_pickup_datetime\"",
        "IsPrimaryKey \"Customer_ID\" where \"Customer_ID < 10\"",
        "Uniqueness \"vendorid\" \"tpep_pickup_datetime\" = 1",
        "Entropy \"First_Name\" > 1  where \"Customer_ID < 10\"",
        "ColumnValues \"Country\" in [ \"US\", \"CA\", \"UK\", NULL, EMPTY, WHITESPACES_ONLY ]",
        "ColumnValues \"First_Name\" matches \"[a-zA-Z]*\"",
        "ColumnValues \"Load_Date\" > \"2022-06-30\" with threshold > 0.98",
        "ColumnLength \"Postal_Code\" = 5 with threshold > 0.9",
        "CustomSql \"select count(*) from primary\" between 10 and 20",
        "CustomSql \"select Name from primary where Age > 18\"",
        "CustomSql \"select count(*) from clean.table inner join clean.table2 on id1 = id2\" between 10 and 20",
        "(Mean \"Star_Rating\" > 3) and (Mean \"Order_Total\" > 500) and (IsComplete \"Order_Id\")",
        "(Mean \"Star_Rating\" > 3) and ((Mean \"Order_Total\" > 500) or (IsComplete \"Order_Id\"))",
        "(RowCount > 0) or ((IsComplete \"colA\") and (IsUnique \"colA\"))",
        "DatasetMatch \"reference\" \"ID\" >= 0.9",
        "DatasetMatch \"reference\" \"ID_1->ID_ref1,ID_2->ID_ref2\" >= 0.9",
        "DatasetMatch \"reference\" \"ID_1->ID_ref1,ID_2->ID_ref2\" \"Amount1->Amount2\" >= 0.9",
        "Rules = [ IsComplete \"order-id\", IsUnique \"order-id\" ]"
      })
  void otherGlueExamplesCompile(String rule) {
    assertThat(Quality.compile(List.of(rule(1, rule)), ColumnNames.unknown()).problems()).isEmpty();
  }

  // ---- another table ----

  @Test
  void rowsAreMatchedByAKeyAndTheColumnsNamedOrAllOthers() {
    TableName other = new TableName("clean", "reference");
    List<Measure.Pair> key =
        List.of(new Measure.Pair("ID_1", "ID_ref1"), new Measure.Pair("ID_2", "ID_2"));
    Measure rows = new Measure.OfRows(Measure.Kind.ROWS, List.of(), null, null);
    Measure named = new Measure.Matched(key, other, List.of(new Measure.Pair("a", "Amount2")));
    Measure all =
        new Measure.Matched(
            key, other, List.of(new Measure.Pair("a", "a"), new Measure.Pair("b", "b")));
    String rule = "DatasetMatch \"reference\" \"ID_1 -> ID_ref1, ID_2\" %s>= 0.9";
    String[] columns = {"ID_1", "a", "ID_2", "b"};
    TableRule some = compiled(rule.formatted("\"a->Amount2\" "), columns).tableRules().get(0);
    assertThat(some.measures()).containsExactly(named, rows);
    assertThat(some.reads()).containsExactly(other);
    assertThat(compiled(rule.formatted(""), columns).measures()).containsExactly(all, rows);
    assertThat(judge(some, Map.of(named, BigDecimal.valueOf(9), rows, BigDecimal.TEN)))
        .isEqualTo(new Outcome(some.text(), true, "DatasetMatch 0.9"));
    assertThat(judge(some, Map.of(named, BigDecimal.valueOf(8), rows, BigDecimal.TEN)).passed())
        .isFalse();
    assertThat(judge(some, Map.of(rows, BigDecimal.TEN)).seen())
        .isEqualTo(
            "DatasetMatch has no value: a key is null or comes twice, in this table or the other");
  }

  @Test
  void anotherTableIsComparedWith() {
    TableName other = new TableName("clean", "customers");
    String integrity = "ReferentialIntegrity \"a,b\" \"clean.customers.{x, y}\" >= 0.5";
    Measure found = new Measure.Found(List.of("a", "b"), other, List.of("x", "y"));
    TableRule rule = compiled(integrity, "a", "b").tableRules().get(0);
    assertThat(rule.reads()).containsExactly(other);
    assertThat(rule.measures()).contains(found);
    Measure rows = new Measure.OfRows(Measure.Kind.ROWS, List.of(), null, null);
    assertThat(judge(rule, Map.of(found, BigDecimal.ONE, rows, BigDecimal.TEN)).passed()).isFalse();
    assertThat(judge(rule, Map.of(found, BigDecimal.TEN, rows, BigDecimal.TEN)).passed()).isTrue();

    TableRule counts = compiled("RowCountMatch \"customers\" >= 0.9", "a").tableRules().get(0);
    Measure theirs = new Measure.OfRows(Measure.Kind.ROWS, List.of(), null, other);
    assertThat(judge(counts, Map.of(rows, BigDecimal.valueOf(9), theirs, BigDecimal.TEN)))
        .isEqualTo(new Outcome(counts.text(), true, "RowCountMatch 0.9"));
    assertThat(judge(counts, Map.of(rows, BigDecimal.TEN, theirs, BigDecimal.ZERO)).passed())
        .isFalse();
    assertThat(
            compiled("AggregateMatch \"sum(a)\" \"avg(clean.customers.x)\" > 0.9", "a").measures())
        .containsExactly(
            new Measure.OfRows(Measure.Kind.SUM, List.of("a"), null, null),
            new Measure.OfRows(Measure.Kind.MEAN, List.of("x"), null, other));
  }

  @Test
  void schemasMatchColumnByColumn() {
    RuleText text = rule(1, "SchemaMatch \"clean.other\" = 1.0");
    List<Column> mine =
        List.of(new Column("a", Types.LongType.get()), new Column("b", Types.StringType.get()));
    TableRule rule = Quality.compile(List.of(text), mine).tableRules().get(0);
    assertThat(rule.judge(new Seen(Map.of(), t -> List.of(mine.get(1), mine.get(0)))).passed())
        .isTrue();
    assertThat(rule.judge(new Seen(Map.of(), t -> List.of(mine.get(0)))).seen())
        .isEqualTo("SchemaMatch 0.5");
    Column wider = new Column("a", Types.DoubleType.get());
    assertThat(rule.judge(new Seen(Map.of(), t -> List.of(wider, mine.get(1)))).passed()).isFalse();
  }

  @Test
  void resultsAreReadAsTheyWereWritten() {
    List<RuleResult> results =
        List.of(
            new RuleResult("IsComplete \"a\"", true, false, "rows that fail 3"),
            new RuleResult("RowCount > 0", false, true, "RowCount 1"));
    assertThat(RuleResult.read(RuleResult.write(results))).isEqualTo(results);
  }

  @Test
  void longTextsDoNotHurt() {
    assertThat(passes("ColumnValues \"a\" = \"" + "\\\"".repeat(4_000) + "\"", "x")).isFalse();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleCompiles(String example) {
    assertThat(Quality.compile(List.of(rule(1, example)), ColumnNames.unknown()).problems())
        .isEmpty();
  }

  static List<String> examples() {
    return RuleTypes.ALL.stream().map(RuleTypes.RuleType::example).toList();
  }

  private static boolean passes(String rule, @Nullable Object value) {
    return row(rule, "a", value);
  }

  private static boolean row(String rule, @Nullable Object... namesAndValues) {
    Row row = Row.of(namesAndValues);
    Rule.Each each = (Rule.Each) compile(rule, row.names().toArray(String[]::new)).get(0);
    return Boolean.TRUE.equals(row.eval(each.valid()));
  }

  private static List<Rule> compile(String rule, String... columns) {
    return compiled(rule, columns).rules();
  }

  private static CompiledRules compiled(String rule, String... columns) {
    CompiledRules compiled =
        Quality.compile(List.of(rule(1, rule)), ColumnNames.of(List.of(columns)));
    assertThat(compiled.problems()).isEmpty();
    return compiled;
  }

  private static List<Row> rows(String column, @Nullable Object... values) {
    List<Row> rows = new ArrayList<>();
    for (Object value : values) {
      rows.add(Row.of(column, value));
    }
    return rows;
  }

  private static Outcome passed(String seen) {
    return new Outcome("", true, seen);
  }

  private static Outcome judge(String text, List<Row> rows) {
    List<String> columns = rows.isEmpty() ? List.of("a") : rows.get(0).names();
    TableRule rule = compiled(text, columns.toArray(String[]::new)).tableRules().get(0);
    Outcome outcome = judge(rule, RowMeasures.of(rule.measures(), rows));
    assertThat(outcome.rule()).isEqualTo(text);
    return new Outcome("", outcome.passed(), outcome.seen());
  }

  private static Outcome judge(TableRule rule, Map<Measure, BigDecimal> numbers) {
    return rule.judge(new Seen(numbers, table -> List.of()));
  }

  private static RuleText rule(int line, String text) {
    return new RuleText(new Node.Scalar(new Place("t.yaml", line, 5), text, Node.Style.PLAIN));
  }
}
