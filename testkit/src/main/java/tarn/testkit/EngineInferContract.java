package tarn.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.engine.Classified;
import tarn.core.engine.Column;
import tarn.core.engine.RawInput;

/**
 * What every engine keeps when it finds columns: they are the good records', whatever is beside.
 */
public abstract class EngineInferContract extends EngineFixture {
  private static final String GOOD_JSON =
      "{\"id\":1,\"at\":\"2026-01-01 00:00:00\",\"tags\":[1]}\n{\"id\":2,\"price\":2.5}\n";
  private static final String JSON_COLUMNS =
      "[id long, at timestamp, tags list<long>, price double]";

  @Test
  void columnsAreThoseOfGoodJson() {
    assertThat(inferred(json("a", GOOD_JSON))).hasToString(JSON_COLUMNS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "[1,2]",
        "5",
        "\"text\"",
        "null",
        "{\"id\": 5, \"at\": \"2026",
        "{\"a\":1,b}",
        "{\"a\":1}}",
        "{\"a\":1} {\"b\":2}",
        "{\"a\":\"\u0000\"}",
        "{\"json\":"
      })
  void aBadLineMakesNoColumnAndCostsNone(String bad) {
    assertThat(inferred(json("a", GOOD_JSON + bad + "\n"))).hasToString(JSON_COLUMNS);
    assertThat(inferred(json("b", GOOD_JSON), json("c", "{\"battery\":1}\n" + bad)))
        .hasToString(JSON_COLUMNS.replace("]", "") + ", battery long]");
    assertThat(inferred(json("d", "{\"battery\":1}\n"), json("e", "{\"id\":\n{\"no\n" + bad)))
        .hasToString("[battery long]");
  }

  @Test
  void aKeyOfAnyNameIsAColumn() {
    assertThat(inferred(json("a", "{\"json\":{\"a\":1}}\n{\"json\":5}\n")))
        .hasToString("[json string]");
  }

  @Test
  void noKeyIsPassedOverHoweverLateItComesOrHoweverManyThereAre() {
    String late = "{\"id\":1}\n".repeat(210_000) + "{\"n\":{\"late\":1}}\n";
    assertThat(inferred(json("late", late)))
        .hasToString("[id long, n struct<1: late: optional long>]");
    StringBuilder many = new StringBuilder("{\"id\":0");
    for (int i = 0; i < 1_000; i++) {
      many.append(",\"k").append(i).append("\":").append(i);
    }
    assertThat(inferred(json("many", many + "}\n"))).hasSize(1_001).contains("k999 long");
  }

  /**
   * An array is read whole; of lines, those that look like others before them may be passed over.
   */
  @Test
  void oneValueAmongManyDecidesInLinesAsInAnArray() {
    List<String> common =
        List.of(
            "\"2026-01-15\"",
            "\"2026-01-15T10:20:30Z\"",
            "\"2026-01-15 10:20:30.123\"",
            "\"10:20:30\"",
            "\"01-02-2026\"",
            "\"12-31-26\"",
            "5",
            "-5",
            "2.5",
            "true",
            "null",
            "\"991800af-6f68-43bb-9442-db9111cab531\"",
            "\"text\"",
            "\"2026-01-15 10:20:30 UTC\"",
            "\"2026-01-15 (BC)\"",
            "\" epoch\"",
            "\"e\\u0070och\"",
            "\"99-18-00-af-6f-68-43-bb-94-42-db-91-11-ca-b5-31\"",
            "\" 02-29-2024\"",
            "1e5",
            "{\"a\":1}",
            "[1]",
            "[]",
            "{}");
    List<String> rare =
        List.of(
            "\"2026-02-30\"",
            "\"2024-02-29\"",
            "\"2026-13-01\"",
            "\"0000-01-01\"",
            "\"2026-01-00\"",
            "\"2026-01-15T24:20:30Z\"",
            "\"2026-01-15T10:60:30Z\"",
            "\"2026-01-15 10:20:30\"",
            "\"24:20:30\"",
            "\"13-02-2026\"",
            "\"31-12-26\"",
            "\"2026\\u002d01-15\"",
            "\"infinity\"",
            "\"epoch\"",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551616",
            "-0",
            "1e3",
            "1e400",
            "2.0",
            "\"word\"",
            "\" 02-29-2023\"",
            "\"a\\u00e9\"",
            "false",
            "null",
            "\"\"",
            "\"991800af6f6843bb9442db9111cab531\"",
            "\"991800af-6f68-43bb-9442-db9111cab53g\"",
            "{\"b\":\"x\"}",
            "{\"a\":\"x\"}",
            "[\"x\"]",
            "[[1]]",
            "[{\"c\":null}]");
    StringBuilder usual = new StringBuilder("{\"n\":0");
    List<String> odd = new ArrayList<>();
    for (int c = 0; c < common.size(); c++) {
      for (int r = 0; r < rare.size(); r++) {
        String name = "\"c" + c + "_r" + r + "x\":";
        usual.append(',').append(name).append(common.get(c));
        odd.add("{" + name + rare.get(r) + "}");
      }
    }
    List<String> rows = new ArrayList<>(Collections.nCopies(20, usual + "}"));
    rows.addAll(odd);
    rows.add(usual + ",\"late\":7}");
    List<String> ofLines = inferred(json("lines", String.join("\n", rows) + "\n"));
    List<String> ofArray = inferred(json("array", "[" + String.join(",\n", rows) + "]"));
    assertThat(ofLines).hasSize(common.size() * rare.size() + 2);
    for (int i = 0; i < ofLines.size(); i++) {
      assertThat(ofLines.get(i)).isEqualTo(ofArray.get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{broken\n"})
  void keysThatDifferByCaseAreOneColumnWithItsSpellings(String bad) {
    RawInput[] inputs = {
      json("a", "{\"id\":1,\"at\":\"2026-01-01 00:00:00\"}\n" + bad),
      json("b", "{\"ID\":2.5,\"id_1\":true,\"AT\":\"2026-01-02 00:00:00\"}\n"),
      json("c", "{\"x_2\":1}\n{\"X_2\":2}\n")
    };
    List<Column> columns = world.engine().infer(Arrays.asList(inputs));
    assertThat(columns)
        .extracting(c -> c.name() + " " + c.type() + " " + c.spellings())
        .containsExactlyInAnyOrder(
            "id double [ID]", "at timestamp [AT]", "id_1 boolean []", "x_2 long [X_2]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{broken\n"})
  void nestedKeysThatDifferByCaseAreKeptAsText(String bad) {
    String rows =
        "{\"n\":{\"a\":1,\"m\":[{\"x\":1}]},\"at\":\"2026-01-01\"}\n{\"n\":{\"m\":[{\"X\":2}]}}\n";
    assertThat(inferred(json("a", rows + bad)))
        .hasToString("[n struct<1: a: optional long, 3: m: optional list<string>>, at date]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7,8\n", "9,z,4,extra,more\n", "\"open,1,2\n", "4,\"x\"y,5\n", "\n5\n"})
  void aBadRowMakesNoColumnAndCostsNone(String bad) {
    String good = "id,name,price\n1,x,2.5\n2,y,3\n";
    assertThat(inferred(csv("a", good + bad))).hasToString("[id long, name string, price double]");
    assertThat(inferred(csv("b", good + bad + "3,,\n".repeat(100))))
        .hasToString("[id long, name string, price double]");
    assertThat(inferred(csv("c", good), csv("d", "id,name,price\n" + bad)))
        .hasToString("[id long, name string, price double]");
  }

  @Test
  void columnsAreTheHeadersEvenIfMostRowsAreWider() {
    String rows = "1,x,2.5\n" + "2,y,3,7,8\n".repeat(50);
    assertThat(inferred(csv("a", "id,name,price\n" + rows)))
        .hasToString("[id long, name string, price double]");
  }

  @Test
  void columnsWithoutAValueAreTexts() {
    assertThat(inferred(csv("a", "id,name\n"))).hasToString("[id string, name string]");
    assertThat(inferred(csv("b", "id,name\n1,2,3\n"))).hasToString("[id string, name string]");
    assertThat(inferred(csv("c", "id,name\n1,\n"))).hasToString("[id long, name string]");
    assertThat(inferred(json("d", "{broken\n"))).isEmpty();
  }

  @Test
  void valuesAreReadAsTheyWouldBeWithoutABadRowBesideThem() {
    String good =
        "a;\"b \"\"x\"\"\";c\n\"1\";\"2026-01-01\";\"two\nlines; \"\"quoted\"\"\"\n2;2026-01-02;x\n";
    List<String> alone = inferred(csv("a", good));
    assertThat(alone).hasToString("[a long, b \"x\" date, c string]");
    assertThat(inferred(csv("b", good + "1;2\n"))).isEqualTo(alone);
  }

  @Test
  void aLongValueIsText() {
    String rows = "1," + "9".repeat(3 << 20) + "\n2,5\nbroken\n";
    assertThat(inferred(csv("a", "id,n\n" + rows))).hasToString("[id long, n string]");
  }

  /** Values of a kind among others of their like that are not. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "email, ann.lee+x@mail.example.org, 0",
        "email, ann@localhost, 12",
        "phone, +49 (0)30 1234-567, 0",
        "phone, 555-123-4567, 0",
        "card_number, 4111 1111 1111 1111, 0",
        "card_number, 378282246310005, 0",
        "card_number, 4111111111111112, 12",
        "ip_address, 192.168.0.255, 0",
        "ip_address, 2001:db8::ff00:42:8329, 0",
        "ip_address, 192.168.0.256, 12",
        "none, 2025-01-31 10:00:00, 0",
        "none, 10:20:30, 0",
        "none, 01/02/2025, 0",
        "none, 1234567, 0"
      })
  void valuesAreClassifiedByTheirLooks(String kind, String value, int others) {
    String rows = ("{\"a\":\"" + value + "\",\"b\":5}\n").repeat(12);
    RawInput input = json("a", rows);
    List<Column> columns = List.of(new Column("a", Types.StringType.get()));
    boolean none = kind.equals("none") || others > 0;
    assertThat(world.engine().classify(List.of(input), columns))
        .containsExactly(new Classified("a", none ? "" : kind, none ? 0 : 12, 12));
  }

  /** Else a single event of some hundred kilobytes would hold up an engine for hours. */
  @Test
  @Timeout(30)
  void aLongTextIsOfNoKindAndSoonSeenThrough() {
    RawInput input =
        json("a", "{\"a\":\"" + "4".repeat(1 << 20) + "\"}\n{\"a\":\"ann@example.org\"}\n");
    assertThat(
            world
                .engine()
                .classify(List.of(input), List.of(new Column("a", Types.StringType.get()))))
        .containsExactly(new Classified("a", "email", 1, 2));
  }

  private RawInput json(String name, String text) {
    return world.readable(name + ".json", text.getBytes(UTF_8));
  }

  private RawInput csv(String name, String text) {
    return world.readable(name + ".csv", text.getBytes(UTF_8));
  }

  private List<String> inferred(RawInput... inputs) {
    return world.engine().infer(Arrays.asList(inputs)).stream()
        .map(c -> c.name() + " " + c.type())
        .toList();
  }
}
