package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recipes of DataBrew, in files and pasted. */
class RecipeFilesTest {
  private static final String TABLE = "from: orders\nrecipe: {file: recipes/orders.json}\n";

  @TempDir Path dir;

  @Test
  void aFileOfDataBrewIsARecipe() throws IOException {
    List<StepText> steps =
        recipe(
            """
            [
              {
                "Action": {
                  "Operation": "UPPER_CASE",
                  "Parameters": {"sourceColumn": "country"}
                }
              },
              {
                "Action": {"Operation": "REMOVE_VALUES", "Parameters": {"sourceColumn": "total"}},
                "ConditionExpressions": [
                  {"Condition": "LESS_THAN", "Value": "1800", "TargetColumn": "total"}
                ]
              }
            ]
            """);
    assertThat(steps)
        .extracting(s -> s.operation().text())
        .containsExactly("UPPER_CASE", "REMOVE_VALUES");
    assertThat(steps.get(0).operation().place()).isEqualTo(new Place("recipes/orders.json", 4, 20));
    assertThat(text(steps.get(1), "condition")).isEqualTo("LESS_THAN");
    assertThat(text(steps.get(1), "value")).isEqualTo("1800");
    assertThat(((Node.Scalar) steps.get(1).parameters().get("value").orElseThrow()).isQuoted())
        .as("compared as a number")
        .isFalse();
  }

  @Test
  void whatDescribeRecipeAnswersIsARecipe() throws IOException {
    assertThat(
            recipe(
                "{\"Name\": \"r\", \"Steps\": [{\"Action\": {\"Operation\": \"TRIM\", \"Parameters\": {\"sourceColumn\": \"a\"}}}]}"))
        .hasSize(1);
  }

  @Test
  void listsOfValuesComeAsTextsOfJson() throws IOException {
    StepText step = recipe(condition("IS", "[\\\"a\\\", \\\"5\\\"]")).get(0);
    Node.Sequence values = (Node.Sequence) step.parameters().get("value").orElseThrow();
    assertThat(values.items()).extracting(v -> ((Node.Scalar) v).text()).containsExactly("a", "5");
    assertThat(((Node.Scalar) values.items().get(1)).isQuoted()).isTrue();
    assertThat(text(recipe(condition("STARTS_WITH", "[TEST]")).get(0), "value"))
        .isEqualTo("[TEST]");
  }

  @Test
  void aFilterOnMissingValuesTakesNone() throws IOException {
    assertThat(recipe(condition("IS_MISSING", "")).get(0).parameters().get("value")).isEmpty();
  }

  @Test
  void stepsOfDataBrewStandAmongOthers() throws IOException {
    write(
        "tables/orders.yaml",
        """
        from: orders
        recipe:
          - TRIM: {sourceColumn: a}
          - {"Action": {"Operation": "LOWER_CASE", "Parameters": {"sourceColumn": "a"}}}
        """);
    assertThat(loaded().tables().get(0).recipe())
        .extracting(s -> s.operation().text())
        .containsExactly("TRIM", "LOWER_CASE");
  }

  @Test
  void mistakesAreReportedAtTheirPlaceInTheFile() throws IOException {
    write("tables/orders.yaml", TABLE);
    write(
        "recipes/orders.json",
        """
        [
          {"Action": {"Operation": "TRIM", "Parametres": {}}},
          {"Action": {"Operation": "UPPER_CASE", "Parameters": {"sourceColumn": "a"}},
           "ConditionExpressions": [{"Condition": "IS", "Value": "x", "TargetColumn": "b"}]},
          {"Action": {"Operation": "REMOVE_VALUES", "Parameters": {"sourceColumn": "a"}},
           "ConditionExpressions": [{"Condition": "IS", "Value": "x", "TargetColumn": "b"}]},
          {"Action": {"Parameters": {"sourceColumn": "a"}}}
        ]
        """);
    assertThat(problems())
        .containsExactly(
            "recipes/orders.json:2:36: unknown key 'Parametres'; did you mean 'Parameters'?",
            "recipes/orders.json:4:28: ConditionExpressions are understood for REMOVE_VALUES with one condition; write the step as a model's SQL, or several REMOVE_VALUES steps",
            "recipes/orders.json:6:79: TargetColumn is another column than sourceColumn; name the column whose values are removed in both",
            "recipes/orders.json:7:14: 'Operation' is missing; write it");
  }

  @Test
  void aFileOutsideOfItsFolderIsRefused() throws IOException {
    write("tables/orders.yaml", "from: orders\nrecipe: {file: ../../etc/passwd.json}\n");
    write("tables/items.yaml", "from: items\nrecipe: {file: recipes/none.json}\n");
    assertThat(problems())
        .containsExactly(
            "tables/items.yaml:2:9: there is no file recipes/none.json in the lake folder",
            "tables/orders.yaml:2:9: 'recipe' is a list of steps, or names a file of them; write recipe: {file: recipes/orders.json}; it ends in .json or .yaml");
  }

  private static String condition(String condition, String value) {
    return "[{\"Action\": {\"Operation\": \"REMOVE_VALUES\", \"Parameters\": {}}, \"ConditionExpressions\": [{\"Condition\": \""
        + condition
        + "\", \"Value\": \""
        + value
        + "\", \"TargetColumn\": \"a\"}]}]";
  }

  private static String text(StepText step, String parameter) {
    return ((Node.Scalar) step.parameters().get(parameter).orElseThrow()).text();
  }

  private List<StepText> recipe(String json) throws IOException {
    write("tables/orders.yaml", TABLE);
    write("recipes/orders.json", json);
    LakeFolder folder = loaded();
    assertThat(folder.problems()).isEmpty();
    return folder.tables().get(0).recipe();
  }

  private List<String> problems() throws IOException {
    return loaded().problems().stream().map(Problem::toString).toList();
  }

  private LakeFolder loaded() throws IOException {
    write("lake.yaml", "name: shop");
    return LakeFolder.load(dir);
  }

  private void write(String file, String text) throws IOException {
    Path path = dir.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
