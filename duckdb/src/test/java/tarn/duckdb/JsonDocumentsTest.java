package tarn.duckdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.table.TableName;
import tarn.testkit.EngineFixture;
import tarn.testkit.EngineWorld;

/** JSON over several lines: in an array, or object after object. */
class JsonDocumentsTest extends EngineFixture {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.optional(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "text", Types.StringType.get()));
  private static final String ARRAY =
      "[\n  {\n    \"id\": 1,\n    \"text\": \"a]},\\\"[{\"\n  },\n  {\"id\": 2,\n   \"text\": \"b\"}\n]\n";
  private static final String OBJECTS =
      "{\n  \"id\": 1,\n  \"text\": \"a]},\\\"[{\"\n}\n{\n  \"id\": 2,\n  \"text\": \"b\"\n}\n";
  private static final String[] ROWS = {"[1,\"a]},\\\"[{\"]", "[2,\"b\"]"};

  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }

  @ParameterizedTest
  @ValueSource(strings = {ARRAY, OBJECTS})
  void objectsAreRecords(String text) {
    RawInput input = json(text);
    assertThat(input.format()).isInstanceOf(RawFormat.JsonDocuments.class);
    assertThat(world.engine().infer(List.of(input)))
        .extracting(c -> c.name() + " " + c.type())
        .containsExactly("id long", "text string");
    TableName table = world.table(SCHEMA, 2);
    LoadResult result = load(table, SCHEMA, input);
    assertThat(result.strictFiles()).isEqualTo(1);
    assertThat(world.rows(table)).containsExactly(ROWS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\": \"x\",\n   \"text\": \"bad\"}",
        "{\"id\": 5,,\n   \"text\": \"bad\"}",
        "{\"id\": 5,\n   \"text\": \"bad}",
        "{\"id\": 5,\n   \"text\": \"bad\"",
        "[1, {\"id\": 5}]",
        "5",
        "{\"id\": 5, \"text\": \"\u0001\"}",
      })
  void aBadRecordIsRejectedWithItsBytesAndCostsNoOther(String bad) {
    for (String text : List.of(ARRAY, OBJECTS)) {
      String margin = text.equals(ARRAY) ? "  " : "";
      int at = text.indexOf(text.equals(ARRAY) ? "  {\"id\": 2" : "{\n  \"id\": 2");
      String with =
          text.substring(0, at)
              + margin
              + bad
              + (text.equals(ARRAY) ? ",\n" : "\n")
              + text.substring(at);
      RawInput input = json(with);
      assertThat(world.engine().infer(List.of(input))).hasSize(2);
      TableName table = world.table(SCHEMA, 2);
      LoadResult result = load(table, SCHEMA, input);
      conserves(result);
      assertThat(world.rows(table)).as(with).containsExactly(ROWS);
      assertThat(world.rejects(table))
          .singleElement()
          .satisfies(
              reject -> {
                String bytes = new String(reject.bytes(), UTF_8);
                assertThat(bytes).isEqualTo(bad);
                assertThat(with.substring((int) reject.offset())).startsWith(bytes);
                assertThat(with.substring(0, (int) reject.offset()).lines().count())
                    .isEqualTo(margin.isEmpty() ? reject.line() - 1 : reject.line());
              });
    }
  }

  @Test
  void whereRecordsBeginIsNotLostInAnyCut() {
    String text =
        "[" + "{\"id\":1,\n\"text\":\"é\"},\n".repeat(40) + "{\"id\":1,\n\"text\":\"é\"}]";
    byte[] bytes = text.getBytes(UTF_8);
    List<RawInput> inputs = new ArrayList<>();
    for (int length = 3; length < bytes.length; length += 61) {
      inputs.add(world.readable("cut.json", Arrays.copyOf(bytes, length)));
    }
    TableName table = world.table(SCHEMA, 2);
    LoadResult result = load(table, SCHEMA, inputs.toArray(RawInput[]::new));
    conserves(result);
    long whole = 0;
    for (RawInput input : inputs) {
      String cut = new String(bytes, 0, (int) input.file().bytes(), UTF_8);
      whole += cut.chars().filter(c -> c == '}').count();
      assertThat(world.rejects(table, input)).hasSizeLessThanOrEqualTo(1);
    }
    assertThat(result.stored()).isEqualTo(whole);
  }

  @Test
  void linesThatHoldOneObjectEachAreLines() {
    assertThat(json("{\"id\":1,\n{\"id\":2}\n").format()).isInstanceOf(RawFormat.JsonLines.class);
    assertThat(json("{\"id\":1}\n{\"id\":2}\n").format()).isInstanceOf(RawFormat.JsonLines.class);
    assertThat(load(world.table(SCHEMA, 2), SCHEMA, json("[]\n")).read()).isZero();
  }

  private RawInput json(String text) {
    return world.readable("x.json", text.getBytes(UTF_8));
  }
}
