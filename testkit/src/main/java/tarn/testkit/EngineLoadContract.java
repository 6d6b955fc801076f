package tarn.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.catalog.RawInputs;
import tarn.core.engine.Column;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawInput;
import tarn.core.engine.WriteMode;
import tarn.core.table.TableName;

/**
 * What every engine keeps when it loads raw files: good records arrive, bad ones are accounted for.
 */
public abstract class EngineLoadContract extends EngineFixture {
  private static final ObjectMapper JSON = new ObjectMapper();
  protected static final Schema ITEMS =
      new Schema(
          Types.NestedField.optional(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()),
          Types.NestedField.optional(3, "price", Types.DecimalType.of(12, 2)),
          Types.NestedField.optional(4, "at", Types.TimestampType.withoutZone()));

  /** The nested values that fit no column. */
  private static final String BAD_NESTED = ".*(s\":5|s\":\\[|seven|l\":\\{|,5\\]|c\":\"x).*";

  @Test
  void everyBadCsvRecordIsFoundWhereItIs() {
    DirtyFile file =
        new DirtyFile()
            .good("\ufeffid,name,price,at\r\n1,\"a,\r\n\"\"b\"\"\",1.50,2025-01-01 10:00:00\r\n")
            .bad("x,n,1,", "\r\n", "not a long", "id", "x")
            .good("2,,,\r\n")
            .bad("3,n,1", "\r\n", "3 fields where the header has 4", "", "")
            .bad("4,n,1,,5", "\r\n", "5 fields where the header has 4", "", "")
            .bad("1.5,\"two\nlines\",1,", "\n", "not a long", "id", "1.5")
            .good("1e3,exact,1e1,\n")
            .bad("5,n,12.345,", "\n", "not a decimal(12, 2)", "price", "12.345")
            .bad("9223372036854775808,n,1,", "\n", "not a long", "id", "9223372036854775808")
            .bad(
                "6,n,1,2025-01-01T10:00:00+02:00",
                "\n",
                "not a timestamp",
                "at",
                "2025-01-01T10:00:00+02:00")
            .good("\n\n")
            .bad(bytes("7,\\xff\\xfe,1,"), "\n", "UTF-8", "", "")
            .good("8,a\0b,1.00,\n")
            .bad("11,a\rb,1,", "\n", "a carriage return", "", "")
            .bad("12,\"x\"y,1,", "\n", "text after a closing quote", "", "")
            .bad("13,\"x\"é,1,", "\n", "text after a closing quote", "", "")
            .bad("9,\"open,1,", "\n", "a quote is not closed", "", "")
            .good("10,last,1.00,\r");
    check(
        file,
        "dirty.csv",
        List.of(
            "[1,\"a,\\r\\n\\\"b\\\"\",1.50,\"2025-01-01T10:00:00\"]",
            "[10,\"last\",1.00,null]",
            "[8,\"a\\u0000b\",1.00,null]",
            "[1000,\"exact\",10.00,null]",
            "[2,null,null,null]"));
  }

  @Test
  void everyBadJsonRecordIsFoundWhereItIs() {
    DirtyFile file =
        new DirtyFile()
            .good(
                "\ufeff{\"id\":1,\"name\":\"a\\n\\u00e9\",\"price\":1.5,\"at\":\"2025-01-01T10:00:00\"}\n\n  \r\n")
            .bad("{\"id\":2,\"name\":\"cut", "\r\n", "cut short", "", "")
            .bad(
                "{\"id\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
                "\n",
                "nested deeper",
                "",
                "")
            .bad("[1,2]", "\n", "not a JSON object", "", "")
            .bad("{\"id\":1.5}", "\n", "not a long", "id", "1.5")
            .good("{\"id\":1e3,\"price\":7}\n")
            .bad("{\"id\":9223372036854775808}", "\n", "not a long", "id", "9223372036854775808")
            .bad("{\"id\":1e400}", "\n", "", null, null)
            .bad("{\"id\":3,\"price\":12.345}", "\n", "not a decimal(12, 2)", "price", "12.345")
            .bad(
                "{\"id\":4,\"at\":\"2025-01-01T10:00:00+02:00\"}",
                "\n",
                "not a timestamp",
                "at",
                "2025-01-01T10:00:00+02:00")
            .bad("{\"id\":\"x\"}", "\n", "not a long", "id", "x")
            .bad("{\"id\":NaN}", "\n", "", null, null)
            .bad(bytes("{\"name\":\"\\xff\"}"), "\n", "UTF-8", "", "")
            .good("{\"id\":5,\"other\":{\"a\":[1,2]}}");
    check(
        file,
        "dirty.json",
        List.of(
            "[1,\"a\\né\",1.50,\"2025-01-01T10:00:00\"]",
            "[1000,null,7.00,null]",
            "[5,null,null,null]"));
  }

  /** Loads a file that may hold bad records; the bad ones must be in quarantine, as they were. */
  private void check(DirtyFile file, String name, List<String> rows) {
    TableName table = world.table(ITEMS, 2);
    LoadResult result = load(table, ITEMS, world.readable(name, file.bytes()));
    assertThat(world.rows(table)).isEqualTo(rows.stream().sorted().toList());
    List<EngineWorld.Reject> rejects = world.rejects(table);
    assertThat(rejects.stream().map(r -> new String(r.bytes(), UTF_8)))
        .isEqualTo(file.bad().stream().map(b -> new String(b.bytes(), UTF_8)).toList());
    for (int i = 0; i < rejects.size(); i++) {
      EngineWorld.Reject found = rejects.get(i);
      DirtyFile.Bad expected = file.bad().get(i);
      assertThat(found.bytes()).isEqualTo(expected.bytes());
      assertThat(List.of(found.line(), found.offset(), found.length()))
          .as(new String(expected.bytes(), UTF_8))
          .isEqualTo(List.of(expected.line(), expected.offset(), (long) expected.bytes().length));
      assertThat(found.reason()).contains(expected.reason());
      String column = expected.column();
      String value = expected.value();
      if (column != null && value != null) {
        assertThat(found.column()).isIn(column, column.isEmpty() ? "null" : column);
        assertThat(found.value()).isIn(value, value.isEmpty() ? "null" : value);
      }
    }
    conserves(result);
    assertThat(result.read()).isEqualTo(rows.size() + file.bad().size());
  }

  /** A record is read as itself, whatever the others are and whatever stands in it. */
  @Test
  void oddTextsOfGoodRecordsAreKeptBesideABadOne() {
    List<String> texts =
        List.of(
            "\u0001", "\u0002n", "\u0002", "a\nb", "\n", "a\r\nb", "\"", "a,b", "\u001f;", "\\n",
            "'", "\ufeff");
    StringBuilder csv = new StringBuilder("id,name\n");
    for (int i = 0; i < texts.size(); i++) {
      csv.append(i).append(",\"").append(texts.get(i).replace("\"", "\"\"")).append("\"\n");
    }
    csv.append("100,5\" pipe\n101, \"Smith, J.\" ,,\nbad,\n");
    TableName table = world.table(ITEMS, 2);
    LoadResult result = load(table, ITEMS, world.readable("a.csv", bytes(csv.toString())));
    assertThat(result.rejected()).isEqualTo(1);
    List<String> expected = new ArrayList<>(texts);
    expected.addAll(List.of("5\" pipe", "Smith, J."));
    assertThat(world.query("SELECT name FROM t ORDER BY id", table))
        .extracting(row -> row.path(0).asText())
        .isEqualTo(expected);
    conserves(result);
  }

  /** Dirty files are taken together; each record keeps its own file, place and folder. */
  @Test
  void rejectsOfManyFilesKeepTheirPlaces() {
    Schema days =
        new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "day", Types.StringType.get()));
    TableName table = world.table(days, 2);
    List<RawInput> inputs = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String text = "id\n" + i + "\n".repeat(i + 1) + "x" + i + "\n" + (100 + i) + "\n";
      RawInput input =
          world.readable(
              "d" + i + ".csv", compressed(text, i % 3 == 0 ? "gz" : i % 3 == 1 ? "zst" : "none"));
      inputs.add(
          new RawInput(
              input.ledgerSeq(),
              input.file(),
              input.format(),
              input.compression(),
              Map.of("day", i == 5 ? "" : "it's\nday " + i)));
    }
    LoadResult result = world.load(table, EngineWorld.Plan.append(days), inputs);
    assertThat(result.stored()).isEqualTo(24);
    assertThat(
            world
                .query(
                    "SELECT id % 100, day FROM t WHERE id % 100 >= 4 AND id % 100 < 7 ORDER BY id",
                    table)
                .stream()
                .map(Object::toString))
        .containsExactly(
            "[4,\"it's\\nday 4\"]",
            "[5,\"\"]",
            "[6,\"it's\\nday 6\"]",
            "[4,\"it's\\nday 4\"]",
            "[5,\"\"]",
            "[6,\"it's\\nday 6\"]");
    for (int i = 0; i < 12; i++) {
      String file = inputs.get(i).file().key().path();
      int line = i + 3;
      String value = "x" + i;
      assertThat(world.rejects(table, inputs.get(i)))
          .as(file)
          .singleElement()
          .satisfies(
              r -> {
                assertThat(r.line()).isEqualTo(line);
                assertThat(r.value()).isEqualTo(value);
                assertThat(new String(r.bytes(), UTF_8)).isEqualTo(value);
              });
    }
    conserves(result);
  }

  /** Up to 16 MiB a record is like any other, beside a bad one too. */
  @ParameterizedTest
  @ValueSource(strings = {"csv", "json"})
  void aLongRecordIsARowBesideABadOne(String format) {
    String text = "x".repeat(10 << 20);
    String file =
        format.equals("csv")
            ? "id,name\n1," + text + "\n2,b\nbad\n"
            : "{\"id\":1,\"name\":\"" + text + "\"}\n{\"id\":2}\n{bad\n";
    TableName table = world.table(ITEMS, 2);
    LoadResult result = load(table, ITEMS, world.readable("a", bytes(file)));
    assertThat(world.query("SELECT id, length(name) FROM t ORDER BY id", table).get(0))
        .hasToString("[1," + (10 << 20) + "]");
    assertThat(result.stored()).isEqualTo(2);
    assertThat(result.rejected()).isEqualTo(1);
  }

  /** Longer records than fit a row of the quarantine have a place there, and the reason says so. */
  @Test
  void aHugeRecordCostsOnlyItself() {
    String huge = "x".repeat(17 << 20);
    String large = "y".repeat(2 << 20);
    TableName table = world.table(ITEMS, 2);
    LoadResult result =
        load(
            table,
            ITEMS,
            world.readable("a.csv", bytes("id,name\n1,a\n" + huge + "\n" + large + "\n2,b\n")),
            world.readable(
                "b.json", bytes("{\"id\":3}\n{" + huge + "\n{" + large + "\n{\"id\":4}\n")));
    assertThat(world.query("SELECT id FROM t ORDER BY id", table)).hasSize(4);
    assertThat(world.rejects(table))
        .extracting(EngineWorld.Reject::reason)
        .containsExactly(
            "longer than 16 MiB (longer than 1 MiB: its bytes are in the raw file)",
            "1 fields where the header has 2 (longer than 1 MiB: its bytes are in the raw file)",
            "longer than 16 MiB (longer than 1 MiB: its bytes are in the raw file)",
            "cut short: a text, object or array is not closed (longer than 1 MiB: its bytes are in the raw file)");
    assertThat(world.rejects(table)).allSatisfy(r -> assertThat(r.bytes()).isEmpty());
    assertThat(world.rejects(table).get(0).length()).isEqualTo(17 << 20);
    conserves(result);
  }

  @Test
  void columnsAreFoundByTheirNamesInEachFile() {
    TableName table = world.table(ITEMS, 2);
    load(
        table,
        ITEMS,
        world.readable("a.csv", bytes("id,name\n1,a\n")),
        world.readable("b.csv", bytes("Name;ID;more\nb;2;x\n")),
        world.readable("c.csv", bytes("id,name,price,at\n")));
    assertThat(world.rows(table)).containsExactly("[1,\"a\",null,null]", "[2,\"b\",null,null]");
  }

  /** What json does with a repeated key is settled once: strict and slow readings agree. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":1,\"id\":2}",
        "{\"ID\":1}",
        "{\"id\":null,\"name\":\"null\"}",
        "{\"id\":true}",
        "{\"name\":{\"a\": [1, null]}}",
        "{\"name\":12.50}",
        "{\"price\":\"1.5\"}",
        "{\"price\":\" 7 \"}",
        "{\"id\":\"\"}",
        "{\"name\":\"\\u0000\"}",
        "{\"name\":\"\\ud83d\\ude00 \\ud83d\"}",
        "{\"at\":\"2025-01-01\"}",
        "{\"at\":\"2025-01-01T10:00:00Z\"}",
        "{\"at\":1735689600}",
        "{\"price\":-0}"
      })
  void strictAndSlowReadingsOfOddRecordsAgree(String record) {
    String plain = "{\"id\":9}\n" + record + "\n";
    TableName alone = world.table(ITEMS, 2);
    LoadResult strict = load(alone, ITEMS, world.readable("a.json", bytes(plain)));
    TableName together = world.table(ITEMS, 2);
    LoadResult slow = load(together, ITEMS, world.readable("b.json", bytes(plain + "{broken\n")));
    assertThat(world.rows(together)).isEqualTo(world.rows(alone));
    assertThat(slow.rejected()).isEqualTo(strict.rejected() + 1);
    conserves(strict);
    conserves(slow);
  }

  /** A struct may lack fields, have others and hold nulls, also beside a broken record. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"s\":{\"a\":\"x\"}}",
        "{\"s\":{\"b\":7,\"more\":{\"q\":1}}}",
        "{\"s\":{\"a\":null,\"b\":\"7\",\"l\":[{\"c\":1},{\"d\":2},null]}}",
        "{\"s\":{\"a\":{\"k\":1},\"l\":[]}}",
        "{\"s\":{\"a\":[1],\"b\":1.5}}",
        "{\"s\":{}}",
        "{\"s\":null}",
        "{\"s\":5}",
        "{\"s\":[1]}",
        "{\"s\":{\"b\":\"seven\"}}",
        "{\"s\":{\"l\":{\"c\":1}}}",
        "{\"s\":{\"l\":[{\"c\":1},5]}}",
        "{\"s\":{\"l\":[{\"c\":\"x\"}]}}"
      })
  void strictAndSlowReadingsOfNestedValuesAgree(String record) {
    Types.StructType item =
        Types.StructType.of(Types.NestedField.optional(6, "c", Types.LongType.get()));
    Schema nested =
        new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(
                2,
                "s",
                Types.StructType.of(
                    Types.NestedField.optional(3, "a", Types.StringType.get()),
                    Types.NestedField.optional(4, "b", Types.LongType.get()),
                    Types.NestedField.optional(5, "l", Types.ListType.ofOptional(7, item)))));
    String rows = "{\"id\":9}\n" + record + "\n";
    TableName alone = world.table(nested, 2);
    LoadResult strict = load(alone, nested, world.readable("a.json", bytes(rows)));
    TableName together = world.table(nested, 2);
    LoadResult slow = load(together, nested, world.readable("b.json", bytes(rows + "{broken\n")));
    assertThat(world.rows(together)).isEqualTo(world.rows(alone));
    assertThat(slow.rejected()).isEqualTo(strict.rejected() + 1);
    assertThat(strict.rejected()).isEqualTo(record.matches(BAD_NESTED) ? 1 : 0);
    conserves(slow);
  }

  /** Whatever is written in whichever case, alone and beside a broken record. */
  @ParameterizedTest
  @ValueSource(strings = {"lines", "documents", "array"})
  void aValueIsTakenUnderWhicheverSpellingOfItsColumn(String layout) {
    List<String> records =
        List.of(
            "{\"id\":1,\"name\":\"a\",\"price\":1.5}",
            "{\"ID\":2,\"Name\":\"B\",\"price\":2}",
            "{\"id\":null,\"Id\":3,\"NAME\":{\"k\":[1]}}",
            "{\"id\":4,\"ID\":4}",
            "{\"at\":\"2025-01-01T10:00:00\"}",
            "{\"ID\":\"x\"}",
            "{\"id\":5,\"ID\":6,\"name\":\"both\"}");
    List<String> expected =
        List.of(
            "[1,\"a\",1.50,null]",
            "[2,\"B\",2.00,null]",
            "[3,\"{\\\"k\\\":[1]}\",null,null]",
            "[4,null,null,null]",
            "[null,null,null,\"2025-01-01T10:00:00\"]");
    TableName clean = world.table(ITEMS, 2);
    LoadResult strict = loadSpelt(clean, laidOut(records.subList(0, 5), layout));
    assertThat(strict.slowFiles()).isZero();
    assertThat(world.rows(clean)).isEqualTo(expected);
    TableName dirty = world.table(ITEMS, 2);
    LoadResult slow = loadSpelt(dirty, laidOut(records, layout));
    assertThat(world.rows(dirty)).isEqualTo(expected);
    assertThat(world.rejects(dirty))
        .extracting(r -> r.reason() + " " + new String(r.bytes(), UTF_8).replace("\n", ""))
        .containsExactly(
            "not a long " + records.get(5),
            "it has different values for id and ID and Id " + records.get(6));
    conserves(slow);
  }

  private LoadResult loadSpelt(TableName table, String text) {
    List<List<String>> spellings =
        List.of(List.of("ID", "Id"), List.of("Name", "NAME"), List.of(), List.of());
    List<Column> columns = new ArrayList<>();
    ITEMS
        .columns()
        .forEach(c -> columns.add(new Column(c.name(), c.type(), spellings.get(columns.size()))));
    EngineWorld.Plan plan =
        new EngineWorld.Plan(columns, List.of(), List.of(), List.of(), new WriteMode.Append());
    return world.load(table, plan, List.of(world.readable("f.json", bytes(text))));
  }

  private static String laidOut(List<String> records, String layout) {
    return switch (layout) {
      case "array" -> "[" + String.join(",\n", records) + "]";
      case "documents" -> String.join("\n", records).replace("{\"", "{\n\"");
      default -> String.join("\n", records) + "\n";
    };
  }

  @Test
  void objectsWithoutAKeyAreKeptBesideABadRecord() {
    Schema schema =
        new Schema(
            Types.NestedField.optional(
                1,
                "o",
                Types.StructType.of(
                    Types.NestedField.optional(2, "a", Types.LongType.get()),
                    Types.NestedField.optional(
                        3,
                        "l",
                        Types.ListType.ofOptional(
                            4,
                            Types.StructType.of(
                                Types.NestedField.optional(5, "b", Types.StringType.get()),
                                Types.NestedField.optional(6, "c", Types.DateType.get())))))));
    String good =
        "{\"o\":{\"a\":1}}\n{\"o\":{\"l\":[{\"b\":\"x\"},null,{\"c\":\"2026-01-02\"}]}}\n{\"o\":null}\n{\"o\":{}}\n";
    TableName alone = world.table(schema, 2);
    load(alone, schema, world.readable("a.json", bytes(good)));
    TableName together = world.table(schema, 2);
    String bad =
        "{\"o\":5}\n{\"o\":{\"a\":\"x\"}}\n{\"o\":{\"l\":[{\"c\":\"never\"}]}}\n{\"o\":{\"l\":{}}}\n";
    LoadResult slow = load(together, schema, world.readable("b.json", bytes(good + bad)));
    assertThat(world.rows(together)).isEqualTo(world.rows(alone)).hasSize(4);
    assertThat(slow.rejected()).isEqualTo(4);
    conserves(slow);
  }

  @Test
  void aRecordOfTenThousandKeysIsOneRow() {
    String keys =
        java.util.stream.IntStream.range(0, 10_000)
            .mapToObj(i -> "\"k" + i + "\":" + i)
            .collect(Collectors.joining(","));
    TableName table = world.table(ITEMS, 2);
    load(table, ITEMS, world.readable("wide.json", bytes("{\"id\":1," + keys + "}\n{\"id\":2}\n")));
    assertThat(world.rows(table)).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "a.csv,gz",
    "a.txt,gz",
    "a.csv.gz,none",
    "a.json,zst",
    "a.zst,gz",
    "a,zst",
    "a.gz,members",
    "a.zst,frames"
  })
  void compressionIsWhatTheBytesSay(String name, String compression) {
    List<String> lines =
        java.util.stream.IntStream.range(0, 400).mapToObj(i -> i + ",n" + i + ",1.00,").toList();
    String text = "id,name,price,at\n" + String.join("\n", lines) + "\n";
    TableName table = world.table(ITEMS, 2);
    LoadResult clean = load(table, ITEMS, world.readable(name, compressed(text, compression)));
    assertThat(clean.stored()).isEqualTo(400);
    assertThat(clean.slowFiles()).isZero();
    TableName slowly = world.table(ITEMS, 2);
    LoadResult slow =
        load(slowly, ITEMS, world.readable(name, compressed(text + "bad\n", compression)));
    assertThat(slow.rejected()).isEqualTo(1);
    assertThat(world.rows(slowly)).isEqualTo(world.rows(table));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "zst"})
  void aDamagedTailCostsWhatIsBehindItAndIsNoted(String compression) {
    Random random = new Random(1);
    String text =
        "id,name,price,at\n"
            + java.util.stream.IntStream.range(0, 20_000)
                .mapToObj(i -> i + "," + Long.toHexString(random.nextLong()) + ",1.00,\n")
                .collect(Collectors.joining());
    byte[] whole = compressed(text, compression);
    TableName table = world.table(ITEMS, 2);
    LoadResult result =
        load(table, ITEMS, world.readable("cut.csv", Arrays.copyOf(whole, whole.length * 2 / 3)));
    assertThat(result.stored()).isPositive();
    assertThat(result.rejected()).isPositive();
    assertThat(world.rejects(table))
        .last()
        .satisfies(r -> assertThat(r.reason()).contains("damaged"));
    assertThat(world.rows(table))
        .allSatisfy(r -> assertThat(r).containsPattern("^\\[\\d+,\"[0-9a-f]+\",1.00,null\\]$"));
    conserves(result);
  }

  @Test
  void filesWithoutRecordsAreNoFailure() {
    assertThat(world.land("empty.csv", new byte[0])).isInstanceOf(RawInputs.Found.Empty.class);
    assertThat(world.land("blank.json", bytes(" \n\n"))).isInstanceOf(RawInputs.Found.Empty.class);
    TableName table = world.table(ITEMS, 2);
    LoadResult result = load(table, ITEMS, world.readable("h.csv", bytes("id,name,price,at\n")));
    assertThat(result.read()).isZero();
    assertThat(world.rows(table)).isEmpty();
  }

  /** One broken record, compression, and cuts into files and jobs change nothing. */
  @ParameterizedTest
  @CsvSource({"1,csv", "2,json", "3,csv", "4,json", "5,csv"})
  void howRecordsArriveDoesNotMatter(long seed, String format) {
    Random random = new Random(seed);
    List<String> records = random.ints(60, 0, 1000).mapToObj(i -> record(random, format)).toList();
    List<List<byte[]>> ways = new ArrayList<>();
    ways.add(List.of(file(records, format, "none")));
    ways.add(List.of(file(with(records, random.nextInt(60), format), format, "none")));
    ways.add(List.of(file(records, format, "gz")));
    ways.add(List.of(file(with(records, random.nextInt(60), format), format, "zst")));
    ways.add(
        List.of(
            file(records.subList(0, 20), format, "gz"),
            file(with(records.subList(20, 45), 3, format), format, "none"),
            file(records.subList(45, 60), format, "none")));
    List<List<String>> tables = new ArrayList<>();
    for (List<byte[]> way : ways) {
      TableName table = world.table(ITEMS, 2);
      conserves(
          load(
              table,
              ITEMS,
              way.stream().map(b -> world.readable("f", b)).toArray(RawInput[]::new)));
      tables.add(world.rows(table));
    }
    TableName byJobs = world.table(ITEMS, 2);
    ways.get(4).forEach(b -> load(byJobs, ITEMS, world.readable("f", b)));
    tables.add(world.rows(byJobs));
    assertThat(tables).allSatisfy(rows -> assertThat(rows).isEqualTo(tables.get(0)));
  }

  private static List<String> with(List<String> records, int at, String format) {
    List<String> more = new ArrayList<>(records);
    more.add(at, format.equals("csv") ? "too,few" : "{\"id\":");
    return more;
  }

  private static String record(Random random, String format) {
    String[] names = {
      "plain",
      "a,b",
      "two\nlines",
      "say \"x\"",
      " spaced ",
      "",
      "😀\u2028é",
      "'; --",
      "\t",
      "NULL",
      "\\N",
      "a\\\"b"
    };
    String[] ids = {
      "1", "-7", "9223372036854775807", "", "1e3", "x", "2.0", "2.5", "007", " 5", "+3"
    };
    String[] prices = {
      "1", "1.50", "", "-0.01", "12.345", "9999999999.99", "10000000000", "1.500", "1e1", ".5"
    };
    String[] times = {
      "",
      "2025-01-01T10:00:00",
      "1969-12-31 23:59:59.999999",
      "2025-02-30 00:00:00",
      "2025-01-01",
      "2025-01-01T10:00:00+02:00"
    };
    List<String> fields =
        List.of(one(random, ids), one(random, names), one(random, prices), one(random, times));
    return format.equals("csv")
        ? fields.stream().map(f -> quoted(f, random)).collect(Collectors.joining(","))
        : json(fields);
  }

  private static String one(Random random, String[] values) {
    return values[random.nextInt(values.length)];
  }

  private static String quoted(String field, Random random) {
    boolean must = field.matches("(?s).*[\",\n\r].*");
    return must || random.nextInt(4) == 0 ? "\"" + field.replace("\"", "\"\"") + "\"" : field;
  }

  private static String json(List<String> fields) {
    ObjectNode node = JSON.createObjectNode();
    List<String> names = List.of("id", "name", "price", "at");
    for (int i = 0; i < names.size(); i++) {
      if (!fields.get(i).isEmpty()) {
        node.put(names.get(i), fields.get(i));
      }
    }
    return node.toString();
  }

  private static byte[] file(List<String> records, String format, String compression) {
    String header = format.equals("csv") ? "id,name,price,at\n" : "";
    return compressed(header + String.join("\n", records) + "\n", compression);
  }

  private static byte[] compressed(String text, String compression) {
    byte[] plain = bytes(text);
    int half = plain.length / 2;
    return switch (compression) {
      case "gz" -> gzip(plain);
      case "zst" -> Zstd.compress(plain);
      case "members" ->
          joined(
              gzip(Arrays.copyOf(plain, half)),
              gzip(Arrays.copyOfRange(plain, half, plain.length)));
      case "frames" ->
          joined(
              Zstd.compress(Arrays.copyOf(plain, half)),
              Zstd.compress(Arrays.copyOfRange(plain, half, plain.length)));
      default -> plain;
    };
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] joined(byte[] first, byte[] second) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(first);
    out.writeBytes(second);
    return out.toByteArray();
  }

  /** {@code \xff} in the text is that byte. */
  private static byte[] bytes(String text) {
    if (!text.contains("\\xf")) {
      return text.getBytes(UTF_8);
    }
    return text.replace("\\xff", "\u00ff")
        .replace("\\xfe", "\u00fe")
        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
