package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tarn.core.engine.LoadResult;
import tarn.core.engine.RawInput;
import tarn.core.engine.RewriteJob;
import tarn.core.engine.WriteMode;
import tarn.core.engine.plan.Rule;
import tarn.core.table.DataChange;
import tarn.core.table.PartitionTransform;
import tarn.core.table.Scan;
import tarn.core.table.TableName;
import tarn.core.table.TableState;

/** What every engine keeps of rows that replace others. */
public abstract class EngineUpsertContract extends EngineFixture {
  private static final int BATCHES = 4;
  private static final Schema VERSIONS =
      new Schema(
          Types.NestedField.optional(1, "a", Types.StringType.get()),
          Types.NestedField.optional(2, "b", Types.LongType.get()),
          Types.NestedField.optional(3, "ord", Types.LongType.get()),
          Types.NestedField.optional(4, "v", Types.LongType.get()));

  /** A version of a key, as it lands. */
  private record Version(@Nullable String a, @Nullable Long b, @Nullable Long ord, long v) {
    String json() {
      return "{\"a\":"
          + (a == null ? "null" : "\"" + a + "\"")
          + ",\"b\":"
          + b
          + ",\"ord\":"
          + ord
          + ",\"v\":"
          + v
          + "}\n";
    }

    String row() {
      return "[" + (a == null ? "null" : "\"" + a + "\"") + "," + b + "," + ord + "," + v + "]";
    }

    boolean olderThan(Version other) {
      return other.ord != null && (ord == null || ord < other.ord);
    }
  }

  /** Merge-on-read, position deletes and copy-on-write give what a map in memory gives. */
  @ParameterizedTest
  @CsvSource({
    "1,3,true,true,a,false",
    "2,3,true,false,a+b,true",
    "3,2,true,true,a+b,false",
    "4,2,true,false,b,true",
    "5,2,false,true,a+b,true",
    "6,3,false,false,a,false",
    "7,3,true,true,b,true"
  })
  void theNewestVersionOfEachKeyStays(
      long seed,
      int format,
      boolean mergeOnRead,
      boolean ordered,
      String keys,
      boolean partitioned) {
    Random random = new Random(seed);
    List<String> key = List.of(keys.split("\\+"));
    TableName table =
        partitioned
            ? world.table(
                VERSIONS,
                format,
                new PartitionTransform(PartitionTransform.Kind.IDENTITY, null, "a"))
            : world.table(VERSIONS, format);
    EngineWorld.Plan plan =
        EngineWorld.Plan.append(VERSIONS)
            .with(new WriteMode.Upsert(key, ordered ? "ord" : null, mergeOnRead));
    Map<List<@Nullable Object>, Version> expected = new HashMap<>();
    for (int batch = 0; batch < BATCHES; batch++) {
      List<Version> versions = versions(random, batch);
      versions.forEach(
          v ->
              expected.merge(
                  keyOf(v, key), v, (old, now) -> ordered && now.olderThan(old) ? old : now));
      LoadResult result = world.load(table, plan, files(versions, random));
      conserves(result);
      assertThat(world.rows(table)).as("batch %d", batch).isEqualTo(rows(expected));
    }
    rewrite(table);
    assertThat(world.rows(table)).isEqualTo(rows(expected));
    assertThat(world.scan(table, Expressions.alwaysTrue()).files())
        .allSatisfy(f -> assertThat(f.deletes()).isEmpty());
  }

  private void rewrite(TableName table) {
    Scan scan = world.scan(table, Expressions.alwaysTrue());
    TableState state = world.state(table);
    world.commit(
        state,
        new DataChange.Rewrite(
            scan.files(),
            world.engine().rewrite(new RewriteJob(state, scan.files(), EngineWorld.TIMEOUT))),
        "compact");
  }

  @Test
  void aSecondRowWithAUniqueValueIsRejectedAlsoAgainstRowsThatAreThere() {
    TableName table = world.table(VERSIONS, 2);
    EngineWorld.Plan plan =
        EngineWorld.Plan.append(VERSIONS).with(new Rule.Unique("IsUnique \"b\"", List.of("b")));
    world.load(
        table, plan, List.of(file("{\"a\":\"x\",\"b\":1}\n{\"a\":\"n1\"}\n{\"a\":\"n2\"}\n")));
    LoadResult result =
        world.load(
            table,
            plan,
            List.of(
                file("{\"a\":\"y\",\"b\":1}\n{\"a\":\"z\",\"b\":2}\n"),
                file("{\"a\":\"u\",\"b\":2}\n")));
    assertThat(world.rows(table))
        .containsExactly(
            "[\"n1\",null,null,null]",
            "[\"n2\",null,null,null]",
            "[\"x\",1,null,null]",
            "[\"z\",2,null,null]");
    assertThat(world.rejects(table))
        .extracting(r -> new String(r.bytes(), StandardCharsets.UTF_8))
        .containsExactlyInAnyOrder("{\"a\":\"y\",\"b\":1}", "{\"a\":\"u\",\"b\":2}");
    assertThat(world.rejects(table)).allSatisfy(r -> assertThat(r.reason()).contains("IsUnique"));
    conserves(result);
  }

  @Test
  void aNewerVersionOfAKeyIsNoSecondRowOfItsUniqueValue() {
    TableName table = world.table(VERSIONS, 3);
    EngineWorld.Plan plan =
        EngineWorld.Plan.append(VERSIONS)
            .with(new WriteMode.Upsert(List.of("a"), null, true))
            .with(new Rule.Unique("IsUnique \"b\"", List.of("b")));
    world.load(table, plan, List.of(file("{\"a\":\"x\",\"b\":1}\n")));
    world.load(
        table, plan, List.of(file("{\"a\":\"x\",\"b\":1,\"v\":2}\n{\"a\":\"y\",\"b\":1}\n")));
    assertThat(world.rows(table)).containsExactly("[\"x\",1,null,2]");
    assertThat(world.rejects(table)).hasSize(1);
  }

  private static List<Version> versions(Random random, int batch) {
    String[] names = {"k1", "k2", "", "é😀", "K1", null};
    List<Version> versions = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Long b = random.nextInt(5) == 0 ? null : Long.valueOf(random.nextInt(3));
      Long ord = random.nextInt(5) == 0 ? null : Long.valueOf(random.nextInt(6) - 2);
      versions.add(new Version(names[random.nextInt(names.length)], b, ord, batch * 100L + i));
    }
    return versions;
  }

  private List<RawInput> files(List<Version> versions, Random random) {
    int cut = random.nextInt(versions.size() - 1) + 1;
    String broken = random.nextBoolean() ? "{\"broken\n" : "";
    return List.of(
        file(text(versions.subList(0, cut)) + broken),
        file(text(versions.subList(cut, versions.size()))));
  }

  private static String text(List<Version> versions) {
    StringBuilder text = new StringBuilder();
    versions.forEach(v -> text.append(v.json()));
    return text.toString();
  }

  private RawInput file(String json) {
    return world.readable("f.json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static List<@Nullable Object> keyOf(Version version, List<String> key) {
    List<@Nullable Object> values = new ArrayList<>();
    key.forEach(k -> values.add(k.equals("a") ? version.a() : version.b()));
    return values;
  }

  private static List<String> rows(Map<List<@Nullable Object>, Version> expected) {
    return expected.values().stream().map(Version::row).sorted().toList();
  }
}
