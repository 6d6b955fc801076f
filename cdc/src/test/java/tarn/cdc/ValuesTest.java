package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TimeZone;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.change.SourceTable.SourceColumn;

/** Cases 1 to 26: types. */
class ValuesTest {
  private static final List<String> DEFINITIONS =
      List.of(
          "CREATE DOMAIN money2 AS numeric(12,2)",
          "CREATE DOMAIN price AS money2 CHECK (VALUE IS NOT NULL OR true)",
          "CREATE DOMAIN short AS varchar(3)",
          "CREATE TYPE mood AS ENUM ('sad', 'so, \"so\"')",
          "CREATE TYPE pair AS (a int, b text)");

  private record Sample(String type, org.apache.iceberg.types.Type lake, List<String> values) {}

  private static Sample of(String type, org.apache.iceberg.types.Type lake, String... values) {
    return new Sample(type, lake, List.of(values));
  }

  private static final Types.StringType TEXT = Types.StringType.get();

  private static final List<Sample> SAMPLES =
      List.of(
          of("bool", Types.BooleanType.get(), "'t'", "'f'"),
          of("int2", Types.IntegerType.get(), "-32768", "32767"),
          of("int4", Types.IntegerType.get(), "-2147483648", "2147483647"),
          of("int8", Types.LongType.get(), "-9223372036854775808", "9223372036854775807"),
          of("oid", Types.LongType.get(), "4294967295"),
          of("float4", Types.FloatType.get(), "'0.1'", "'NaN'", "'-Infinity'", "'-0'", "1.17e-38"),
          of(
              "float8",
              Types.DoubleType.get(),
              "0.1",
              "'NaN'",
              "'Infinity'",
              "'-0'",
              "1e308",
              "1.0/3"),
          of("numeric(38,10)", Types.DecimalType.of(38, 10), "1.50", "'NaN'", "-0.0000000001"),
          of("numeric(5,0)", Types.DecimalType.of(5, 0), "99999"),
          of("numeric(38)", Types.DecimalType.of(38, 0), "99999999999999999999999999999999999999"),
          of("numeric(39,1)", TEXT, "1.5"),
          of("numeric", TEXT, "1.500", "'NaN'", "12345678901234567890123456789012345678901.5"),
          of("money2", Types.DecimalType.of(12, 2), "1.5"),
          of("price", Types.DecimalType.of(12, 2), "2.50"),
          of("short", TEXT, "'abc'"),
          of(
              "text",
              TEXT,
              "''",
              "E'a\"b,c\\n\\r\\td\\\\N'",
              "'\\N'",
              "'\\.'",
              "'NULL'",
              "' x '",
              "U&'\\2028\\0301\\+01F600'"),
          of("varchar(5)", TEXT, "'é'"),
          of("char(4)", TEXT, "'ab'"),
          of("name", TEXT, "'n'"),
          of(
              "date",
              Types.DateType.get(),
              "'2026-02-03'",
              "'0044-03-15 BC'",
              "'infinity'",
              "'12026-01-01'"),
          of("time", Types.TimeType.get(), "'24:00:00'", "'01:02:03.456789'"),
          of("timetz", TEXT, "'01:02:03+05:30'"),
          of(
              "timestamp",
              Types.TimestampType.withoutZone(),
              "'2026-02-03 04:05:06.000007'",
              "'-infinity'",
              "'0001-01-01 BC'"),
          of(
              "timestamptz",
              Types.TimestampType.withZone(),
              "'2026-02-03 04:05:06.7+05:30'",
              "'infinity'"),
          of("interval", TEXT, "'1 year -2 days 03:04:05.6'"),
          of("uuid", Types.UUIDType.get(), "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"),
          of("bytea", Types.BinaryType.get(), "'\\x'", "'\\x00ff22'"),
          of("json", TEXT, "'{\"a\": 1,  \"a\":2}'", "'null'"),
          of("jsonb", TEXT, "'{\"b\":1.0, \"a\": [1,2]}'"),
          of("mood", TEXT, "'so, \"so\"'"),
          of("int[]", TEXT, "'{}'", "'{{1,2},{3,NULL}}'", "'[0:1]={1,2}'"),
          of("pair", TEXT, "ROW(1, 'a,\"b')::pair"),
          of("int4range", TEXT, "'[1,5)'"),
          of("inet", TEXT, "'::1/64'"),
          of("bit(3)", TEXT, "B'101'"),
          of("xml", TEXT, "'<a>\"</a>'"),
          of("money", TEXT, "'-1234.5'"),
          of("regclass", TEXT, "'v'::regclass"),
          of("point", TEXT, "'(0.1,2)'"),
          of("tsvector", TEXT, "'a b'::tsvector"));

  /** The driver tells the server the zone of this JVM. */
  @Test
  void valuesOfTheLoadAndOfChangesAreTheSameTexts() {
    TimeZone zone = TimeZone.getDefault();
    TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kolkata"));
    try {
      compareValues();
    } finally {
      TimeZone.setDefault(zone);
    }
  }

  private static void compareValues() {
    Shop shop = new Shop(DEFINITIONS.toArray(String[]::new));
    StringBuilder columns = new StringBuilder("id int PRIMARY KEY, dropped int");
    for (int i = 0; i < SAMPLES.size(); i++) {
      columns.append(", c").append(i).append(' ').append(SAMPLES.get(i).type());
    }
    shop.database.execute(
        "CREATE TABLE v (" + columns + ", twice int GENERATED ALWAYS AS (id * 2) STORED)",
        "ALTER TABLE v DROP COLUMN dropped");
    String name = shop.database.database();
    for (String odd :
        List.of(
            "DateStyle = 'SQL, DMY'",
            "IntervalStyle = 'iso_8601'",
            "TimeZone = 'Asia/Kolkata'",
            "extra_float_digits = -5",
            "bytea_output = 'escape'",
            "client_encoding = 'LATIN1'")) {
      shop.database.execute("ALTER DATABASE " + name + " SET " + odd);
    }
    shop.prepared();
    int rows = SAMPLES.stream().mapToInt(s -> s.values().size()).max().orElseThrow();
    for (int row = 0; row <= rows; row++) {
      List<String> values = new ArrayList<>(List.of(Integer.toString(row)));
      for (Sample sample : SAMPLES) {
        values.add(row < sample.values().size() ? sample.values().get(row) : "NULL");
      }
      shop.database.execute(
          "SET search_path = public; SET DateStyle = ISO; SET TimeZone = 'UTC'; INSERT INTO v VALUES ("
              + String.join(", ", values)
              + ")");
    }
    SourceTable table = shop.table("v");
    assertThat(table.columns().stream().skip(1).map(SourceColumn::type))
        .containsExactlyElementsOf(SAMPLES.stream().map(Sample::lake).toList());
    assertThat(table.key()).containsExactly("id");
    List<Shop.Committed> changes = shop.follow(Lsn.ZERO, rows + 1);
    assertThat(changes).hasSize(rows + 1);
    assertThat(changes.get(0).changes().get(0).table()).isEqualTo(table);
    String streamed =
        String.join("", changes.stream().map(c -> csv(c.changes().get(0).after())).toList());
    try (LoadView view = shop.source.view()) {
      assertThat(streamed).isEqualTo(shop.copy(view, table, new LoadView.Part("")));
    }
    assertThat(streamed)
        .contains(
            "2026-02-02 22:35:06.7+00",
            "\\x00ff22",
            "1 year -2 days +03:04:05.6",
            "0.3333333333333333,");
  }

  private static String csv(byte @Nullable [] @Nullable [] row) {
    byte[] @Nullable [] values = Objects.requireNonNull(row);
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      byte @Nullable [] value = values[i];
      line.append(i == 0 ? "" : ",");
      if (value != null) {
        String text = new String(value, java.nio.charset.StandardCharsets.UTF_8);
        boolean quoted = text.isEmpty() || text.matches("(?s).*[,\"\n\r].*");
        line.append(quoted ? '"' + text.replace("\"", "\"\"") + '"' : text);
      }
    }
    return line + "\n";
  }
}
