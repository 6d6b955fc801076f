package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.transforms.Transforms;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tarn.core.engine.RawInput;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.SecretReference;
import tarn.core.engine.plan.Step;
import tarn.core.storage.ObjectKey;
import tarn.core.table.PartitionTransform;
import tarn.core.table.PartitionTransform.Kind;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;
import tarn.core.table.SchemaChange;
import tarn.core.table.TableName;

/**
 * What every engine keeps of tables: partitions, bounds, changes of columns, and what functions
 * mean.
 */
public abstract class EngineTableContract extends EngineFixture {

  static Stream<Arguments> partitions() {
    List<String> whole = List.of("0", "1", "-1", "7", "-10", "10", "2147483647", "-2147483640");
    List<String> texts =
        List.of(
            "a",
            "abc",
            "abcd",
            "",
            "é",
            "😀😀x",
            "a😀b😀",
            "\uffee😀",
            "ﬁ",
            "e\u0301e\u0301e\u0301");
    List<String> decimals =
        List.of("0.00", "0.01", "-0.01", "10.00", "-10.05", "9999999.99", "-9999990.00");
    List<String> dates =
        List.of("1970-01-01", "1969-12-31", "2024-02-29", "1899-12-31", "0001-01-01", "9999-12-31");
    List<String> times =
        List.of(
            "1970-01-01T00:00:00",
            "1969-12-31T23:59:59.999999",
            "1969-12-31T00:00:00",
            "2024-02-29T23:59:59.999999",
            "1600-03-01T00:30:00",
            "9999-12-31T23:59:59.999999",
            "9999-12-31T23:00:00");
    List<Arguments> all = new ArrayList<>();
    for (Type type : List.of(Types.IntegerType.get(), Types.LongType.get())) {
      add(all, type, whole, "identity", "bucket[16]", "truncate[10]", "truncate[7]");
    }
    add(all, Types.StringType.get(), texts, "identity", "bucket[16]", "truncate[2]");
    add(all, Types.DecimalType.of(9, 2), decimals, "identity", "bucket[16]", "truncate[10]");
    add(all, Types.DecimalType.of(20, 2), decimals, "bucket[16]", "truncate[1000]");
    add(all, Types.DateType.get(), dates, "identity", "year", "month", "day", "bucket[16]");
    add(
        all,
        Types.TimestampType.withoutZone(),
        times,
        "identity",
        "year",
        "month",
        "day",
        "hour",
        "bucket[16]");
    add(
        all,
        Types.TimestampType.withZone(),
        times.stream().map(t -> t + "+00:00").toList(),
        "identity",
        "hour",
        "bucket[16]");
    add(all, Types.BooleanType.get(), List.of("true", "false"), "identity");
    return all.stream();
  }

  private static void add(
      List<Arguments> all, Type type, List<String> values, String... transforms) {
    for (String transform : transforms) {
      all.add(Arguments.of(type, transform, values));
    }
  }

  /** Each file's partition is what Iceberg computes of its rows, and no filter loses a row. */
  @ParameterizedTest
  @MethodSource("partitions")
  void partitionsAndBoundsAreIcebergs(Type type, String transform, List<String> values) {
    Schema schema =
        new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "v", type));
    TableName table = world.table(schema, 2, parse(transform));
    StringBuilder json = new StringBuilder("{\"id\":" + values.size() + "}\n");
    for (int i = 0; i < values.size(); i++) {
      json.append("{\"id\":").append(i).append(",\"v\":\"").append(values.get(i)).append("\"}\n");
    }
    conserves(load(table, schema, file(json.toString())));
    Scan all = world.scan(table, Expressions.alwaysTrue());
    List<Long> seen = new ArrayList<>();
    Map<ObjectKey, Set<Long>> ids = new HashMap<>();
    for (ScanFile file : all.files()) {
      for (JsonNode row : world.query("SELECT id FROM t", of(all, List.of(file)))) {
        int id = row.path(0).asInt();
        seen.add((long) id);
        ids.computeIfAbsent(file.key(), k -> new TreeSet<>()).add((long) id);
        Object expected =
            id == values.size() ? null : expected(type, transform, internal(type, values.get(id)));
        assertThat(String.valueOf(file.partition().get(0)))
            .as("%s of %s", transform, id == values.size() ? "null" : values.get(id))
            .isEqualTo(String.valueOf(expected));
      }
    }
    assertThat(seen).hasSize(values.size() + 1);
    if (type.typeId() != Type.TypeID.BOOLEAN) {
      values.forEach(v -> noFilterLosesRows(table, ids, type, values, v));
    }
  }

  private void noFilterLosesRows(
      TableName table,
      Map<ObjectKey, Set<Long>> ids,
      Type type,
      List<String> values,
      String constant) {
    Object value = type.typeId() == Type.TypeID.DECIMAL ? new BigDecimal(constant) : constant;
    if (type.typeId() == Type.TypeID.INTEGER || type.typeId() == Type.TypeID.LONG) {
      value = Long.valueOf(constant);
    }
    check(table, ids, type, values, constant, Expressions.equal("v", value), Set.of(0));
    check(table, ids, type, values, constant, Expressions.lessThan("v", value), Set.of(-1));
    check(table, ids, type, values, constant, Expressions.greaterThan("v", value), Set.of(1));
  }

  private void check(
      TableName table,
      Map<ObjectKey, Set<Long>> ids,
      Type type,
      List<String> values,
      String constant,
      Expression filter,
      Set<Integer> signs) {
    Set<Long> wanted = new TreeSet<>();
    for (int i = 0; i < values.size(); i++) {
      int sign =
          Comparators.<Object>forType(type.asPrimitiveType())
              .compare(internal(type, values.get(i)), internal(type, constant));
      if (signs.contains(Integer.signum(sign))) {
        wanted.add((long) i);
      }
    }
    Scan scan = world.scan(table, filter);
    Set<Long> found = new TreeSet<>();
    scan.files().forEach(f -> found.addAll(ids.getOrDefault(f.key(), Set.of())));
    assertThat(found).as("%s", filter).containsAll(wanted);
  }

  private static Object internal(Type type, String text) {
    Literal<?> literal =
        Literal.of(text)
            .to(
                type.typeId() == Type.TypeID.INTEGER || type.typeId() == Type.TypeID.LONG
                    ? Types.StringType.get()
                    : type);
    return switch (type.typeId()) {
      case INTEGER -> Integer.valueOf(text);
      case LONG -> Long.valueOf(text);
      case BOOLEAN -> Boolean.valueOf(text);
      case DECIMAL -> new BigDecimal(text);
      default -> literal.value();
    };
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static @Nullable Object expected(Type type, String transform, Object value) {
    return ((org.apache.iceberg.transforms.Transform) Transforms.fromString(transform))
        .bind(type)
        .apply(value);
  }

  private static PartitionTransform parse(String transform) {
    int bracket = transform.indexOf('[');
    if (bracket < 0) {
      return new PartitionTransform(
          Kind.valueOf(transform.toUpperCase(java.util.Locale.ROOT)), null, "v");
    }
    return new PartitionTransform(
        Kind.valueOf(transform.substring(0, bracket).toUpperCase(java.util.Locale.ROOT)),
        Integer.valueOf(transform.substring(bracket + 1, transform.length() - 1)),
        "v");
  }

  @Test
  void boundsLeaveOutFilesThatCannotMatch() {
    Schema schema =
        new Schema(
            Types.NestedField.optional(1, "s", Types.StringType.get()),
            Types.NestedField.optional(2, "n", Types.LongType.get()));
    TableName table = world.table(schema, 2);
    load(table, schema, file("{\"s\":\"" + "x".repeat(100) + "\",\"n\":1}\n"));
    load(table, schema, file("{\"s\":\"" + "z".repeat(100) + "\",\"n\":2}\n{\"n\":3}\n"));
    assertThat(world.scan(table, Expressions.equal("s", "x".repeat(100))).files()).hasSize(1);
    assertThat(world.scan(table, Expressions.greaterThan("n", 1L)).files()).hasSize(1);
    assertThat(world.scan(table, Expressions.isNull("s")).files()).hasSize(1);
    assertThat(world.scan(table, Expressions.greaterThan("n", 3L)).files()).isEmpty();
  }

  @Test
  void oldFilesAreReadByFieldIdAfterColumnsChange() {
    Type struct =
        Types.StructType.of(
            Types.NestedField.optional(10, "x", Types.IntegerType.get()),
            Types.NestedField.optional(11, "y", Types.StringType.get()));
    Schema schema =
        new Schema(
            Types.NestedField.optional(1, "a", Types.IntegerType.get()),
            Types.NestedField.optional(2, "b", Types.StringType.get()),
            Types.NestedField.optional(3, "c", Types.StringType.get()),
            Types.NestedField.optional(4, "st", struct),
            Types.NestedField.optional(5, "f", Types.FloatType.get()),
            Types.NestedField.optional(6, "d", Types.DecimalType.of(5, 2)));
    TableName table = world.table(schema, 2);
    load(
        table,
        schema,
        file(
            "{\"a\":1,\"b\":\"b1\",\"c\":\"c1\",\"st\":{\"x\":1,\"y\":\"y1\"},\"f\":1.5,\"d\":1.25}\n"));
    world
        .tables()
        .evolve(
            world.state(table),
            new SchemaChange(
                List.of(new SchemaChange.Rename("b", "bb"), new SchemaChange.Rename("c", "b")),
                List.of("st"),
                List.of(
                    new SchemaChange.Column("a", Types.LongType.get()),
                    new SchemaChange.Column("f", Types.DoubleType.get()),
                    new SchemaChange.Column("d", Types.DecimalType.of(9, 2))),
                List.of(new SchemaChange.Column("e", Types.LongType.get()))));
    Schema now = world.state(table).schema();
    load(
        table,
        now,
        file("{\"a\":3000000000,\"bb\":\"bb2\",\"b\":\"b2\",\"f\":2.5,\"d\":1000.25,\"e\":7}\n"));
    List<String> rows =
        world.query("SELECT a, bb, b, f, d, e FROM t ORDER BY a", table).stream()
            .map(JsonNode::toString)
            .toList();
    assertThat(rows)
        .containsExactly(
            "[1,\"b1\",\"c1\",1.5,1.25,null]", "[3000000000,\"bb2\",\"b2\",2.5,1000.25,7]");
  }

  /** One row of values and one of nulls, through every function. */
  @Test
  void functionsMeanTheSameInEveryEngine(@TempDir Path temp) throws IOException {
    Path key = Files.writeString(temp.resolve("key"), "Jefe\n");
    Expr s = Expr.column("s");
    Expr n = Expr.column("n");
    Expr d = Expr.column("d");
    Expr p = Expr.column("p");
    Expr nothing = Expr.call(Fn.REPLACE, s, Expr.literal(null), Expr.literal(""));
    List<Case> cases =
        List.of(
            new Case(Fn.EQ, "true", "null", n, Expr.literal(7L)),
            new Case(Fn.NE, "false", "null", n, Expr.literal(7L)),
            new Case(Fn.LT, "false", "null", n, Expr.literal(7L)),
            new Case(Fn.LE, "true", "null", n, Expr.literal(7L)),
            new Case(Fn.GT, "false", "null", n, Expr.literal(7L)),
            new Case(Fn.GE, "true", "null", n, Expr.literal(7L)),
            new Case(Fn.GE, "true", "null", d, Expr.literal("2025-01-01")),
            new Case(Fn.LT, "false", "null", d, Expr.literal("2025-01-02")),
            new Case(Fn.AND, "true", "null", Expr.call(Fn.EQ, n, n), Expr.literal(true)),
            new Case(Fn.AND, "false", "false", Expr.call(Fn.EQ, n, n), Expr.literal(false)),
            new Case(Fn.OR, "true", "true", Expr.call(Fn.EQ, n, n), Expr.literal(true)),
            new Case(Fn.NOT, "false", "null", Expr.call(Fn.EQ, n, n)),
            new Case(Fn.IS_NULL, "false", "true", s),
            new Case(Fn.IN, "true", "null", n, Expr.literal(1L), Expr.literal(7L)),
            new Case(Fn.IN, "false", "null", s, Expr.literal("x")),
            new Case(Fn.ADD, "9", "null", n, Expr.literal(2L)),
            new Case(Fn.SUBTRACT, "5", "null", n, Expr.literal(2L)),
            new Case(Fn.MULTIPLY, "14", "null", n, Expr.literal(2L)),
            new Case(Fn.DIVIDE, "3.5", "null", n, Expr.literal(2L)),
            new Case(Fn.DIVIDE, "null", "null", n, Expr.literal(0L)),
            new Case(Fn.ROUND, "2.5", "null", p, Expr.literal(1L)),
            new Case(
                Fn.ROUND,
                "-2.5",
                "null",
                Expr.call(Fn.SUBTRACT, Expr.literal(new BigDecimal("0.00")), p),
                Expr.literal(1L)),
            new Case(Fn.UPPER, "  ÉA B😀  ", "null", s),
            new Case(Fn.LOWER, "  éa b😀  ", "null", s),
            new Case(Fn.CAPITALIZE, "  Éa B😀  ", "null", s),
            new Case(Fn.TRIM, "éa b😀", "null", s),
            new Case(Fn.TRIM, "x", "x", Expr.literal("\u00a0\t x\u2003\n")),
            new Case(Fn.LENGTH, "9", "null", s),
            new Case(Fn.CONCAT, "  éa b😀  !", "null", s, Expr.literal("!")),
            new Case(Fn.REPLACE, "--éa-b😀--", "null", s, Expr.literal(" "), Expr.literal("-")),
            new Case(
                Fn.REGEXP_REPLACE,
                "  éa [b]😀  ",
                "null",
                s,
                Expr.literal("(b)"),
                Expr.literal("[\\1]")),
            new Case(Fn.REGEXP_MATCHES, "false", "null", s, Expr.literal("b")),
            new Case(Fn.REGEXP_MATCHES, "true", "null", s, Expr.literal(".*b.*")),
            new Case(Fn.STARTS_WITH, "true", "null", s, Expr.literal("  é")),
            new Case(Fn.ENDS_WITH, "true", "null", s, Expr.literal("😀  ")),
            new Case(Fn.CONTAINS, "true", "null", s, Expr.literal("a b")),
            new Case(Fn.SUBSTRING, "éa", "null", s, Expr.literal(3L), Expr.literal(2L)),
            new Case(Fn.SUBSTRING, "😀", "null", s, Expr.literal(7L), Expr.literal(1L)),
            new Case(Fn.COALESCE, "7", "0", n, Expr.literal(0L)),
            new Case(
                Fn.IF,
                "yes",
                "no",
                Expr.call(Fn.EQ, n, n),
                Expr.literal("yes"),
                Expr.literal("no")),
            new Case(
                Fn.SHA256,
                "7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451",
                "null",
                n),
            new Case(Fn.ABS, "7", "null", Expr.call(Fn.SUBTRACT, Expr.literal(0L), n)),
            new Case(Fn.CEIL, "7", "null", n),
            new Case(Fn.CEIL, "3.00", "null", p),
            new Case(Fn.FLOOR, "7", "null", n),
            new Case(
                Fn.FLOOR,
                "-3.00",
                "null",
                Expr.call(Fn.SUBTRACT, Expr.literal(new BigDecimal("0.00")), p)),
            new Case(Fn.MODULO, "3", "null", n, Expr.literal(4L)),
            new Case(Fn.MODULO, "null", "null", n, Expr.literal(0L)),
            new Case(Fn.POWER, "49.0", "null", n, Expr.literal(2L)),
            new Case(Fn.POWER, "null", "null", n, Expr.literal(999L)),
            new Case(Fn.SQUARE_ROOT, "3.0", "null", Expr.call(Fn.ADD, n, Expr.literal(2L))),
            new Case(Fn.SQUARE_ROOT, "null", "null", Expr.call(Fn.SUBTRACT, n, Expr.literal(8L))),
            new Case(Fn.LN, "0.0", "null", Expr.call(Fn.SUBTRACT, n, Expr.literal(6L))),
            new Case(Fn.LN, "null", "null", Expr.call(Fn.SUBTRACT, n, Expr.literal(7L))),
            new Case(
                Fn.LOG, "3.0", "null", Expr.call(Fn.ADD, n, Expr.literal(1L)), Expr.literal(2L)),
            new Case(
                Fn.REGEXP_EXTRACT, "b", "null", s, Expr.literal("([a-z]) (b)"), Expr.literal(2L)),
            new Case(Fn.REGEXP_EXTRACT, "null", "null", s, Expr.literal("x"), Expr.literal(0L)),
            new Case(Fn.SPLIT_PART, " b😀  ", "null", s, Expr.literal("a"), Expr.literal(2L)),
            new Case(Fn.SPLIT_PART, "null", "null", s, Expr.literal("a"), Expr.literal(3L)),
            new Case(Fn.TIME_PART, "4", "null", Expr.literal("WEEKDAY"), d),
            new Case(Fn.TIME_PART, "1", "null", Expr.literal("WEEK"), d),
            new Case(
                Fn.TIME_ADD,
                "2024-12-02 00:00:00",
                "null",
                Expr.literal("MONTHS"),
                Expr.literal(-1L),
                d),
            new Case(
                Fn.TIME_BETWEEN,
                "29",
                "null",
                Expr.literal("HOURS"),
                d,
                Expr.call(Fn.TIME_ADD, Expr.literal("MINUTES"), Expr.literal(1799L), d)),
            new Case(
                Fn.TIME_TEXT, "2 January 2025 00:00", "null", d, Expr.literal("d MMMM yyyy HH:mm")),
            new Case(Fn.EPOCH, "1735776000", "null", d),
            new Case(Fn.FROM_EPOCH, "1970-01-01 00:00:07", "null", n),
            new Case(
                Fn.FIELD,
                "7",
                "null",
                Expr.call(Fn.STRUCT, Expr.literal("a b"), n, Expr.literal("c"), s),
                Expr.literal("a b")),
            new Case(
                Fn.FIELD,
                "7",
                "null",
                Expr.call(Fn.MAP, Expr.literal("a"), n, Expr.literal("b"), Expr.literal(1L)),
                Expr.literal("a")),
            new Case(Fn.IS_NULL, "false", "false", Expr.call(Fn.ARRAY, n, n)),
            new Case(
                Fn.HMAC_SHA256,
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                new Expr.Secret(new SecretReference("file:" + key)),
                Expr.literal("what do ya want for nothing?")),
            new Case(
                Fn.COALESCE,
                "x",
                "x",
                Expr.call(
                    Fn.HMAC_SHA256, new Expr.Secret(new SecretReference("file:" + key)), nothing),
                Expr.literal("x")));
    List<Step.Named> columns = new ArrayList<>();
    List<Types.NestedField> fields = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      Expr call = new Expr.Call(cases.get(i).function, cases.get(i).arguments);
      columns.add(
          new Step.Named("c" + i, new Expr.Cast(call, Types.StringType.get(), "c" + i, null)));
      fields.add(Types.NestedField.optional(i + 1, "c" + i, Types.StringType.get()));
    }
    Schema input =
        new Schema(
            Types.NestedField.optional(1, "s", Types.StringType.get()),
                Types.NestedField.optional(2, "n", Types.LongType.get()),
            Types.NestedField.optional(3, "d", Types.DateType.get()),
                Types.NestedField.optional(4, "p", Types.DecimalType.of(9, 2)));
    TableName table = world.table(new Schema(fields), 2);
    EngineWorld.Plan plan = EngineWorld.Plan.append(input).with(new Step.Project(columns));
    world.load(
        table,
        plan,
        List.of(file("{\"s\":\"  éa b😀  \",\"n\":7,\"d\":\"2025-01-02\",\"p\":2.45}\n")));
    world.load(table, plan, List.of(file("{}\n")));
    List<JsonNode> rows = world.query("SELECT * FROM t ORDER BY c0 NULLS LAST", table);
    for (int i = 0; i < cases.size(); i++) {
      assertThat(rows.get(0).path(i).asText()).as("%s", cases.get(i)).isEqualTo(cases.get(i).value);
      assertThat(rows.get(1).path(i).asText())
          .as("%s of null", cases.get(i))
          .isEqualTo(cases.get(i).ofNull);
    }
    Set<Fn> tried = EnumSet.noneOf(Fn.class);
    cases.forEach(c -> functions(new Expr.Call(c.function, c.arguments), tried));
    assertThat(tried).containsExactlyInAnyOrder(Fn.values());
  }

  private static void functions(Expr expr, Set<Fn> found) {
    if (expr instanceof Expr.Call call) {
      found.add(call.function());
      call.arguments().forEach(argument -> functions(argument, found));
    }
  }

  /** A call and what it gives for the row of values and for the row of nulls. */
  private record Case(Fn function, String value, String ofNull, List<Expr> arguments) {
    Case(Fn function, String value, String ofNull, Expr... arguments) {
      this(function, value, ofNull, List.of(arguments));
    }
  }

  private static Scan of(Scan scan, List<ScanFile> files) {
    return new Scan(scan.table(), scan.snapshotId(), scan.schema(), files, files.size());
  }

  private RawInput file(String json) {
    return world.readable("f.json", json.getBytes(StandardCharsets.UTF_8));
  }
}
