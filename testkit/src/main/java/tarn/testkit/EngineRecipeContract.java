package tarn.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.engine.Column;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawInput;
import tarn.core.engine.WriteMode;
import tarn.core.engine.plan.ColumnNames;
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
import tarn.core.table.TableSpec;

/**
 * What every engine makes of recipes: what the operations' examples say, in whatever way rows come.
 */
public abstract class EngineRecipeContract extends EngineFixture {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<Column> ANYTHING =
      List.of(
          new Column("id", Types.LongType.get()),
          new Column("name", Types.StringType.get()),
          new Column("price", Types.DecimalType.of(12, 2)),
          new Column("at", Types.StringType.get()));

  /** Steps that go together in any order; {@code NEW} is a new name each time. */
  private static final String[] STEPS = {
    "UPPER_CASE: {sourceColumn: name}",
    "SENTENCE_CASE: {sourceColumn: name}",
    "ADD_PREFIX: {sourceColumn: name, pattern: '<'}",
    "FILL_WITH_EMPTY: {sourceColumn: name}",
    "FILL_WITH_CUSTOM: {sourceColumn: id, value: 0}",
    "REMOVE_COMBINED: {sourceColumn: name, removeSpecialCharacters: true}",
    "REMOVE_MISSING: {sourceColumn: name}",
    "REMOVE_VALUES: {sourceColumn: name, condition: CONTAINS, value: a}",
    "REMOVE_VALUES: {sourceColumn: id, condition: GREATER_THAN, value: 11}",
    "EXTRACT_PATTERN: {sourceColumn: name, pattern: '[a-z]+', targetColumn: NEW}",
    "EXTRACT_BETWEEN_DELIMITERS: {sourceColumn: name, startPattern: '<', endPattern: '>', targetColumn: NEW}",
    "RIGHT: {sourceColumn: name, position: 3, targetColumn: NEW}",
    "LEN: {sourceColumn: name, targetColumn: NEW}",
    "MULTIPLY: {sourceColumn1: id, sourceColumn2: id, targetColumn: NEW}",
    "ADD: {sourceColumn1: price, sourceColumn2: id, targetColumn: NEW}",
    "DIVIDE: {sourceColumn1: price, sourceColumn2: id, targetColumn: NEW}",
    "MOD: {sourceColumn1: id, value2: 4, targetColumn: NEW}",
    "CEILING: {sourceColumn: price, targetColumn: NEW}",
    "ROUND: {sourceColumn: price, decimals: 1}",
    "YEAR: {sourceColumn: at, targetColumn: NEW}",
    "DATE_ADD: {sourceColumn: at, units: MONTHS, dateAddValue: 1, targetColumn: NEW}",
    "DATE_FORMAT: {sourceColumn: at, dateTimeFormat: dd month yyyy, targetColumn: NEW}",
    "FLAG_COLUMN_FROM_NULL: {sourceColumn: at, targetColumn: NEW}",
    "CATEGORICAL_MAPPING: {sourceColumn: name, categoryMap: {'Ann Lee': 1}, mapType: NUMERIC, targetColumn: NEW}",
    "BUCKETIZATION: {sourceColumn: price, bucketNames: [a, b], splits: [0, 2, Infinity], targetColumn: NEW}",
    "MASK_RANGE: {sourceColumns: [name], maskSymbol: '*', start: 1, stop: -1}",
    "NEST_TO_STRUCT: {sourceColumns: [id, name], targetColumn: NEW}",
    "CHANGE_DATA_TYPE: {sourceColumn: at, columnDataType: timestamp}",
    "TO_STRING_COLUMN: {sourceColumn: at}",
    "MOVE_TO_START: {sourceColumn: price}",
    "JOIN: {secondaryDatasetName: several, joinType: LEFT_JOIN, joinKeys: [{key: id, value: k}], rightColumns: [v], prefix: NEW}",
    "JOIN: {secondaryDatasetName: single, joinType: INNER_JOIN, joinKeys: [{key: name, value: w}], rightColumns: [v], prefix: NEW}"
  };

  /** The example in the docs is true, and a broken record beside it changes nothing. */
  @ParameterizedTest
  @MethodSource("operations")
  void theExampleDoesWhatItSays(Operation operation) {
    String rows = String.join("\n", operation.example().rowsBefore()) + "\n";
    String recipe = "- " + operation.name() + ": " + operation.example().step();
    List<String> expected =
        operation.example().rowsAfter().stream().map(EngineRecipeContract::read).sorted().toList();
    RawInput shape = world.readable("shape.json", rows.getBytes(UTF_8));
    List<Column> columns = world.engine().infer(List.of(shape));
    operation.example().tables().forEach(this::fill);
    List<Step> steps = steps(recipe, columns);
    List<Column> output = world.engine().describe(columns, steps);
    TableName table = world.table(Evolution.schema(output), 2);
    assertThat(rows(table, columns, steps, output, rows)).as("strictly").isEqualTo(expected);
    List<String> twice = new ArrayList<>(expected);
    twice.addAll(expected);
    assertThat(rows(table, columns, steps, output, rows + "{broken\n"))
        .as("beside a broken record")
        .isEqualTo(twice.stream().sorted().toList());
  }

  static List<Operation> operations() {
    return Operations.ALL;
  }

  /** The rows of a table after one more load. */
  private List<String> rows(
      TableName table, List<Column> columns, List<Step> steps, List<Column> output, String file) {
    LoadResult result =
        world.load(
            table,
            new EngineWorld.Plan(columns, steps, List.of(), List.of(), new WriteMode.Append()),
            List.of(world.readable("rows.json", file.getBytes(UTF_8))));
    conserves(result);
    return world.query("SELECT * FROM t", table).stream()
        .map(row -> named(output, row))
        .sorted()
        .toList();
  }

  /** Cuts into files and loads, a broken record among them, and the slow path change nothing. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void howRecordsArriveDoesNotMatter(long seed) {
    joined();
    Random random = new Random(seed);
    List<String> recipe = recipe(random);
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      records.add(record(random));
    }
    List<Step> steps = steps(String.join("\n", recipe), ANYTHING);
    List<Column> output = world.engine().describe(ANYTHING, steps);
    List<String> whole = files(records.subList(0, 30));
    List<String> cut =
        files(records.subList(0, 7), records.subList(7, 20), records.subList(20, 30));
    List<String> broken = List.of(cut.get(0), cut.get(1) + "{broken\n", cut.get(2));
    Arrived first = arrived(steps, output, List.of(whole));
    assertThat(arrived(steps, output, List.of(cut))).as("%s", recipe).isEqualTo(first);
    assertThat(arrived(steps, output, cut.stream().map(List::of).toList()))
        .as("%s", recipe)
        .isEqualTo(first);
    Arrived slow = arrived(steps, output, List.of(broken));
    assertThat(slow.rows()).as("%s", recipe).isEqualTo(first.rows());
    assertThat(slow.rejected()).as("%s", recipe).isEqualTo(first.rejected() + 1);
  }

  private static final String LOOKUP =
      "JOIN: {secondaryDatasetName: %s, joinType: %s_JOIN, joinKeys: [{key: id, value: k}], rightColumns: [v]}";

  /** Rows never multiply, and each has one fate, whatever the other table holds. */
  @ParameterizedTest
  @CsvSource({
    "single, LEFT, 6, 2, 0",
    "single, INNER, 2, 2, 4",
    "several, LEFT, 5, 3, 0",
    "several, INNER, 1, 3, 4",
    "nothing, LEFT, 6, 2, 0",
    "nothing, INNER, 0, 1, 7"
  })
  void aRowIsJoinedWithOneRowOrNoneHoweverItArrives(
      String other, String type, int stored, long rejected, long filtered) {
    joined();
    String records =
        """
        {"id":1,"name":"a"}
        {"id":12,"name":"b"}
        {"id":7,"name":"c"}
        {"name":"d"}
        {"id":null,"name":"e"}
        {"id":8,"name":"f"}
        {"id":"no key","name":"g"}
        """;
    List<Step> steps = steps("- " + LOOKUP.formatted(other, type), ANYTHING);
    List<Column> output = world.engine().describe(ANYTHING, steps);
    Arrived slow = arrived(steps, output, List.of(List.of(records + "{broken\n")));
    assertThat(slow.rows()).hasSize(stored);
    assertThat(slow.rejected()).isEqualTo(rejected);
    assertThat(slow.filtered()).isEqualTo(filtered);
    Arrived fast = arrived(steps, output, List.of(List.of(records)));
    assertThat(fast).isEqualTo(new Arrived(slow.rows(), rejected - 1, filtered));
    assertThat(arrived(steps, output, records.lines().map(r -> List.of(r + "\n")).toList()))
        .isEqualTo(fast);
    if (stored > 1 && !other.equals("nothing")) {
      assertThat(slow.rows()).contains("[1,\"a\",null,null,\"one\"]");
    }
  }

  /** What a filter drops for certain is not asked for its match. */
  @Test
  void anAmbiguousRowIsRejectedUnlessAFilterDropsIt() {
    joined();
    String join = "- " + LOOKUP.formatted("several", "LEFT") + "\n";
    for (String recipe :
        List.of(
            join + "- REMOVE_VALUES: {sourceColumn: v, condition: IS, value: twelve}",
            join + "- REMOVE_VALUES: {sourceColumn: v, condition: IS_NOT, value: twelve}",
            join + "- REMOVE_VALUES: {sourceColumn: name, condition: IS, value: gone}",
            join + "- DELETE: {sourceColumn: v}")) {
      List<Step> steps = steps(recipe, ANYTHING);
      List<Column> output = world.engine().describe(ANYTHING, steps);
      String records = "{\"id\":12,\"name\":\"stays\"}\n{\"id\":12,\"name\":\"gone\"}\n";
      Arrived fast = arrived(steps, output, List.of(List.of(records)));
      Arrived slow = arrived(steps, output, List.of(List.of(records + "{broken\n")));
      assertThat(fast.rejected()).as(recipe).isEqualTo(recipe.contains("gone") ? 1 : 2);
      assertThat(slow)
          .as(recipe)
          .isEqualTo(new Arrived(fast.rows(), fast.rejected() + 1, fast.filtered()));
    }
  }

  @Test
  void theReasonOfAnAmbiguousRowNamesTheTableAndTheValue() {
    joined();
    List<Step> steps = steps("- " + LOOKUP.formatted("several", "INNER"), ANYTHING);
    TableName table = world.table(Evolution.schema(world.engine().describe(ANYTHING, steps)), 2);
    world.load(
        table,
        new EngineWorld.Plan(ANYTHING, steps, List.of(), List.of(), new WriteMode.Append()),
        List.of(world.readable("rows.json", "{\"id\":12}\n".getBytes(UTF_8))));
    EngineWorld.Reject reject = world.rejects(table).get(0);
    assertThat(reject.reason()).isEqualTo("more than one row of clean.several matches");
    assertThat(reject.column()).isEqualTo("id");
    assertThat(reject.value()).isEqualTo("12");
    assertThat(new String(reject.bytes(), UTF_8)).isEqualTo("{\"id\":12}");
  }

  /**
   * Joins reorder rows, most of all where the other table is the larger one: its rows then come in
   * their own order. What landed last wins all the same.
   */
  @Test
  void aJoinDoesNotChangeWhichRowLandedLast() {
    int most = 20_000;
    StringBuilder records = new StringBuilder();
    StringBuilder others = new StringBuilder();
    for (int i = 0; i < most; i++) {
      if (i < most / 10) {
        records.append("{\"id\":").append(i % 7).append(",\"name\":\"").append(i).append("\"}\n");
      }
      int backwards = most - i - 1;
      others.append("{\"w\":\"").append(backwards).append("\",\"v\":\"").append(i).append("\"}\n");
    }
    fill("clean.backwards", others.toString());
    String join =
        "- JOIN: {secondaryDatasetName: backwards, joinType: %s_JOIN, joinKeys: [{key: name, value: w}], rightColumns: [v]}";
    for (String type : List.of("LEFT", "INNER")) {
      List<Step> steps = steps(join.formatted(type), ANYTHING);
      TableName table = world.table(Evolution.schema(world.engine().describe(ANYTHING, steps)), 3);
      world.load(
          table,
          new EngineWorld.Plan(
              ANYTHING,
              steps,
              List.of(),
              List.of(),
              new WriteMode.Upsert(List.of("id"), null, true)),
          List.of(world.readable("rows.json", records.toString().getBytes(UTF_8))));
      assertThat(world.query("SELECT min(CAST(name AS BIGINT)), count(*) FROM t", table))
          .as(type)
          .hasToString("[[1993,7]]");
    }
  }

  /** Tables to join with: each key once; one key twice; no rows. */
  private void joined() {
    fill(
        "clean.single",
        "{\"k\":1,\"w\":\"Ann Lee\",\"v\":\"one\"}\n{\"k\":12,\"w\":\"<b>\",\"v\":\"twelve\"}\n{\"k\":null,\"w\":null,\"v\":\"none\"}");
    fill(
        "clean.several",
        "{\"k\":1,\"v\":\"one\"}\n{\"k\":12,\"v\":\"twelve\"}\n{\"k\":12,\"v\":\"dozen\"}\n{\"k\":99,\"v\":\"x\"}\n{\"k\":99,\"v\":\"y\"}");
    fill("clean.nothing", "{\"k\":1,\"v\":\"one\"}", true);
  }

  /** Whether a value fits is asked where it is needed: for the table's row, or to drop it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "- DELETE: {sourceColumn: id}",
        "- YEAR: {sourceColumn: at, targetColumn: y}\n- DELETE: {sourceColumn: y}\n- DELETE: {sourceColumn: id}",
        "- REMOVE_VALUES: {sourceColumn: name, condition: IS, value: bad}",
        "- YEAR: {sourceColumn: at, targetColumn: y}\n- REMOVE_VALUES: {sourceColumn: name, condition: IS, value: bad}",
        "- CHANGE_DATA_TYPE: {sourceColumn: at, columnDataType: date}\n- REMOVE_MISSING: {sourceColumn: at}\n- REMOVE_VALUES: {sourceColumn: name, condition: IS, value: bad}"
      })
  void aValueThatNobodyNeedsRejectsNoRow(String recipe) {
    List<Step> steps = steps(recipe, ANYTHING);
    List<Column> output = world.engine().describe(ANYTHING, steps);
    String rows =
        "{\"id\":\"x\",\"name\":\"bad\",\"at\":\"soon\"}\n{\"id\":1,\"name\":\"good\",\"at\":\"2025-01-01\"}\n";
    Arrived strict = arrived(steps, output, List.of(List.of(rows)));
    Arrived slow = arrived(steps, output, List.of(List.of(rows + "{broken\n")));
    assertThat(strict.rejected()).isZero();
    assertThat(slow.rows()).isEqualTo(strict.rows());
    assertThat(slow.rejected()).isEqualTo(1);
    assertThat(slow.filtered()).isEqualTo(strict.filtered());
  }

  /** What is in a table after some loads. */
  private record Arrived(List<String> rows, long rejected, long filtered) {}

  private Arrived arrived(List<Step> steps, List<Column> output, List<List<String>> loads) {
    TableName table = world.table(Evolution.schema(output), 2);
    EngineWorld.Plan plan =
        new EngineWorld.Plan(ANYTHING, steps, List.of(), List.of(), new WriteMode.Append());
    long rejected = 0;
    long filtered = 0;
    for (List<String> files : loads) {
      List<RawInput> inputs =
          files.stream().map(f -> world.readable("rows.json", f.getBytes(UTF_8))).toList();
      LoadResult result = world.load(table, plan, inputs);
      conserves(result);
      rejected += result.rejected();
      filtered += result.filtered();
    }
    return new Arrived(world.rows(table), rejected, filtered);
  }

  @SafeVarargs
  private static List<String> files(List<String>... parts) {
    return Arrays.stream(parts).map(part -> String.join("\n", part) + "\n").toList();
  }

  private static List<String> recipe(Random random) {
    List<String> steps = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      steps.add("- " + STEPS[random.nextInt(STEPS.length)].replace("NEW", "c" + i));
    }
    for (String column : List.of("id", "price", "at")) {
      if (random.nextBoolean()) {
        steps.add("- DELETE: {sourceColumn: " + column + "}");
      }
    }
    return steps;
  }

  private static String record(Random random) {
    ObjectNode record = JSON.createObjectNode();
    put(record, "id", random, "1", "-7", "4000000000000", "2.5", "x", "12", "3");
    put(record, "name", random, "Ann Lee", "a,b", "two\nlines", "<b>", "😀é", "", "DE-1");
    put(record, "price", random, "1.50", "-0.01", "12.345", "99999999.99", "7", "free");
    put(record, "at", random, "2025-01-31", "2025-02-30", "2024-02-29T23:59:59", "soon");
    return record.toString();
  }

  private static void put(ObjectNode record, String name, Random random, String... values) {
    int index = random.nextInt(values.length + 3);
    if (index < values.length) {
      record.put(name, values[index]);
    } else if (index > values.length) {
      record.put(name, values[0]);
    }
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

  /** A table that a recipe joins with. */
  private void fill(String name, String rows) {
    fill(name, rows, false);
  }

  /**
   * @param empty whether it has the columns of these rows only
   */
  private void fill(String name, String rows, boolean empty) {
    TableName table = TableName.parse(name);
    if (world.tables().load(table).isPresent()) {
      return;
    }
    RawInput file = world.readable("beside.json", (rows + "\n").getBytes(UTF_8));
    List<Column> columns = world.engine().infer(List.of(file));
    Schema schema = Evolution.schema(columns);
    world.tables().create(table, new TableSpec(schema, List.of(), List.of(), 2, Map.of()));
    if (!empty) {
      world.load(table, EngineWorld.Plan.append(schema), List.of(file));
    }
  }

  private List<Step> steps(String recipe, List<Column> columns) {
    Problems problems = new Problems();
    Node.Sequence list =
        (Node.Sequence) YamlReader.read("recipe.yaml", 0, recipe, problems).orElseThrow();
    List<StepText> texts = new ArrayList<>();
    for (Node item : list.items()) {
      Node.Entry step = ((Node.Mapping) item).entries().get(0);
      texts.add(new StepText(step.key(), (Node.Mapping) step.value()));
    }
    CompiledRecipe compiled =
        Recipe.compile(
            texts,
            ColumnNames.of(columns.stream().map(Column::name).toList()),
            other ->
                Optional.of(
                    world.state(other).schema().columns().stream()
                        .map(c -> new Column(c.name(), c.type()))
                        .toList()));
    assertThat(compiled.problems()).isEmpty();
    return compiled.steps();
  }
}
