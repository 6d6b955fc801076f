package tarn.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawInput;
import tarn.core.table.TableName;
import tarn.testkit.EngineFixture;
import tarn.testkit.EngineWorld;

/** Parquet files as raw input: typed, by row numbers, and quarantined whole when damaged. */
class RawParquetTest extends EngineFixture {
  @TempDir Path scratch;

  @Override
  protected EngineWorld open(Path temp) {
    return DuckDbWorld.open(temp);
  }

  @Test
  void columnsOfAllFilesAreFoundWithTheirTypes() {
    RawInput first = parquet("SELECT 1 AS id, DATE '2026-01-02' AS day, {'a': 1} AS s");
    RawInput second = parquet("SELECT 5000000000 AS id, 'x' AS name, {'b': 'y'} AS s");
    assertThat(world.engine().infer(List.of(first, second)))
        .extracting(c -> c.name() + " " + c.type())
        .containsExactly(
            "id long",
            "day date",
            "s struct<1: a: optional int, 2: b: optional string>",
            "name string");
  }

  @Test
  void valuesComeThroughExactly() {
    Schema schema =
        schema(
            Types.LongType.get(),
            Types.DecimalType.of(18, 4),
            Types.DoubleType.get(),
            Types.BinaryType.get(),
            Types.TimestampType.withoutZone(),
            Types.ListType.ofOptional(20, Types.StringType.get()),
            Types.BooleanType.get());
    RawInput input =
        parquet(
            "SELECT 9007199254740993 c0, 12345678901234.5678::DECIMAL(18, 4) c1, 0.1::DOUBLE c2, '\\x00\\xFF'::BLOB c3,"
                + " TIMESTAMP '2026-01-02 03:04:05.678901' c4, ['a', NULL, 'b'] c5, true c6");
    TableName table = world.table(schema, 2);
    LoadResult result = load(table, schema, input);
    assertThat(result.strictFiles()).isEqualTo(1);
    assertThat(world.rows(table))
        .containsExactly(
            "[9007199254740993,12345678901234.5678,0.1,\"AP8=\",\"2026-01-02T03:04:05.678901\",[\"a\",null,\"b\"],true]");
  }

  @Test
  void aTimeThatIsFinerThanAMicrosecondIsPutAside() {
    Schema schema = schema(Types.TimestampType.withoutZone());
    RawInput input =
        parquet(
            "SELECT unnest([TIMESTAMP_NS '2026-01-02 03:04:05.678901', TIMESTAMP_NS '2026-01-02 03:04:05.678901234']) c0");
    TableName table = world.table(schema, 2);
    conserves(load(table, schema, input));
    assertThat(world.rows(table)).containsExactly("[\"2026-01-02T03:04:05.678901\"]");
    assertThat(world.rejects(table))
        .extracting(EngineWorld.Reject::value)
        .containsExactly("2026-01-02 03:04:05.678901234");
  }

  @Test
  void namesThatDifferByCaseBetweenFilesAreOneColumn() {
    Schema schema = schema(Types.LongType.get());
    TableName table = world.table(schema, 2);
    load(table, schema, parquet("SELECT 1::BIGINT AS c0"), parquet("SELECT 2::BIGINT AS \"C0\""));
    assertThat(world.rows(table)).containsExactly("[1]", "[2]");
  }

  @Test
  void aValueThatDoesNotFitRejectsItsRowAndNoOther() {
    Schema schema = schema(Types.LongType.get(), Types.StringType.get());
    RawInput input =
        parquet("SELECT * FROM (VALUES (1.0, 'a'), (2.5, 'b'), (3.0, 'c')) t(c0, c1) ORDER BY 2");
    TableName table = world.table(schema, 2);
    LoadResult result = load(table, schema, input);
    conserves(result);
    assertThat(world.rows(table)).containsExactly("[1,\"a\"]", "[3,\"c\"]");
    assertThat(world.rejects(table))
        .singleElement()
        .satisfies(
            reject -> {
              assertThat(reject.line()).isEqualTo(2);
              assertThat(reject.offset()).isEqualTo(-1);
              assertThat(reject.column()).isEqualTo("c0");
              assertThat(reject.value()).isEqualTo("2.5");
              assertThat(reject.bytes()).isEmpty();
            });
  }

  @Test
  void aDamagedFileIsQuarantinedWholeBesideAGoodOne() throws IOException {
    Schema schema = schema(Types.LongType.get(), Types.StringType.get());
    byte[] bytes = bytes("SELECT range c0, md5(range::VARCHAR) c1 FROM range(5000)");
    byte[] page = bytes.clone();
    Arrays.fill(page, 2_000, 6_000, (byte) 0x5a);
    RawInput cut = world.readable("cut.parquet", Arrays.copyOf(bytes, bytes.length - 20));
    RawInput changed = world.readable("changed.parquet", page);
    RawInput good = parquet("SELECT 7 c0, 'x' c1");
    TableName table = world.table(schema, 2);
    assertThat(world.engine().infer(List.of(cut, good)))
        .extracting(c -> c.name() + " " + c.type())
        .containsExactly("c0 int", "c1 string");
    LoadResult result = load(table, schema, cut, good, changed);
    conserves(result);
    assertThat(world.rows(table)).containsExactly("[7,\"x\"]");
    for (RawInput bad : List.of(cut, changed)) {
      assertThat(world.rejects(table, bad))
          .singleElement()
          .satisfies(
              r -> {
                assertThat(r.reason())
                    .startsWith("the file is damaged and nothing of it was taken");
                assertThat(r.line()).isEqualTo(-1);
              });
    }
  }

  @Test
  void aColumnThatAFileLacksIsNullAndOneOfAnotherTypeIsConverted() {
    Schema schema = schema(Types.LongType.get(), Types.StringType.get());
    TableName table = world.table(schema, 2);
    load(
        table,
        schema,
        parquet("SELECT 1 AS C0"),
        parquet("SELECT '2' AS c0, {'a': [1, 2]} AS c1"),
        parquet("SELECT 3.0 AS c0, DATE '2026-01-02' AS c1"));
    assertThat(world.rows(table))
        .containsExactly("[1,null]", "[2,\"{\\\"a\\\":[1,2]}\"]", "[3,\"2026-01-02\"]");
  }

  private RawInput parquet(String select) {
    try {
      return world.readable("x.parquet", bytes(select));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private byte[] bytes(String select) throws IOException {
    Path file = scratch.resolve("x.parquet");
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:")) {
      duck.createStatement().execute("COPY (" + select + ") TO '" + file + "'");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    return Files.readAllBytes(file);
  }

  private static Schema schema(Type... types) {
    Types.NestedField[] fields = new Types.NestedField[types.length];
    for (int i = 0; i < types.length; i++) {
      fields[i] = Types.NestedField.optional(i + 1, "c" + i, types[i]);
    }
    return new Schema(fields);
  }
}
