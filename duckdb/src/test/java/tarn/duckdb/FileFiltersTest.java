package tarn.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.InclusiveMetricsEvaluator;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.query.CatalogNames;
import tarn.core.query.Resolved;
import tarn.core.table.TableName;

/**
 * A query over the rows and files that its filters leave gives what it gives over all of them, for
 * random tables and queries.
 */
class FileFiltersTest {
  private static final int FILES = 4;
  private static final int ROWS_PER_FILE = 3;
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.optional(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "i", Types.IntegerType.get()),
          Types.NestedField.optional(3, "L", Types.LongType.get()),
          Types.NestedField.optional(4, "s", Types.StringType.get()),
          Types.NestedField.optional(5, "d", Types.DateType.get()),
          Types.NestedField.optional(6, "ts", Types.TimestampType.withoutZone()),
          Types.NestedField.optional(7, "tz", Types.TimestampType.withZone()),
          Types.NestedField.optional(8, "f", Types.FloatType.get()),
          Types.NestedField.optional(9, "g", Types.DoubleType.get()),
          Types.NestedField.optional(10, "n", Types.DecimalType.of(9, 2)),
          Types.NestedField.optional(11, "b", Types.BooleanType.get()));
  private static final List<String> SQL_TYPES =
      List.of(
          "BIGINT",
          "INTEGER",
          "BIGINT",
          "VARCHAR",
          "DATE",
          "TIMESTAMP",
          "TIMESTAMPTZ",
          "FLOAT",
          "DOUBLE",
          "DECIMAL(9,2)",
          "BOOLEAN");

  /** For each column, constants to store; the same and others are compared with. */
  private static final Map<String, List<String>> VALUES =
      Map.ofEntries(
          Map.entry("id", List.of("1", "2", "3")),
          Map.entry("i", List.of("0", "-1", "1", "2", "3", "2147483647", "-2147483648")),
          Map.entry("L", List.of("0", "-5", "7", "9223372036854775807", "9007199254740993", "-3")),
          Map.entry(
              "s",
              List.of(
                  "''", "'a'", "'ab'", "'abc'", "'B'", "'é'", "'\uffee'", "'😀'", "'a%'", "'5'")),
          Map.entry("d", List.of("DATE '2025-01-01'", "DATE '2025-01-02'", "DATE '1969-12-31'")),
          Map.entry(
              "ts",
              List.of(
                  "TIMESTAMP '2025-01-01 00:00:00'",
                  "TIMESTAMP '2025-01-01 10:30:00.123456'",
                  "TIMESTAMP '1960-05-05 05:05:05.5'")),
          Map.entry(
              "tz",
              List.of(
                  "TIMESTAMPTZ '2025-01-01 00:00:00+00:00'",
                  "TIMESTAMPTZ '2025-01-01 10:30:00.5+02:00'")),
          Map.entry(
              "f",
              List.of("0.0", "-0.0", "1.5", "0.1", "16777217", "'NaN'::FLOAT", "'inf'::FLOAT")),
          Map.entry(
              "g",
              List.of(
                  "0.0",
                  "'-0.0'::DOUBLE",
                  "1.5",
                  "0.1",
                  "9007199254740993",
                  "'NaN'::DOUBLE",
                  "-2.5")),
          Map.entry("n", List.of("0", "1.25", "1.26", "-3.5", "1000000", "2")),
          Map.entry("b", List.of("true", "false")));

  private static final List<String> STRANGE =
      List.of(
          "NULL",
          "1",
          "1.255",
          "1e0",
          "1.5",
          "-0.5",
          "'1'",
          "'a'",
          "9223372036854775808",
          "99999999999999999999999",
          "'2025-01-01'",
          "'2025-01-01 10:30:00'",
          "true",
          "0",
          "2147483648",
          "DATE '2025-01-02'",
          "TIMESTAMP '2025-01-01 10:30:00'",
          "'2025-01-01T10:30:00Z'",
          "1 + 1");
  private static final List<String> FROM =
      List.of(
          "FROM clean.t x WHERE %1$s",
          "FROM clean.t x WHERE %1$s AND %1$s",
          "FROM clean.t x JOIN clean.u y ON x.id = y.id AND %1$s WHERE %1$s",
          "FROM clean.t x, clean.u y WHERE %1$s AND x.L = y.L",
          "FROM clean.t x LEFT JOIN clean.u y ON x.id = y.id AND %1$s WHERE %1$s",
          "FROM clean.t x RIGHT JOIN clean.u y ON x.id = y.id AND %1$s WHERE %1$s",
          "FROM clean.t x FULL JOIN clean.u y ON x.id = y.id WHERE %1$s",
          "FROM clean.t x SEMI JOIN clean.u y ON x.id = y.id AND %1$s WHERE %2$s",
          "FROM clean.t x ANTI JOIN clean.u y ON x.id = y.id AND %1$s WHERE %2$s",
          "FROM clean.t x JOIN clean.u y ON x.id = y.id LEFT JOIN clean.t z ON z.id = x.id AND %1$s WHERE %1$s",
          "FROM clean.t x LEFT JOIN (clean.u y JOIN clean.t z ON y.id = z.id AND %1$s) ON x.id = y.id WHERE %1$s",
          "FROM clean.t x WHERE EXISTS (FROM clean.u y WHERE y.id = x.id AND %1$s)",
          "FROM clean.t x WHERE x.id NOT IN (SELECT y.id FROM clean.u y WHERE y.id IS NOT NULL AND %1$s)",
          "FROM (SELECT * FROM clean.t x WHERE %2$s) x LEFT JOIN clean.u y ON x.id = y.id WHERE %1$s",
          "FROM clean.t x ASOF JOIN clean.u y ON x.id >= y.id WHERE %1$s",
          "FROM clean.t x ASOF LEFT JOIN clean.u y ON x.id >= y.id WHERE %1$s");

  private static final ParsedSql sql = open();

  private static ParsedSql open() {
    try {
      ParsedSql opened = new ParsedSql();
      opened.run("SET TimeZone = 'America/New_York'");
      opened.run("CREATE SCHEMA clean");
      return opened;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterContainer
  static void close() throws SQLException {
    sql.close();
  }

  @Property(tries = 250, seed = "42", shrinking = ShrinkingMode.OFF)
  void rowsThatMatterAreNeverFilteredOut(@ForAll long seed) throws SQLException {
    check(seed);
  }

  @Tag("soak")
  @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
  void rowsThatMatterAreNeverFilteredOutInManyWorlds(@ForAll long seed) throws SQLException {
    check(seed);
  }

  @Example
  void conditionsBecomeExpressionsWhereTheyAreSure() throws SQLException {
    says("i > 5", "ref(name=\"i\") > 5");
    says("i > 1.5", "ref(name=\"i\") >= 1");
    says("5 < l", "ref(name=\"L\") > 5");
    says("I IN (1, 2)", "ref(name=\"i\") in (1, 2)");
    says("i = '5'", "true");
    says("i = 99999999999", "true");
    says(
        "i BETWEEN 1 AND 3 AND b",
        "((ref(name=\"i\") >= 1 and ref(name=\"i\") <= 3) and ref(name=\"b\") == true)");
    says("s LIKE 'ab%'", "ref(name=\"s\") startsWith \"\"ab\"\"");
    says("s LIKE '%b'", "true");
    says("s COLLATE nocase = 'b'", "true");
    says("s = 'a' OR s = 'b'", "(ref(name=\"s\") == \"a\" or ref(name=\"s\") == \"b\")");
    says("s = 'a' OR upper(s) = 'B'", "true");
    says("d >= DATE '2025-01-02'", "ref(name=\"d\") >= 20090");
    says("d >= '2025-01-02'", "ref(name=\"d\") >= 20090");
    says("ts < TIMESTAMP '1970-01-01 00:00:01'", "ref(name=\"ts\") < 1000000");
    says("tz < '1970-01-01 00:00:01'", "true");
    says("tz < '1970-01-01 00:00:01Z'", "ref(name=\"tz\") < 1000000");
    says("n = 1.25", "ref(name=\"n\") == 1.25");
    says("n > 1.255", "ref(name=\"n\") >= 1.25");
    says("g = 0", "true");
    says("d IS NULL", "is_null(ref(name=\"d\"))");
    says("NOT b", "ref(name=\"b\") == false");
    says("x.i = 1 AND i + 1 = 2", "ref(name=\"i\") == 1");
    says("y.i = 1", "true");
  }

  private static void says(String condition, String expected) throws SQLException {
    CatalogNames names = new CatalogNames(List.of(TableName.parse("clean.t")));
    Resolved resolved = sql.guard("FROM clean.t x WHERE " + condition).resolve(names);
    assertThat(resolved.filters(reference -> SCHEMA))
        .extracting(Expression::toString)
        .as(condition)
        .containsExactly(expected);
  }

  private static void check(long seed) throws SQLException {
    Random random = new Random(seed);
    Map<String, List<List<Object[]>>> tables = new HashMap<>();
    tables.put("t", table(random, "t"));
    tables.put("u", table(random, "u"));
    String query = query(random);
    List<String> expected;
    try {
      expected = sql.rows(query);
    } catch (SQLException e) {
      return; // constants that do not fit their columns
    }
    CatalogNames names =
        new CatalogNames(List.of(TableName.parse("clean.t"), TableName.parse("clean.u")));
    Resolved resolved = sql.guard(query).resolve(names);
    List<Expression> filters = resolved.filters(reference -> SCHEMA);
    for (Resolved.View view : resolved.views()) {
      Expression any = Expressions.alwaysFalse();
      for (int i = 0; i < filters.size(); i++) {
        if (resolved.references().get(i).view().equals(view.name())) {
          any = Expressions.or(any, filters.get(i));
        }
      }
      keep(view, tables.getOrDefault(view.table().name(), List.of()), any);
    }
    List<String> actual;
    try {
      actual = sql.rows(sql.deserialize(resolved.json()));
    } catch (SQLException e) {
      // Which constants DuckDB converts at all depends on its plan, and that on the data.
      assertThat(e.getMessage()).contains("Conversion Error");
      return;
    }
    assertThat(actual).as("seed %s: %s with %s", seed, query, filters).isEqualTo(expected);
  }

  private static void keep(Resolved.View view, List<List<Object[]>> files, Expression filter)
      throws SQLException {
    InclusiveMetricsEvaluator metrics = new InclusiveMetricsEvaluator(SCHEMA, filter);
    Evaluator rows = new Evaluator(SCHEMA.asStruct(), filter);
    List<String> kept = new ArrayList<>(List.of("-1"));
    int number = 0;
    for (List<Object[]> file : files) {
      boolean read = metrics.eval(file(file));
      for (Object[] row : file) {
        if (read && rows.eval(new Row(row))) {
          kept.add(String.valueOf(number));
        }
        number++;
      }
    }
    sql.run(
        "CREATE OR REPLACE VIEW "
            + view.name()
            + " AS SELECT * FROM "
            + view.table()
            + " WHERE rowid IN ("
            + String.join(",", kept)
            + ")");
  }

  // Random tables.

  private static List<List<Object[]>> table(Random random, String name) throws SQLException {
    List<String> columns = new ArrayList<>();
    for (int c = 0; c < SQL_TYPES.size(); c++) {
      columns.add(SCHEMA.columns().get(c).name() + " " + SQL_TYPES.get(c));
    }
    sql.run("CREATE OR REPLACE TABLE clean." + name + "(" + String.join(",", columns) + ")");
    List<String> lines = new ArrayList<>();
    List<List<Object[]>> files = new ArrayList<>();
    for (int f = 0; f < FILES; f++) {
      List<Object[]> file = new ArrayList<>();
      for (int r = 0; r < ROWS_PER_FILE; r++) {
        file.add(row(random, lines));
      }
      files.add(file);
    }
    sql.run("INSERT INTO clean." + name + " VALUES " + String.join(",", lines));
    return files;
  }

  private static Object[] row(Random random, List<String> lines) {
    List<String> constants = new ArrayList<>();
    Object[] row = new Object[SCHEMA.columns().size()];
    for (int c = 0; c < row.length; c++) {
      Types.NestedField field = SCHEMA.columns().get(c);
      String constant =
          random.nextInt(5) == 0
              ? "NULL"
              : pick(random, VALUES.getOrDefault(field.name(), List.of()));
      constants.add(constant);
      row[c] = constant.equals("NULL") ? null : value(field.type(), constant);
    }
    lines.add("(" + String.join(",", constants) + ")");
    return row;
  }

  private static Object value(Type type, String constant) {
    String bare =
        constant.contains("'")
            ? constant.substring(constant.indexOf('\'') + 1, constant.lastIndexOf('\''))
            : constant;
    return switch (type.typeId()) {
      case INTEGER -> Integer.valueOf(bare);
      case LONG -> Long.valueOf(bare);
      case STRING -> bare;
      case DATE -> (int) LocalDate.parse(bare).toEpochDay();
      case TIMESTAMP -> micros(bare);
      case FLOAT -> number(constant, bare).floatValue();
      case DOUBLE -> number(constant, bare);
      case DECIMAL -> new BigDecimal(bare).setScale(2);
      case BOOLEAN -> Boolean.valueOf(bare);
      default -> throw new IllegalStateException(type.toString());
    };
  }

  private static Double number(String constant, String bare) {
    if (bare.equals("inf")) {
      return Double.POSITIVE_INFINITY;
    }
    // An unquoted -0.0 is a decimal, which has no negative zero.
    return constant.equals("-0.0") ? 0.0 : Double.parseDouble(bare);
  }

  private static long micros(String text) {
    int zone = text.indexOf('+');
    String local = (zone < 0 ? text : text.substring(0, zone)).replace(' ', 'T');
    ZoneOffset offset = zone < 0 ? ZoneOffset.UTC : ZoneOffset.of(text.substring(zone));
    return ChronoUnit.MICROS.between(
        LocalDateTime.of(1970, 1, 1, 0, 0).atOffset(ZoneOffset.UTC),
        LocalDateTime.parse(local).atOffset(offset));
  }

  // Random queries.

  private static String query(Random random) {
    String from = pick(random, FROM);
    String aliases = from.contains(" y") ? (from.contains(" z") ? "xyz" : "xy") : "x";
    StringBuilder text = new StringBuilder("SELECT * ");
    int at = 0;
    while (at < from.length()) {
      if (from.startsWith("%1$s", at) || from.startsWith("%2$s", at)) {
        String seen = from.startsWith("%2$s", at) ? "x" : visible(from, at, aliases);
        text.append('(').append(condition(random, seen, random.nextInt(3))).append(')');
        at += 4;
      } else {
        text.append(from.charAt(at++));
      }
    }
    return text.toString();
  }

  /** The aliases that a condition may name there. */
  private static String visible(String from, int at, String aliases) {
    boolean inNested = from.startsWith("FROM clean.t x LEFT JOIN (") && at < from.indexOf(')');
    boolean early = from.indexOf(" z ", at) > 0;
    if (inNested) {
      return "yz";
    }
    return early ? aliases.replace("z", "") : aliases;
  }

  private static String condition(Random random, String aliases, int depth) {
    int kind = random.nextInt(depth == 0 ? 1 : 4);
    return switch (kind) {
      case 1 ->
          "("
              + condition(random, aliases, depth - 1)
              + " OR "
              + condition(random, aliases, depth - 1)
              + ")";
      case 2 ->
          condition(random, aliases, depth - 1) + " AND " + condition(random, aliases, depth - 1);
      case 3 ->
          random.nextInt(3) == 0
              ? "NOT (" + condition(random, aliases, depth - 1) + ")"
              : atom(random, aliases);
      default -> atom(random, aliases);
    };
  }

  private static String atom(Random random, String aliases) {
    Types.NestedField field = pick(random, SCHEMA.columns());
    String qualifier = aliases.charAt(random.nextInt(aliases.length())) + ".";
    boolean bare = aliases.length() == 1 && random.nextBoolean();
    String column =
        (bare ? "" : qualifier)
            + (random.nextBoolean() ? field.name().toUpperCase(Locale.ROOT) : field.name());
    return switch (random.nextInt(10)) {
      case 0 -> column + " IS NULL";
      case 1 -> column + " IS NOT NULL";
      case 2 -> column + " BETWEEN " + constant(random, field) + " AND " + constant(random, field);
      case 3 ->
          column
              + (random.nextBoolean() ? " IN (" : " NOT IN (")
              + constant(random, field)
              + ", "
              + constant(random, field)
              + ")";
      case 4 -> field.name().equals("s") ? text(random, column) : comparison(random, column, field);
      case 5 ->
          field.name().equals("b")
              ? (random.nextBoolean() ? column : "NOT " + column)
              : comparison(random, column, field);
      case 6 -> constant(random, field) + pick(random, List.of(" < ", " >= ", " = ")) + column;
      default -> comparison(random, column, field);
    };
  }

  private static String text(Random random, String column) {
    return pick(
            random,
            List.of(
                "%s LIKE 'a%%'",
                "%s LIKE 'a_c'",
                "%s LIKE 'ab'",
                "%s LIKE '%%b'",
                "starts_with(%s, 'a')",
                "%s ^@ 'ab'",
                "%s NOT LIKE 'a%%'",
                "%s LIKE 'a\\%%'",
                "prefix(%s, '')",
                "%s COLLATE nocase = 'b'",
                "upper(%s) = 'A'"))
        .formatted(column);
  }

  private static String comparison(Random random, String column, Types.NestedField field) {
    String operator =
        pick(
            random,
            List.of("=", "<", "<=", ">", ">=", "<>", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"));
    return column + " " + operator + " " + constant(random, field);
  }

  private static String constant(Random random, Types.NestedField field) {
    return random.nextInt(4) == 0
        ? pick(random, STRANGE)
        : pick(random, VALUES.getOrDefault(field.name(), List.of()));
  }

  private static <T> T pick(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  // Rows and files as Iceberg sees them.

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Row(Object[] values) implements StructLike {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public <T> T get(int at, Class<T> type) {
      return type.cast(values[at]);
    }

    @Override
    public <T> void set(int at, T value) {
      throw new UnsupportedOperationException();
    }
  }

  /** Only what metrics tell: counts and bounds; bounds leave NaN out. */
  private static DataFile file(List<Object[]> rows) {
    Map<String, Object> answers = new HashMap<>();
    Map<Integer, Long> values = new HashMap<>();
    Map<Integer, Long> nulls = new HashMap<>();
    Map<Integer, Long> nans = new HashMap<>();
    Map<Integer, ByteBuffer> lower = new HashMap<>();
    Map<Integer, ByteBuffer> upper = new HashMap<>();
    for (int c = 0; c < SCHEMA.columns().size(); c++) {
      Types.NestedField field = SCHEMA.columns().get(c);
      int column = c;
      List<Object> all = rows.stream().map(row -> row[column]).toList();
      values.put(field.fieldId(), (long) all.size());
      nulls.put(field.fieldId(), all.stream().filter(v -> v == null).count());
      if (field.type().typeId() == Type.TypeID.FLOAT
          || field.type().typeId() == Type.TypeID.DOUBLE) {
        nans.put(field.fieldId(), all.stream().filter(FileFiltersTest::isNan).count());
      }
      Comparator<Object> order = Comparators.forType(field.type().asPrimitiveType());
      List<Object> bounded =
          all.stream().filter(v -> v != null && !isNan(v)).sorted(order).toList();
      if (!bounded.isEmpty()) {
        lower.put(field.fieldId(), Conversions.toByteBuffer(field.type(), bounded.get(0)));
        upper.put(
            field.fieldId(),
            Conversions.toByteBuffer(field.type(), bounded.get(bounded.size() - 1)));
      }
    }
    answers.put("recordCount", (long) rows.size());
    answers.put("valueCounts", values);
    answers.put("nullValueCounts", nulls);
    answers.put("nanValueCounts", nans);
    answers.put("lowerBounds", lower);
    answers.put("upperBounds", upper);
    return (DataFile)
        Proxy.newProxyInstance(
            DataFile.class.getClassLoader(),
            new Class<?>[] {DataFile.class},
            (proxy, method, arguments) -> {
              if (!answers.containsKey(method.getName())) {
                throw new UnsupportedOperationException(method.getName());
              }
              return answers.get(method.getName());
            });
  }

  private static boolean isNan(Object value) {
    return value instanceof Double d ? d.isNaN() : value instanceof Float f && f.isNaN();
  }
}
