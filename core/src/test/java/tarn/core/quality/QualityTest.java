package tarn.core.quality;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Row;
import tarn.core.engine.plan.Rule;
import tarn.core.lake.Node;
import tarn.core.lake.Place;
import tarn.core.lake.Problem;
import tarn.core.lake.RuleText;

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
                    rule(9, "(IsComplete \"id\") and (IsUnique \"id\")"),
                    rule(10, "ColumnValues \"id\" > (now() - 3 days)"),
                    rule(11, "ColumnLength \"id\" = \"five\""),
                    rule(12, "IsComplete \"id\" 5"),
                    rule(13, "")),
                List.of("id"))
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
            "t.yaml:8:21: 'where' is not supported yet",
            "t.yaml:9:5: rules joined with 'and' or 'or' are not supported yet; write two rules for 'and'",
            "t.yaml:10:25: now() is not supported: a table that depends on the time of its run cannot be rebuilt; write a date in double quotes",
            "t.yaml:11:25: expected a number, found \"five\"",
            "t.yaml:12:21: expected the end of the rule, found '5'",
            "t.yaml:13:5: expected a rule type, found the end of the rule");
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
    Rule.Each each = (Rule.Each) compile(rule, "a").get(0);
    return Boolean.TRUE.equals(Row.of("a", value).eval(each.valid()));
  }

  private static List<Rule> compile(String rule, String... columns) {
    CompiledRules compiled = Quality.compile(List.of(rule(1, rule)), List.of(columns));
    assertThat(compiled.problems()).isEmpty();
    return compiled.rules();
  }

  private static RuleText rule(int line, String text) {
    return new RuleText(new Node.Scalar(new Place("t.yaml", line, 5), text, Node.Style.PLAIN));
  }
}
