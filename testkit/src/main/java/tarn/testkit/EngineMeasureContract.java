package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.column;
import static tarn.core.engine.plan.Expr.literal;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.engine.BuildJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.MeasureJob;
import tarn.core.engine.RawInput;
import tarn.core.engine.WriteMode;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Measure.Kind;
import tarn.core.engine.plan.Rule;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.DataChange;
import tarn.core.table.PartitionTransform;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.WrittenFile;

/** What every engine measures of a table with a load, before anything is committed. */
public abstract class EngineMeasureContract extends EngineFixture {
  private static final Schema SCORES =
      new Schema(
          Types.NestedField.optional(1, "k", Types.StringType.get()),
          Types.NestedField.optional(2, "n", Types.LongType.get()),
          Types.NestedField.optional(3, "price", Types.DecimalType.of(12, 2)),
          Types.NestedField.optional(4, "x", Types.DoubleType.get()));

  @Test
  void everyKindOfMeasure() {
    Expr isB = call(Fn.EQ, column("k"), literal("b"));
    Measure rows = of(Kind.ROWS, null);
    Measure rowsOfB = of(Kind.ROWS, isB);
    Measure present = of(Kind.PRESENT, null, "k", "n");
    Measure distinct = of(Kind.DISTINCT, null, "k");
    Measure pairs = of(Kind.DISTINCT, null, "k", "n");
    Measure single = of(Kind.SINGLE, null, "k");
    Measure singleOfB = of(Kind.SINGLE, isB, "k", "n");
    Measure sum = of(Kind.SUM, null, "price");
    Measure mean = of(Kind.MEAN, null, "n");
    Measure deviation = of(Kind.DEVIATION, null, "n");
    Measure entropy = of(Kind.ENTROPY, null, "k");
    Measure correlation = of(Kind.CORRELATION, null, "n", "x");
    Map<Measure, BigDecimal> seen =
        measured(
            """
            {"k":"a","n":1,"price":0.10,"x":2}
            {"k":"b","n":2,"price":0.20,"x":4}
            {"k":"b","n":2,"price":0.30,"x":4}
            {"k":"c","n":5,"x":10}
            {"k":null,"n":7,"price":1000000000.00}
            """,
            rows,
            rowsOfB,
            present,
            distinct,
            pairs,
            single,
            singleOfB,
            sum,
            mean,
            deviation,
            entropy,
            correlation);
    assertThat(seen.get(rows)).isEqualByComparingTo("5");
    assertThat(seen.get(rowsOfB)).isEqualByComparingTo("2");
    assertThat(seen.get(present)).isEqualByComparingTo("4");
    assertThat(seen.get(distinct)).isEqualByComparingTo("3");
    assertThat(seen.get(pairs)).isEqualByComparingTo("3");
    assertThat(seen.get(single)).isEqualByComparingTo("2");
    assertThat(seen.get(singleOfB)).isEqualByComparingTo("0");
    assertThat(seen.get(sum)).isEqualByComparingTo("1000000000.60");
    assertThat(seen.get(mean)).isEqualByComparingTo("3.4");
    assertThat(seen.get(deviation))
        .isCloseTo(new BigDecimal("2.244994"), within(new BigDecimal("1e-6")));
    assertThat(seen.get(entropy)).isCloseTo(new BigDecimal("1.5"), within(new BigDecimal("1e-9")));
    assertThat(seen.get(correlation))
        .isCloseTo(new BigDecimal("1.0"), within(new BigDecimal("1e-9")));
  }

  @Test
  void withoutRowsThereAreCountsAndSumsButNothingElse() {
    Measure rows = of(Kind.ROWS, null);
    Measure sum = of(Kind.SUM, null, "price");
    Map<Measure, BigDecimal> seen =
        measured(
            "{\"k\":null}\n",
            rows,
            sum,
            of(Kind.MEAN, null, "n"),
            of(Kind.DEVIATION, null, "n"),
            of(Kind.ENTROPY, null, "n"),
            of(Kind.CORRELATION, null, "n", "x"));
    assertThat(seen.keySet()).containsExactlyInAnyOrder(rows, sum);
    assertThat(seen.get(sum)).isEqualByComparingTo("0");
  }

  @Test
  void anotherTableIsLookedInto() {
    TableName other = world.table(SCORES, 3);
    EngineWorld.Plan upsert =
        EngineWorld.Plan.append(SCORES).with(new WriteMode.Upsert(List.of("k"), null, true));
    world.load(other, upsert, List.of(file("{\"k\":\"a\",\"n\":1}\n{\"k\":\"b\",\"n\":1}\n")));
    world.load(other, upsert, List.of(file("{\"k\":\"b\",\"n\":2}\n")));
    Measure found = new Measure.Found(List.of("k", "n"), other, List.of("k", "n"));
    Measure theirs = new Measure.OfRows(Kind.ROWS, List.of(), null, other);
    Map<Measure, BigDecimal> seen =
        measured(
            "{\"k\":\"a\",\"n\":1}\n{\"k\":\"b\",\"n\":1}\n{\"k\":\"b\",\"n\":2}\n{\"n\":2}\n",
            found,
            theirs);
    assertThat(seen.get(found)).isEqualByComparingTo("2");
    assertThat(seen.get(theirs)).isEqualByComparingTo("2");
  }

  @Test
  void rowsThatAnotherTableHasTooAreFoundByAKeyThatIsOne() {
    TableName other = world.table(SCORES, 2);
    world.load(
        other,
        EngineWorld.Plan.append(SCORES),
        List.of(
            file(
                "{\"k\":\"1\",\"n\":1,\"x\":1.5}\n{\"k\":\"2\",\"n\":2}\n{\"k\":\"3\",\"n\":3,\"x\":1}\n{\"k\":\"9\",\"n\":null}\n")));
    Measure.Pair key = new Measure.Pair("k", "K");
    Measure same =
        new Measure.Matched(
            List.of(key), other, List.of(new Measure.Pair("n", "n"), new Measure.Pair("x", "x")));
    Measure crossed = new Measure.Matched(List.of(key), other, List.of(new Measure.Pair("n", "k")));
    Measure keysOnly = new Measure.Matched(List.of(key), other, List.of());
    Measure theirKeyIsNone =
        new Measure.Matched(List.of(new Measure.Pair("k", "n")), other, List.of());
    String mine =
        "{\"k\":\"1\",\"n\":1,\"x\":1.5}\n{\"k\":\"2\",\"n\":2}\n{\"k\":\"3\",\"n\":3,\"x\":2}\n{\"k\":\"4\",\"n\":4}\n";
    Map<Measure, BigDecimal> seen = measured(mine, same, crossed, keysOnly, theirKeyIsNone);
    assertThat(seen.keySet()).containsExactlyInAnyOrder(same, crossed, keysOnly);
    assertThat(seen.get(same)).as("null is null").isEqualByComparingTo("2");
    assertThat(seen.get(crossed)).as("numbers and texts").isEqualByComparingTo("3");
    assertThat(seen.get(keysOnly)).isEqualByComparingTo("3");
    assertThat(measured(mine + "{\"k\":\"4\",\"n\":4}\n", same)).as("a key twice").isEmpty();
    assertThat(measured(mine + "{\"n\":4}\n", same)).as("no key").isEmpty();
    assertThatThrownBy(
            () ->
                measured(
                    mine,
                    new Measure.Matched(List.of(key), other, List.of(new Measure.Pair("n", "m")))))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
        .hasMessageContaining("compares 'm', and " + other + " has no such column");
  }

  @Test
  void whatIsWrittenAndNotCommittedIsMeasuredAlone() {
    TableName name = world.table(SCORES, 2);
    world.load(
        name,
        EngineWorld.Plan.append(SCORES),
        List.of(file("{\"k\":\"a\",\"n\":1}\n{\"k\":\"b\",\"n\":2}\n")));
    TableState state = world.state(name);
    Measure rows = of(Kind.ROWS, null);
    Measure sum = of(Kind.SUM, null, "n");
    List<WrittenFile> files =
        world
            .engine()
            .build(
                new BuildJob(
                    state,
                    "SELECT 'c' AS k, 5::BIGINT AS n, NULL::DECIMAL(12, 2) AS price, 1.5::DOUBLE AS x",
                    List.of(),
                    Duration.ofMinutes(1)));
    assertThat(measured(state, new DataChange.ReplaceAll(files), rows, sum).values())
        .extracting(BigDecimal::intValue)
        .containsExactlyInAnyOrder(1, 5);
    assertThat(measured(state, new DataChange.Append(files), rows, sum).values())
        .extracting(BigDecimal::intValue)
        .containsExactlyInAnyOrder(3, 8);
    assertThat(measured(state, new DataChange.ReplaceAll(List.of()), rows, sum).values())
        .extracting(BigDecimal::intValue)
        .containsExactlyInAnyOrder(0, 0);
    assertThat(world.rows(name)).hasSize(2);
  }

  private Map<Measure, BigDecimal> measured(
      TableState state, DataChange change, Measure... measures) {
    return world
        .engine()
        .measure(
            new MeasureJob(
                state,
                change,
                List.of(measures),
                () -> world.scan(state.name(), Expressions.alwaysTrue()),
                other -> world.scan(other, Expressions.alwaysTrue()),
                Duration.ofMinutes(1)));
  }

  /** How rows come into a table. */
  record Way(String name, int formatVersion, WriteMode mode, PartitionTransform... partition) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Way> ways() {
    return List.of(
        new Way("append", 2, new WriteMode.Append()),
        new Way("merge-on-read", 3, new WriteMode.Upsert(List.of("k"), "n", true)),
        new Way("position deletes", 2, new WriteMode.Upsert(List.of("k"), "n", true)),
        new Way("copy-on-write", 3, new WriteMode.Upsert(List.of("k"), "n", false)),
        new Way("overwrite", 2, new WriteMode.OverwritePartitions()),
        new Way(
            "overwrite partitions",
            2,
            new WriteMode.OverwritePartitions(),
            new PartitionTransform(PartitionTransform.Kind.IDENTITY, null, "k")));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void whatIsMeasuredIsWhatTheTableHasAfterTheCommit(Way way) {
    TableName table = world.table(SCORES, way.formatVersion(), way.partition());
    Measure rows = of(Kind.ROWS, null);
    Measure sum = of(Kind.SUM, call(Fn.NE, column("k"), literal("k0")), "n");
    Measure asked =
        new Measure.Asked(
            "SELECT count(*) FROM t0 WHERE k <> 'k0'", List.of(new Measure.Source("t0", table)));
    EngineWorld.Plan plan =
        EngineWorld.Plan.append(SCORES).with(way.mode()).measuring(List.of(rows, sum, asked));
    Random random = new Random(7);
    for (int batch = 0; batch < 5; batch++) {
      LoadResult result = world.load(table, plan, List.of(file(lines(random, batch))));
      JsonNode truth =
          world
              .query(
                  "SELECT count(*), coalesce(sum(n) FILTER (WHERE k <> 'k0'), 0), count(*) FILTER (WHERE k <> 'k0') FROM t",
                  table)
              .get(0);
      assertThat(result.measured().get(rows)).isEqualByComparingTo(truth.path(0).asText());
      assertThat(result.measured().get(sum)).isEqualByComparingTo(truth.path(1).asText());
      assertThat(result.measured().get(asked)).isEqualByComparingTo(truth.path(2).asText());
    }
  }

  @Test
  void rowsInQuarantineAreNotMeasuredAndCountedByReason() {
    Measure rows = of(Kind.ROWS, null);
    Rule rule = new Rule.Each("n > 1", "n", call(Fn.GT, column("n"), literal(1L)));
    LoadResult result =
        world.load(
            world.table(SCORES, 2),
            EngineWorld.Plan.append(SCORES).with(rule).measuring(List.of(rows)),
            List.of(file("{\"n\":1}\n{\"n\":2}\n{\"n\":\"x\"}\n{\"n\":0}\n")));
    assertThat(result.measured().get(rows)).isEqualByComparingTo("1");
    assertThat(result.reasons())
        .containsEntry(Rule.BREAKS + "n > 1", 2L)
        .containsEntry("not a long", 1L);
  }

  @Test
  void uniquenessLooksOnlyWhereItIsAsked() {
    TableName table = world.table(SCORES, 2);
    Expr where = call(Fn.GT, column("n"), literal(0L));
    EngineWorld.Plan plan =
        EngineWorld.Plan.append(SCORES).with(new Rule.Unique("IsUnique", List.of("k"), where));
    world.load(table, plan, List.of(file("{\"k\":\"a\",\"n\":0}\n{\"k\":\"b\",\"n\":1}\n")));
    world.load(
        table,
        plan,
        List.of(
            file(
                "{\"k\":\"a\",\"n\":1}\n{\"k\":\"b\",\"n\":2}\n{\"k\":\"b\",\"n\":0}\n{\"k\":\"a\",\"n\":3}\n")));
    assertThat(world.rows(table))
        .containsExactly(
            "[\"a\",0,null,null]",
            "[\"a\",1,null,null]",
            "[\"b\",0,null,null]",
            "[\"b\",1,null,null]");
    assertThat(world.rejects(table)).hasSize(2);
  }

  @Test
  void fitsMeansAnExactMeaningInTheType() {
    Expr fits = new Expr.Fits(column("k"), Types.IntegerType.get());
    Map<Measure, BigDecimal> seen =
        measured(
            "{\"k\":\"1\"}\n{\"k\":\"1.5\"}\n{\"k\":\"1.0\"}\n{\"k\":\"x\"}\n{\"k\":\"3000000000\"}\n{\"k\":null}\n",
            of(Kind.ROWS, fits),
            of(Kind.ROWS, call(Fn.IS_NULL, fits)));
    assertThat(seen.get(of(Kind.ROWS, fits))).isEqualByComparingTo("2");
    assertThat(seen.get(of(Kind.ROWS, call(Fn.IS_NULL, fits)))).isEqualByComparingTo("1");
  }

  @Test
  void aQueryGivesItsNumberOrNone() {
    TableName other = world.table(SCORES, 2);
    world.load(other, EngineWorld.Plan.append(SCORES), List.of(file("{\"n\":3}\n{\"n\":4}\n")));
    List<Measure.Source> two = List.of(new Measure.Source("t1", other));
    Measure sum = new Measure.Asked("SELECT sum(n) FROM t1", two);
    Measure nothing = new Measure.Asked("SELECT max(n) FROM t1 WHERE n > 9", two);
    Measure noRow = new Measure.Asked("SELECT n FROM t1 WHERE n > 9", two);
    Measure fraction = new Measure.Asked("SELECT avg(n) FROM t1", two);
    Map<Measure, BigDecimal> seen = measured("{\"n\":1}\n", sum, nothing, noRow, fraction);
    assertThat(seen.keySet()).containsExactlyInAnyOrder(sum, fraction);
    assertThat(seen.get(sum)).isEqualByComparingTo("7");
    assertThat(seen.get(fraction)).isEqualByComparingTo("3.5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SELECT n FROM t1", "SELECT 1, 2", "SELECT 'one 1'", "SELECT true"})
  void aQueryThatGivesNoNumberFailsTheLoad(String sql) {
    TableName other = world.table(SCORES, 2);
    world.load(other, EngineWorld.Plan.append(SCORES), List.of(file("{\"n\":3}\n{\"n\":4}\n")));
    Measure asked = new Measure.Asked(sql, List.of(new Measure.Source("t1", other)));
    assertThatThrownBy(() -> measured("{\"n\":1}\n", asked))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
        .hasMessageContaining("one row with one number");
  }

  /** The guard would refuse it; the wall behind the guard stands by itself. */
  @Test
  void aQueryReachesNoFileButThoseOfItsTables() {
    Measure asked = new Measure.Asked("SELECT count(*) FROM read_text('/etc/hosts')", List.of());
    assertThatThrownBy(() -> measured("{\"n\":1}\n", asked))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("/etc/hosts");
  }

  private static String lines(Random random, int batch) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      lines.add(
          "{\"k\":\"k"
              + random.nextInt(6)
              + "\",\"n\":"
              + (batch * 3 + random.nextInt(9))
              + ",\"x\":1.5}\n");
    }
    return String.join("", lines);
  }

  private Map<Measure, BigDecimal> measured(String json, Measure... measures) {
    return world
        .load(
            world.table(SCORES, 2),
            EngineWorld.Plan.append(SCORES).measuring(List.of(measures)),
            List.of(file(json)))
        .measured();
  }

  private static Measure of(Kind kind, @Nullable Expr where, String... columns) {
    return new Measure.OfRows(kind, List.of(columns), where, null);
  }

  private RawInput file(String json) {
    return world.readable("f.json", json.getBytes(StandardCharsets.UTF_8));
  }
}
