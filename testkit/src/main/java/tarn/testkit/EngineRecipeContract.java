package tarn.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tarn.core.engine.Column;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawInput;
import tarn.core.engine.WriteMode;
import tarn.core.engine.plan.Step;
import tarn.core.ingest.Evolution;
import tarn.core.lake.Node;
import tarn.core.lake.Problems;
import tarn.core.lake.StepText;
import tarn.core.lake.YamlReader;
import tarn.core.recipe.CompiledRecipe;
import tarn.core.recipe.Operation;
import tarn.core.recipe.Operations;
import tarn.core.recipe.Recipe;
import tarn.core.table.TableName;

/** What every engine makes of recipes: what the operations' examples say, in whatever way rows come. */
public abstract class EngineRecipeContract extends EngineFixture {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The example in the docs is true, and a broken record beside it changes nothing. */
  @ParameterizedTest
  @MethodSource("operations")
  void theExampleDoesWhatItSays(Operation operation) {
    String rows = String.join("\n", operation.example().rowsBefore()) + "\n";
    String recipe = "- " + operation.name() + ": " + operation.example().step();
    List<String> expected =
        operation.example().rowsAfter().stream().map(EngineRecipeContract::read).sorted().toList();
    assertThat(after(recipe, rows, rows)).as("strictly").isEqualTo(expected);
    assertThat(after(recipe, rows, rows + "{broken\n")).as("slowly").isEqualTo(expected);
  }

  static List<Operation> operations() {
    return Operations.ALL;
  }

  private List<String> after(String recipe, String good, String landed) {
    RawInput shape = world.readable("shape.json", good.getBytes(UTF_8));
    List<Column> columns = world.engine().infer(List.of(shape));
    return rows(columns, steps(recipe, columns), landed);
  }

  private List<String> rows(List<Column> columns, List<Step> steps, String... files) {
    List<Column> output = world.engine().describe(columns, steps);
    TableName table = world.table(Evolution.schema(output), 2);
    List<RawInput> inputs = new ArrayList<>();
    for (String file : files) {
      inputs.add(world.readable("rows.json", file.getBytes(UTF_8)));
    }
    LoadResult result =
        world.load(
            table,
            new EngineWorld.Plan(columns, steps, List.of(), new WriteMode.Append()),
            inputs);
    conserves(result);
    return world.query("SELECT * FROM t", table).stream()
        .map(row -> named(output, row))
        .sorted()
        .toList();
  }

  private static String named(List<Column> columns, JsonNode row) {
    ObjectNode object = JSON.createObjectNode();
    for (int i = 0; i < columns.size(); i++) {
      object.set(columns.get(i).name(), row.path(i));
    }
    return read(object.toString());
  }

  /** Numbers are what they are worth: 2.0 is 2. */
  private static String read(String json) {
    try {
      return JSON.readTree(json).toString().replaceAll("(?<=[0-9])\\.0+(?=[,}\\]])", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Step> steps(String recipe, List<Column> columns) {
    Problems problems = new Problems();
    Node.Sequence list =
        (Node.Sequence) YamlReader.read("recipe.yaml", 0, recipe, problems).orElseThrow();
    List<StepText> texts = new ArrayList<>();
    for (Node item : list.items()) {
      Node.Entry step = ((Node.Mapping) item).entries().get(0);
      texts.add(new StepText(step.key(), (Node.Mapping) step.value()));
    }
    CompiledRecipe compiled =
        Recipe.compile(texts, columns.stream().map(Column::name).toList());
    assertThat(compiled.problems()).isEmpty();
    return compiled.steps();
  }
}
