package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Column;
import tarn.api.FollowedSource;
import tarn.api.QueryRequest;
import tarn.core.database.Database;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.HeldObjectStore;
import tarn.iceberg.IcebergTables;
import tarn.testkit.SourcePostgres;

/**
 * Cases 1 to 26: values of a real PostgreSQL as the lake's tables have them, each on three ways: in
 * the initial load, inserted and updated while it is followed. Role and database have settings by
 * which PostgreSQL prints values otherwise, and others after the load. Case 14 is {@code
 * EncodingTest} (cdc).
 */
class TypeCasesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MOST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(4);
  private static final int INSERTED = 100;
  private static final int UPDATED = 200;
  private static final int LAST = 999;

  // ---- the lake ----

  @TempDir private static Path folder;
  private static final SourcePostgres SHOP = SourcePostgres.fresh();
  private static final List<Sample> SAMPLES = new ArrayList<>();
  private static final Map<Integer, List<@Nullable String>> ROWS = new HashMap<>();
  private static final List<String> TYPES = new ArrayList<>();
  private static CrashingWorld.WarmEngine engine;
  private static Operations lake = new MemoryOperations();

  /** A column of the table that all values are in. */
  private record Sample(int index, String type, List<String> values) {
    /** As the copy has them, whichever way they came. */
    List<@Nullable String> inTheLake() {
      List<@Nullable String> loaded = came(0);
      assertThat(came(INSERTED)).as("inserted").isEqualTo(loaded);
      assertThat(came(UPDATED)).as("updated").isEqualTo(loaded);
      return loaded;
    }

    private List<@Nullable String> came(int way) {
      return IntStream.range(0, values.size())
          .mapToObj(i -> ROWS.getOrDefault(way + i, List.of()).get(index + 1))
          .toList();
    }

    String lakeType() {
      return TYPES.get(index + 1);
    }
  }

  /**
   * Values of a type.
   *
   * @param values in SQL
   */
  private static Sample sample(String type, String... values) {
    Sample sample = new Sample(SAMPLES.size(), type, List.of(values));
    SAMPLES.add(sample);
    return sample;
  }

  // ---- numbers ----

  private static final Sample EXACT =
      sample(
          "numeric(38,10)", "1.5", "-0.0000000001", "1234567890123456789012345678.0123456789", "0");
  private static final Sample HUNDREDS = sample("numeric(3,-2)", "12345", "-99900");
  private static final Sample TINY = sample("numeric(2,5)", "0.00012", "-0.00099");

  @Test
  void case_01_numbersOfAPrecisionAreExact() {
    assertThat(EXACT.lakeType()).isEqualTo("DECIMAL(38,10)");
    assertThat(EXACT.inTheLake())
        .containsExactly(
            "1.5000000000",
            "-0.0000000001",
            "1234567890123456789012345678.0123456789",
            "0.0000000000");
    assertThat(HUNDREDS.lakeType()).isEqualTo("DECIMAL(5,0)");
    assertThat(HUNDREDS.inTheLake()).containsExactly("12300", "-99900");
    assertThat(TINY.lakeType()).isEqualTo("DECIMAL(5,5)");
    assertThat(TINY.inTheLake()).containsExactly(".00012", "-.00099");
  }

  private static final Sample ANY_NUMBER =
      sample("numeric", "1.500", "12345678901234567890123456789012345678901.50", "1e-30");
  private static final Sample WIDE = sample("numeric(39,1)", "1.5");

  @Test
  void case_02_numbersOfAnyPrecisionAreTheirDigits() {
    assertThat(ANY_NUMBER.lakeType()).isEqualTo("VARCHAR");
    assertThat(ANY_NUMBER.inTheLake())
        .containsExactly(
            "1.500",
            "12345678901234567890123456789012345678901.50",
            "0.000000000000000000000000000001");
    assertThat(WIDE.lakeType()).isEqualTo("VARCHAR");
    assertThat(WIDE.inTheLake()).containsExactly("1.5");
  }

  private static final Sample NOT_A_NUMBER = sample("numeric(10,2)", "'NaN'", "1");
  private static final Sample NO_NUMBERS = sample("numeric", "'NaN'", "'Infinity'", "'-Infinity'");

  @Test
  void case_03_whatIsNoNumberIsNullOrItsName() {
    assertThat(NOT_A_NUMBER.inTheLake()).containsExactly(null, "1.00");
    assertThat(NO_NUMBERS.inTheLake()).containsExactly("NaN", "Infinity", "-Infinity");
  }

  private static final Sample INT2 = sample("int2", "-32768", "32767");
  private static final Sample INT4 = sample("int4", "-2147483648", "2147483647");
  private static final Sample INT8 = sample("int8", "-9223372036854775808", "9223372036854775807");
  private static final Sample OID = sample("oid", "0", "4294967295");

  @Test
  void case_04_wholeNumbersKeepTheirBounds() {
    assertThat(INT2.lakeType()).isEqualTo("INTEGER");
    assertThat(INT2.inTheLake()).containsExactly("-32768", "32767");
    assertThat(INT4.inTheLake()).containsExactly("-2147483648", "2147483647");
    assertThat(INT8.lakeType()).isEqualTo("BIGINT");
    assertThat(INT8.inTheLake()).containsExactly("-9223372036854775808", "9223372036854775807");
    assertThat(OID.lakeType()).isEqualTo("BIGINT");
    assertThat(OID.inTheLake()).containsExactly("0", "4294967295");
  }

  private static final Sample FLOAT4 =
      sample("float4", "0.1", "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "1.1754944e-38");
  private static final Sample FLOAT8 =
      sample("float8", "0.1", "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "1e308", "1.0/3");

  @Test
  void case_05_floatsKeepAllTheirBits() {
    assertThat(FLOAT4.lakeType()).isEqualTo("FLOAT");
    assertThat(FLOAT4.inTheLake())
        .containsExactly("0.1", "nan", "inf", "-inf", "-0.0", "1.1754944e-38");
    assertThat(FLOAT8.lakeType()).isEqualTo("DOUBLE");
    assertThat(FLOAT8.inTheLake())
        .containsExactly("0.1", "nan", "inf", "-inf", "-0.0", "1e+308", "0.3333333333333333");
  }

  private static final Sample MONEY = sample("money", "'-1234.5'", "'92233720368547758.07'");

  @Test
  void case_06_moneyIsATextThatNoLocaleChanges() {
    assertThat(MONEY.lakeType()).isEqualTo("VARCHAR");
    assertThat(MONEY.inTheLake()).containsExactly("-$1,234.50", "$92,233,720,368,547,758.07");
  }

  // ---- times ----

  private static final Sample ENDLESS_DATE = sample("date", "'infinity'", "'-infinity'");
  private static final Sample ENDLESS = sample("timestamp", "'infinity'", "'-infinity'");
  private static final Sample ENDLESS_TZ = sample("timestamptz", "'infinity'", "'-infinity'");

  @Test
  void case_07_infiniteTimesAreNull() {
    assertThat(ENDLESS_DATE.inTheLake()).containsExactly(null, null);
    assertThat(ENDLESS.inTheLake()).containsExactly(null, null);
    assertThat(ENDLESS_TZ.inTheLake()).containsExactly(null, null);
  }

  private static final Sample FAR_DATE =
      sample("date", "'0001-01-01'", "'9999-12-31'", "'0044-03-15 BC'", "'12026-01-01'");
  private static final Sample FAR =
      sample(
          "timestamp",
          "'0001-01-01'",
          "'9999-12-31 23:59:59.999999'",
          "'0001-12-31 BC'",
          "'294276-12-31 23:59:59.999999'");
  private static final Sample FAR_TZ =
      sample(
          "timestamptz",
          "'0001-01-01 00:00:00+00'",
          "'9999-12-31 23:59:59.999999+00'",
          "'4713-01-01 BC'",
          "'10000-01-01'");

  @Test
  void case_08_timesBeforeTheYear1AndAfter9999AreNull() {
    assertThat(FAR_DATE.inTheLake()).containsExactly("0001-01-01", "9999-12-31", null, null);
    assertThat(FAR.inTheLake())
        .containsExactly("0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", null, null);
    assertThat(FAR_TZ.inTheLake())
        .containsExactly("0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00", null, null);
  }

  private static final Sample TIME =
      sample("time", "'00:00:00'", "'23:59:59.999999'", "'24:00:00'");
  private static final Sample TIMETZ = sample("timetz", "'24:00:00+00'", "'01:02:03.000004+05:30'");

  @Test
  void case_09_24OClockIsNullAndATextWithAZone() {
    assertThat(TIME.lakeType()).isEqualTo("TIME");
    assertThat(TIME.inTheLake()).containsExactly("00:00:00", "23:59:59.999999", null);
    assertThat(TIMETZ.lakeType()).isEqualTo("VARCHAR");
    assertThat(TIMETZ.inTheLake()).containsExactly("24:00:00+00", "01:02:03.000004+05:30");
  }

  private static final Sample LOCAL =
      sample("timestamp", "'2026-03-29 02:30:00.000007'", "'2026-02-03 04:05:06'");
  private static final Sample INSTANT =
      sample("timestamptz", "'2026-02-03 04:05:06.000007+05:30'", "'2026-02-03 04:05:06+00'");
  private static final Sample DAY = sample("date", "'2026-02-03'");

  @Test
  void case_10_timesKeepTheirKindAndMicrosecondsWhateverTheSessionSays() {
    assertThat(LOCAL.lakeType()).isEqualTo("TIMESTAMP");
    assertThat(LOCAL.inTheLake())
        .containsExactly("2026-03-29 02:30:00.000007", "2026-02-03 04:05:06");
    assertThat(INSTANT.lakeType()).isEqualTo("TIMESTAMP WITH TIME ZONE");
    assertThat(INSTANT.inTheLake())
        .containsExactly("2026-02-02 22:35:06.000007+00", "2026-02-03 04:05:06+00");
    assertThat(DAY.inTheLake()).containsExactly("2026-02-03");
  }

  private static final Sample INTERVAL =
      sample(
          "interval", "'14 months -3 days 04:05:06.000007'", "'30 days'", "'1 month'", "'720:00'");

  @Test
  void case_11_intervalsKeepMonthsDaysAndMicrosecondsApart() {
    assertThat(INTERVAL.lakeType()).isEqualTo("VARCHAR");
    assertThat(INTERVAL.inTheLake())
        .containsExactly("1 year 2 mons -3 days +04:05:06.000007", "30 days", "1 mon", "720:00:00");
  }

  // ---- texts and bytes ----

  private static final Sample TEXT =
      sample(
          "text",
          "''",
          "E'a\"b,c\\n\\r\\td\\\\N'",
          "E'\\\\N'",
          "E'\\\\.'",
          "'NULL'",
          "' x '",
          "U&'e\\0301\\2028\\+01F600\\+10FFFF'",
          "repeat('é', 1100000)");

  @Test
  void case_12_textsAreAsTheyAre() {
    List<@Nullable String> texts = TEXT.inTheLake();
    assertThat(texts.subList(0, 7))
        .containsExactly(
            "",
            "a\"b,c\n\r\td\\N",
            "\\N",
            "\\.",
            "NULL",
            " x ",
            "e\u0301\u2028\uD83D\uDE00\uDBFF\uDFFF");
    assertThat(texts.get(7)).isEqualTo("é".repeat(1_100_000));
  }

  private static final Sample CHAR = sample("char(4)", "'ab'", "'    '", "'é'");
  private static final Sample VARCHAR = sample("varchar(5)", "'ab '");
  private static final Sample NAME = sample("name", "'n'");
  private static final Sample CITEXT = sample("citext", "'MiXed'");

  @Test
  void case_13_paddedTextsKeepTheirPadding() {
    assertThat(CHAR.inTheLake()).containsExactly("ab  ", "    ", "é   ");
    assertThat(VARCHAR.inTheLake()).containsExactly("ab ");
    assertThat(NAME.inTheLake()).containsExactly("n");
    assertThat(CITEXT.inTheLake()).containsExactly("MiXed");
  }

  private static final Sample BYTES = sample("bytea", "'\\x'", "'\\x00'", "'\\x5c78ff0a22'");

  @Test
  void case_15_bytesAreBytesWhateverTheOutputIs() {
    assertThat(BYTES.lakeType()).isEqualTo("BLOB");
    assertThat(BYTES.inTheLake()).containsExactly("", "\\x00", "\\x5Cx\\xFF\\x0A\\x22");
  }

  private static final Sample PLAIN_JSON =
      sample(
          "json",
          "'{\"b\": 1,  \"a\":2, \"a\":3}'",
          "'null'",
          "NULL",
          "'[12345678901234567890.10, 1e400]'",
          "'\"\\u0000\"'");
  private static final Sample JSONB =
      sample(
          "jsonb",
          "'{\"b\": 1,  \"a\":2, \"a\":3}'",
          "'null'",
          "NULL",
          "'[12345678901234567890.10, 1e30]'");

  @Test
  void case_16_jsonIsItsText() {
    assertThat(PLAIN_JSON.lakeType()).isEqualTo("VARCHAR");
    assertThat(PLAIN_JSON.inTheLake())
        .containsExactly(
            "{\"b\": 1,  \"a\":2, \"a\":3}",
            "null",
            null,
            "[12345678901234567890.10, 1e400]",
            "\"\\u0000\"");
    assertThat(JSONB.inTheLake())
        .containsExactly(
            "{\"a\": 3, \"b\": 1}",
            "null",
            null,
            "[12345678901234567890.10, 1000000000000000000000000000000]");
  }

  private static final Sample UUID = sample("uuid", "'{A0EEBC99-9C0B4EF8BB6D6BB9BD380A11}'");

  @Test
  void case_17_uuids() {
    assertThat(UUID.lakeType()).isEqualTo("UUID");
    assertThat(UUID.inTheLake()).containsExactly("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  }

  private static final Sample BOOL = sample("bool", "true", "false", "NULL");

  @Test
  void case_18_truthValues() {
    assertThat(BOOL.lakeType()).isEqualTo("BOOLEAN");
    assertThat(BOOL.inTheLake()).containsExactly("true", "false", null);
  }

  // ---- types of one's own ----

  private static final Sample MOOD = sample("mood", "'sad'", "'so, \"so\"'");

  /** A rename changes no row, so nothing is told: rows keep what they had until they change. */
  @Test
  void case_19_enumsAreTheirNamesAlsoThoseAddedLater() {
    assertThat(MOOD.lakeType()).isEqualTo("VARCHAR");
    assertThat(MOOD.inTheLake()).containsExactly("sad", "so, \"so\"");
    assertThat(rows("SELECT id, m FROM clean.moods ORDER BY id"))
        .isEqualTo("[[1,\"sad\"],[2,\"glad\"],[3,\"blue\"]]");
  }

  private static final Sample PRICE = sample("price", "1.5", "NULL", "'NaN'");
  private static final Sample SHORT = sample("short", "'abc'");
  private static final Sample WHEN = sample("moment", "'2026-02-03 04:05:06+01'");

  @Test
  void case_20_domainsAreWhatTheyAreMadeOf() {
    assertThat(PRICE.lakeType()).isEqualTo("DECIMAL(12,2)");
    assertThat(PRICE.inTheLake()).containsExactly("1.50", null, null);
    assertThat(SHORT.inTheLake()).containsExactly("abc");
    assertThat(WHEN.lakeType()).isEqualTo("TIMESTAMP WITH TIME ZONE");
    assertThat(WHEN.inTheLake()).containsExactly("2026-02-03 03:05:06+00");
  }

  private static final Sample INTS =
      sample("int[]", "'{}'", "'{1,NULL,3}'", "'{{1,2},{3,NULL}}'", "'[0:1]={1,2}'", "NULL");
  private static final Sample TEXTS = sample("text[]", "ARRAY['', 'NULL', 'a,\"b\"', NULL, '{}']");
  private static final Sample TIMES = sample("timestamptz[]", "'{2026-02-03 04:05:06+05:30}'");
  private static final Sample NUMBERS = sample("numeric(5,2)[]", "'{1.5,NaN}'");
  private static final Sample FLOATS = sample("float8[]", "ARRAY[0.1, 1.0/3]::float8[]");
  private static final Sample BYTE_STRINGS = sample("bytea[]", "ARRAY['\\x00ff'::bytea]");
  private static final Sample MOODS = sample("mood[]", "'{sad}'");
  private static final Sample PAIRS = sample("pair[]", "ARRAY[ROW(1, 'a')::pair]");

  @Test
  void case_21_arraysAreTextsOfPostgresWhateverTheirDimensions() {
    assertThat(INTS.lakeType()).isEqualTo("VARCHAR");
    assertThat(INTS.inTheLake())
        .containsExactly("{}", "{1,NULL,3}", "{{1,2},{3,NULL}}", "[0:1]={1,2}", null);
    assertThat(TEXTS.inTheLake()).containsExactly("{\"\",\"NULL\",\"a,\\\"b\\\"\",NULL,\"{}\"}");
    assertThat(TIMES.inTheLake()).containsExactly("{\"2026-02-02 22:35:06+00\"}");
    assertThat(NUMBERS.inTheLake()).containsExactly("{1.50,NaN}");
    assertThat(FLOATS.inTheLake()).containsExactly("{0.1,0.3333333333333333}");
    assertThat(BYTE_STRINGS.inTheLake()).containsExactly("{\"\\\\x00ff\"}");
    assertThat(MOODS.inTheLake()).containsExactly("{sad}");
    assertThat(PAIRS.inTheLake()).containsExactly("{\"(1,a)\"}");
  }

  private static final Map<Sample, String> OTHERS =
      Map.ofEntries(
          Map.entry(sample("pair", "ROW(NULL, 'a,\"b\"')::pair"), "(,\"a,\"\"b\"\"\")"),
          Map.entry(sample("int4range", "'[1,5]'"), "[1,6)"),
          Map.entry(
              sample("tstzrange", "'[2026-02-03 01:00+01, infinity)'"),
              "[\"2026-02-03 00:00:00+00\",infinity)"),
          Map.entry(sample("int4multirange", "'{[1,2),[5,)}'"), "{[1,2),[5,)}"),
          Map.entry(sample("hstore", "'a=>\"1,2\", b=>NULL'"), "\"a\"=>\"1,2\", \"b\"=>NULL"),
          Map.entry(sample("inet", "'::1/64'"), "::1/64"),
          Map.entry(sample("cidr", "'10.0.0.0/8'"), "10.0.0.0/8"),
          Map.entry(sample("macaddr", "'08002b:010203'"), "08:00:2b:01:02:03"),
          Map.entry(sample("macaddr8", "'08002b0102030405'"), "08:00:2b:01:02:03:04:05"),
          Map.entry(sample("bit(3)", "B'101'"), "101"),
          Map.entry(sample("varbit", "B''"), ""),
          Map.entry(sample("xml", "'<a b=\"c\"/>'"), "<a b=\"c\"/>"),
          Map.entry(sample("tsvector", "'b:2A a:1'"), "'a':1 'b':2A"),
          Map.entry(sample("tsquery", "'a & !b'"), "'a' & !'b'"),
          Map.entry(sample("point", "'(0.1,2)'"), "(0.1,2)"),
          Map.entry(sample("polygon", "'((0,0),(1,1.5))'"), "((0,0),(1,1.5))"),
          Map.entry(sample("jsonpath", "'$.a'"), "$.\"a\""),
          Map.entry(sample("pg_lsn", "'16/B374D848'"), "16/B374D848"),
          Map.entry(sample("regclass", "'public.moods'::regclass"), "public.moods"));

  @Test
  void case_22_otherTypesAreTextsOfOneForm() {
    OTHERS.forEach(
        (sample, text) -> {
          assertThat(sample.lakeType()).as(sample.type()).isEqualTo("VARCHAR");
          assertThat(sample.inTheLake()).as(sample.type()).containsExactly(text);
        });
  }

  private static final Sample CUBE = sample("cube", "'(1,2),(3,4)'");
  private static final Sample LTREE = sample("ltree", "'a.b'");

  /** {@code source tables} says so before anything is loaded. */
  @Test
  void case_23_typesThatNobodyKnowsAreTexts() {
    assertThat(CUBE.lakeType()).isEqualTo("VARCHAR");
    assertThat(CUBE.inTheLake()).containsExactly("(1, 2),(3, 4)");
    assertThat(LTREE.inTheLake()).containsExactly("a.b");
    assertThat(lake.sourceTables(new SourceName("shop")).columns())
        .filteredOn(c -> c.sourceType().endsWith("cube"))
        .extracting(c -> c.type())
        .containsExactly("string");
  }

  // ---- what does not fit ----

  /** Each came three times: loaded, inserted, updated. */
  @Test
  void valuesThatAreNullThoughTheyAreNotAreCounted() {
    assertThat(status().nulled())
        .contains(
            "public.v.c%d (3)".formatted(NOT_A_NUMBER.index),
            "public.v.c%d (6)".formatted(ENDLESS_DATE.index),
            "public.v.c%d (6)".formatted(FAR.index),
            "public.v.c%d (3)".formatted(TIME.index),
            "public.v.c%d (3)".formatted(PRICE.index))
        .hasSize(9);
  }

  @Test
  void aColumnThatIsCopiedAsTextHasThemAll() {
    assertThat(rows("SELECT \"Until\", typeof(\"Until\") FROM clean.terms ORDER BY 1"))
        .isEqualTo(
            "[[\"-infinity\",\"VARCHAR\"],[\"2026-02-03\",\"VARCHAR\"],[\"infinity\",\"VARCHAR\"]]");
  }

  // ---- columns and names ----

  @Test
  void case_24_generatedColumnsAreInNeither() {
    assertThat(rows("SELECT * FROM clean.generated ORDER BY id")).isEqualTo("[[1,2],[2,4]]");
  }

  @Test
  void case_25_columnsAreToldByNameWhateverWasDroppedOrAddedBefore() {
    assertThat(rows("SELECT id, serial, late, c FROM clean.altered ORDER BY id"))
        .isEqualTo("[[1,1,\"loaded\",null],[2,2,\"inserted\",7]]");
  }

  private static final String LONG = "n".repeat(63);

  @Test
  void case_26_namesOfAnyKind() {
    assertThat(rows("SELECT \"Id\", \"sel,ect\", \"a.b\", \"é\"\"x\" FROM clean.select ORDER BY 1"))
        .isEqualTo("[[1,2,3,4],[5,6,7,8]]");
    assertThat(rows("SELECT " + LONG + " FROM clean.t_9_" + LONG.substring(2) + " ORDER BY 1"))
        .isEqualTo("[[1],[2]]");
    assertThat(status().left())
        .containsExactly(
            "public.Twice (its copy would be clean.twice, as that of public.TWICE)",
            "public.cases (two of its columns differ by case only: A)");
    assertThat(lake.sourceTables(new SourceName("shop")).columns())
        .extracting(c -> c.table())
        .doesNotContain("a.b.c");
  }

  // ---- to and fro ----

  @BeforeAll
  static void load() throws IOException {
    engine = new CrashingWorld.WarmEngine(folder.resolve("engine"));
    for (String extension : List.of("citext", "hstore", "cube", "ltree")) {
      SHOP.execute("CREATE EXTENSION " + extension);
    }
    SHOP.execute(
        "CREATE DOMAIN money2 AS numeric(12,2)",
        "CREATE DOMAIN price AS money2 CHECK (VALUE IS NULL OR VALUE > 0)",
        "CREATE DOMAIN short AS varchar(3)",
        "CREATE DOMAIN moment AS timestamptz",
        "CREATE TYPE mood AS ENUM ('sad', 'so, \"so\"')",
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE TABLE moods (id int PRIMARY KEY, m mood)",
        "INSERT INTO moods VALUES (1, 'sad')",
        "CREATE TABLE generated (id int PRIMARY KEY, v int, stored int GENERATED ALWAYS AS (v * 2)"
            + " STORED, virtual int GENERATED ALWAYS AS (v * 2) VIRTUAL)",
        "INSERT INTO generated VALUES (1, 2)",
        "CREATE TABLE altered (a int, id int GENERATED ALWAYS AS IDENTITY, b text, serial serial,"
            + " PRIMARY KEY (id))",
        "ALTER TABLE altered DROP COLUMN a, DROP COLUMN b, ADD COLUMN late text",
        "INSERT INTO altered (late) VALUES ('loaded')",
        "CREATE TABLE \"Select\" (\"Id\" int PRIMARY KEY, \"sel,ect\" int, \"a.b\" int,"
            + " \"é\"\"x\" int)",
        "INSERT INTO \"Select\" VALUES (1, 2, 3, 4)",
        "CREATE TABLE \"9." + LONG.substring(2) + "\" (" + LONG + " int PRIMARY KEY)",
        "INSERT INTO \"9." + LONG.substring(2) + "\" VALUES (1)",
        "CREATE TABLE \"TWICE\" (id int PRIMARY KEY)",
        "CREATE TABLE \"Twice\" (id int PRIMARY KEY)",
        "CREATE TABLE cases (id int PRIMARY KEY, a int, \"A\" int)",
        "CREATE TABLE terms (\"Until\" date PRIMARY KEY)",
        "INSERT INTO terms VALUES ('infinity'), ('2026-02-03')",
        "CREATE SCHEMA \"a.b\"",
        "CREATE TABLE \"a.b\".c (id int PRIMARY KEY)",
        "CREATE SCHEMA a",
        "CREATE TABLE v (id int PRIMARY KEY, "
            + SAMPLES.stream()
                .map(s -> "c" + s.index + " " + s.type)
                .collect(Collectors.joining(", "))
            + ")");
    prints(
        "DateStyle = 'SQL, DMY'",
        "IntervalStyle = 'iso_8601'",
        "TimeZone = 'Asia/Kolkata'",
        "extra_float_digits = -5",
        "bytea_output = 'escape'",
        "lc_monetary = 'C.UTF-8'",
        "quote_all_identifiers = on",
        "client_encoding = 'LATIN1'");
    insert(0);
    SHOP.execute(
        "INSERT INTO v SELECT generate_series(" + UPDATED + ", " + (UPDATED + rows()) + ")");
    open();
    await("[[" + 2 * (rows() + 1) + "]]", "SELECT count(*) FROM clean.v");
    prints(
        "DateStyle = 'German'",
        "IntervalStyle = 'sql_standard'",
        "TimeZone = 'America/New_York'",
        "extra_float_digits = 0");
    SHOP.cutConnections();
    follow();
    await("[[1]]", "SELECT count(*) FROM clean.v WHERE id = " + LAST);
    remember();
  }

  private static void follow() {
    insert(INSERTED);
    for (int row = 0; row <= rows(); row++) {
      int at = row;
      SHOP.execute(
          plain("UPDATE v SET ")
              + SAMPLES.stream()
                  .map(s -> "c" + s.index + " = " + value(s, at))
                  .collect(Collectors.joining(", "))
              + " WHERE id = "
              + (UPDATED + row));
    }
    SHOP.execute(
        "ALTER TYPE mood ADD VALUE 'glad' BEFORE 'sad'",
        "INSERT INTO moods VALUES (2, 'glad')",
        "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
        "INSERT INTO moods VALUES (3, 'blue')",
        "INSERT INTO generated VALUES (2, 4)",
        "ALTER TABLE altered ADD COLUMN c int",
        "INSERT INTO altered (late, c) VALUES ('inserted', 7)",
        "INSERT INTO terms VALUES ('-infinity')",
        "INSERT INTO \"Select\" VALUES (5, 6, 7, 8)",
        "INSERT INTO \"9." + LONG.substring(2) + "\" VALUES (2)",
        "INSERT INTO v (id) VALUES (" + LAST + ")");
  }

  /** By which settings sessions print, unless they say otherwise. */
  private static void prints(String... settings) {
    for (String setting : settings) {
      SHOP.execute("ALTER DATABASE " + SHOP.database() + " SET " + setting);
      SHOP.execute(
          "ALTER ROLE " + SHOP.user() + " IN DATABASE " + SHOP.database() + " SET " + setting);
    }
  }

  /** How many values a column has at most. */
  private static int rows() {
    return SAMPLES.stream().mapToInt(s -> s.values.size()).max().orElseThrow();
  }

  private static void insert(int way) {
    for (int row = 0; row <= rows(); row++) {
      int at = row;
      SHOP.execute(
          plain("INSERT INTO v VALUES (")
              + (way + row)
              + SAMPLES.stream().map(s -> ", " + value(s, at)).collect(Collectors.joining())
              + ")");
    }
  }

  private static String plain(String sql) {
    return "SET DateStyle = ISO; SET TimeZone = 'UTC'; SET client_encoding = 'UTF8'; " + sql;
  }

  private static String value(Sample sample, int row) {
    return row < sample.values.size() ? sample.values.get(row) : "NULL";
  }

  private static void remember() throws IOException {
    String texts =
        SAMPLES.stream()
            .map(s -> ", CAST(c" + s.index + " AS VARCHAR)")
            .collect(Collectors.joining());
    for (String some : query("SELECT id" + texts + " FROM clean.v", new ArrayList<>())) {
      for (JsonNode row : JSON.readTree(some)) {
        List<@Nullable String> values = new ArrayList<>();
        row.forEach(value -> values.add(value.isNull() ? null : value.asText()));
        ROWS.put(row.get(0).asInt(), Collections.unmodifiableList(values));
      }
    }
    query("SELECT * FROM clean.v LIMIT 0", TYPES);
  }

  private static void open() throws IOException {
    Files.writeString(folder.resolve("lake.yaml"), "name: types\n");
    Files.writeString(folder.resolve("password"), SHOP.password());
    Files.createDirectories(folder.resolve("sources"));
    Files.writeString(
        folder.resolve("sources/shop.yaml"),
        "connection:\n  host: %s\n  port: %d\n  database: %s\n  user: %s\n  password: file:password\nfreshness: 200ms\nslot: %s\ntables: [public.*, a.*]\ntexts: [public.terms.Until]\n"
            .formatted(
                SHOP.host(),
                SHOP.port(),
                SHOP.database(),
                SHOP.user(),
                "types_" + SHOP.database()));
    Closer closer = new Closer();
    WorldShape shape = WorldShape.onThisMachine(folder.resolve(".datalake"));
    HeldObjectStore objects = new HeldObjectStore(closer.add(shape.objects()));
    Database database = closer.add(shape.database());
    Clock clock = Clock.systemUTC();
    IcebergTables tables =
        new IcebergTables(database, objects, clock, "owner", Duration.ofMinutes(5));
    engine.serve(objects, tables);
    Lake read = Wiring.read(folder, null);
    lake =
        new LakeOperations(
            read,
            read.definition(),
            new SqlLedger(database),
            objects,
            database,
            tables,
            engine.engine(),
            Backups.of(read.definition(), database, objects, tables, engine.engine(), clock),
            NoStreams.with(source -> Wiring.database(read.definition(), source)),
            clock,
            closer);
  }

  @AfterAll
  static void close() {
    lake.close();
    engine.close();
  }

  private static FollowedSource status() {
    return lake.sources().sources().get(0);
  }

  private static String rows(String sql) {
    return String.join("", query(sql, new ArrayList<>())).replace("\n", "");
  }

  /** Arrays of rows, which are arrays, in JSON. */
  private static List<String> query(String sql, List<String> types) {
    List<String> rows = new ArrayList<>();
    lake.query(
        new QueryRequest(sql, 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {
            columns.forEach(c -> types.add(c.type()));
          }

          @Override
          public void rows(byte[] json, int count) {
            rows.add(new String(json, StandardCharsets.UTF_8));
          }
        },
        ExampleLake.work());
    return rows;
  }

  private static void await(String wanted, String sql) {
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    while (!is(wanted, sql)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(sql + " does not become " + wanted + ": " + lake.sources());
      }
      try {
        TimeUnit.MILLISECONDS.sleep(100);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static boolean is(String wanted, String sql) {
    try {
      return rows(sql).equals(wanted);
    } catch (TarnException e) {
      return false; // it is not there yet
    }
  }
}
