package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.api.ChangesRequest;
import tarn.api.MaintainRequest;
import tarn.api.RunRequest;
import tarn.api.TableDetail;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.TableName;
import tarn.testkit.S3Fixture;
import tarn.testkit.SourcePostgres;

/** What happened to a table's rows, of every kind of table. */
class ChangesTest {
  private static final int SEED = 7;
  private static final int STEPS = 8;
  private static final int KEYS = 12;
  private static final List<String> KEYED = List.of("vectors", "positions", "copied", "items");

  @TempDir private static Path engines;
  private static CrashingWorld.WarmEngine engine;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    engine = new CrashingWorld.WarmEngine(engines);
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  private static String[] definitions() {
    String columns = "from: things\ncolumns: {id: long, v: long, extra: long}\n";
    String key = "key: [id]\n";
    return new String[] {
      "tables/vectors.yaml", columns + key,
      "tables/positions.yaml", columns + key + "format_version: 2\n",
      "tables/copied.yaml", columns + key + "merge: copy-on-write\n",
      "tables/log.yaml", columns
    };
  }

  /** A state that a table had. */
  private record State(long snapshot, List<Map<String, String>> rows) {}

  // ---- claims ----

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void changesLeadFromAnyStateToAnyLaterOne(boolean onServers) throws Exception {
    if (onServers) {
      try (S3Fixture storage = S3Fixture.start(folder.resolve("s3"))) {
        anyStateToAnyLaterOne(WorldShape.onServers(folder.resolve(".datalake"), storage));
      }
    } else {
      anyStateToAnyLaterOne(WorldShape.onThisMachine(folder.resolve(".datalake")));
    }
  }

  private void anyStateToAnyLaterOne(WorldShape shape) throws Exception {
    Random random = new Random(SEED);
    SourcePostgres shop = SourcePostgres.fresh();
    shop.execute("CREATE TABLE items (id int PRIMARY KEY, v int, extra int)");
    shop.execute("INSERT INTO items SELECT i, i FROM generate_series(1, " + KEYS + ") i");
    Map<String, List<State>> states = new LinkedHashMap<>();
    try (FollowedLake lake = FollowedLake.open(folder, shape, engine, shop, definitions())) {
      lake.await("SELECT count(*) FROM clean.items", Integer.toString(KEYS));
      for (int step = 0; step < STEPS; step++) {
        act(lake, shop, random, step);
        for (String table : List.of("vectors", "positions", "copied", "log", "items")) {
          remember(lake, table, states.computeIfAbsent(table, t -> new ArrayList<>()));
        }
      }
      for (Map.Entry<String, List<State>> table : states.entrySet()) {
        List<State> all = table.getValue();
        replayed(lake, table.getKey(), all.get(0), all.get(all.size() - 1));
        for (int i = 0; i < 2; i++) {
          int since = random.nextInt(all.size());
          int until = since + random.nextInt(all.size() - since);
          replayed(lake, table.getKey(), all.get(since), all.get(until));
        }
      }
    }
  }

  private static void act(FollowedLake lake, SourcePostgres shop, Random random, int step) {
    int what = step == 0 ? 0 : random.nextInt(10);
    if (what < 6) {
      StringBuilder rows = new StringBuilder();
      int count = 1 + random.nextInt(KEYS / 2);
      for (int i = 0; i < count; i++) {
        rows.append("{\"id\":").append(1 + random.nextInt(KEYS)).append(",\"v\":");
        rows.append(random.nextInt(4));
        rows.append(step > STEPS / 2 ? ",\"extra\":" + random.nextInt(3) : "").append("}\n");
      }
      lake.land("things", rows.toString());
      lake.operations().run(new RunRequest(List.of()), ExampleLake.work());
    } else if (what < 8) {
      lake.operations().maintain(new MaintainRequest(List.of(), false), ExampleLake.work());
    } else {
      for (String table : List.of("vectors", "positions", "copied", "log")) {
        try {
          lake.operations().undo(TableName.parse("clean." + table));
        } catch (TarnException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST); // there is nothing to undo
        }
      }
    }
    change(shop, random, step);
    String hash = "SELECT %s(concat_ws('|', id, v), ',' ORDER BY id) FROM %s WHERE id < 1000000";
    lake.await(
        hash.formatted("string_agg", "clean.items"),
        shop.value(hash.formatted("string_agg", "items")));
  }

  private static void change(SourcePostgres shop, Random random, int step) {
    int id = 1 + random.nextInt(KEYS);
    switch (random.nextInt(6)) {
      case 0 -> shop.execute("DELETE FROM items WHERE id % 3 = " + random.nextInt(3));
      case 1 -> shop.execute("UPDATE items SET id = id + 100 WHERE id = " + id);
      case 2 ->
          shop.execute(
              "BEGIN; TRUNCATE items; INSERT INTO items SELECT i, "
                  + step
                  + " FROM generate_series(1, 5) i; COMMIT");
      default -> {}
    }
    shop.execute(
        "INSERT INTO items SELECT i, "
            + step
            + " FROM generate_series("
            + id
            + ", "
            + (id + 4)
            + ") i ON CONFLICT (id) DO UPDATE SET v = excluded.v, extra = items.v");
  }

  private static void remember(FollowedLake lake, String table, List<State> states) {
    TableDetail detail = lake.operations().describe(TableName.parse("clean." + table));
    Long snapshot = detail.snapshot();
    if (snapshot != null) {
      states.add(new State(snapshot, rows(lake, table, snapshot)));
    }
  }

  private static List<Map<String, String>> rows(FollowedLake lake, String table, long snapshot) {
    return lake.query("SELECT * FROM clean." + table + " AT (VERSION => " + snapshot + ")");
  }

  /** Also the net changes; and of tables with a key, each change fits the row that is there. */
  private static void replayed(FollowedLake lake, String table, State since, State until) {
    for (boolean net : new boolean[] {false, true}) {
      FollowedLake.Answer answer = new FollowedLake.Answer();
      lake.operations()
          .changes(
              TableName.parse("clean." + table),
              new ChangesRequest(
                  Long.toString(since.snapshot()), Long.toString(until.snapshot()), net, 0),
              answer,
              ExampleLake.work());
      String what = table + " " + since.snapshot() + " " + until.snapshot() + " " + answer.rows;
      List<Map<String, String>> now = new ArrayList<>(since.rows());
      if (KEYED.contains(table)) {
        replayByKey(what, answer.rows, now);
      } else {
        replayAsBag(what, answer.rows, now);
      }
      assertThat(now).as(what).containsExactlyInAnyOrderElementsOf(until.rows());
      if (net && KEYED.contains(table)) {
        assertThat(answer.rows.stream().filter(r -> !type(r).equals("UPDATE_BEFORE")))
            .as("each key once")
            .extracting(r -> r.get("id"))
            .doesNotHaveDuplicates();
      }
    }
  }

  private static String type(Map<String, String> change) {
    return Objects.requireNonNull(change.get("_change_type"));
  }

  private static Map<String, String> row(Map<String, String> change) {
    Map<String, String> row = new HashMap<>(change);
    row.keySet().removeIf(column -> column.startsWith("_c"));
    return row;
  }

  private static void replayByKey(
      String what, List<Map<String, String>> changes, List<Map<String, String>> rows) {
    Map<String, Map<String, String>> table = new HashMap<>();
    rows.forEach(row -> table.put(row.get("id"), row));
    Map<String, String> updated = Map.of();
    for (Map<String, String> change : changes) {
      Map<String, String> row = row(change);
      String id = row.get("id");
      switch (type(change)) {
        case "DELETE" -> assertThat(table.remove(id)).as(what).isEqualTo(row);
        case "INSERT" -> assertThat(table.put(id, row)).as(what).isNull();
        case "UPDATE_BEFORE" -> {
          assertThat(table.get(id)).as(what).isEqualTo(row);
          updated = row;
        }
        case "UPDATE_AFTER" -> {
          assertThat(updated.get("id")).as(what).isEqualTo(id);
          assertThat(row).as(what).isNotEqualTo(updated);
          table.put(id, row);
        }
        default -> throw new AssertionError(change);
      }
    }
    rows.clear();
    rows.addAll(table.values());
  }

  private static void replayAsBag(
      String what, List<Map<String, String>> changes, List<Map<String, String>> rows) {
    changes.stream()
        .filter(change -> type(change).equals("INSERT"))
        .forEach(change -> rows.add(row(change)));
    for (Map<String, String> change : changes) {
      if (!type(change).equals("INSERT")) {
        assertThat(type(change)).as(what).isEqualTo("DELETE");
        assertThat(rows.remove(row(change))).as(what).isTrue();
      }
    }
  }

  @Test
  void aQueryCanFilterJoinAndCountChanges() throws Exception {
    try (FollowedLake lake = open()) {
      land(lake, "{\"id\":1,\"v\":1}\n{\"id\":2,\"v\":2}\n");
      String first = snapshot(lake);
      land(lake, "{\"id\":2,\"v\":3}\n{\"id\":3,\"v\":3}\n");
      String changes = "table_changes('clean.vectors', " + first + ")";
      assertThat(
              lake.query(
                  "SELECT _change_type AS t, id, v FROM " + changes + " ORDER BY id, t DESC"))
          .containsExactly(
              Map.of("t", "UPDATE_BEFORE", "id", "2", "v", "2"),
              Map.of("t", "UPDATE_AFTER", "id", "2", "v", "3"),
              Map.of("t", "INSERT", "id", "3", "v", "3"));
      assertThat(
              lake.value(
                  "SELECT count(*) FROM "
                      + changes
                      + " c JOIN clean.vectors o ON o.id = c.id WHERE c._change_type <> 'UPDATE_BEFORE' AND c.v = o.v"))
          .isEqualTo("2");
      assertThat(lake.query("SELECT id FROM " + changes + " LIMIT 1")).hasSize(1);
      assertThat(
              lake.value(
                  "SELECT count(*) FROM table_changes('vectors', '" + first + "', net => true)"))
          .isEqualTo("3");
      assertThat(lake.value("SELECT count(*) FROM table_changes('clean.log', since => '1h')"))
          .isEqualTo("4");
      assertThat(
              lake.value(
                  "SELECT count(DISTINCT _commit_snapshot_id) FROM table_changes('clean.vectors', '1h') WHERE _commit_timestamp > now() - INTERVAL 1 HOUR"))
          .isEqualTo("2");
      assertThat(
              lake.value(
                  "SELECT count(*) FROM (SELECT * FROM table_changes('clean.vectors', '1h', '"
                      + first
                      + "') a UNION ALL SELECT * FROM table_changes('clean.vectors', '1h', "
                      + first
                      + "))"))
          .isEqualTo("4");
      assertThat(lake.query("SELECT * FROM table_changes('clean.vectors', '0s')")).isEmpty();
    }
  }

  @Test
  void whatIsNotKnownIsAnError() throws Exception {
    try (FollowedLake lake =
        open(
            "lake.yaml",
            "name: followed\nmaintenance:\n  snapshot_retention: 0s\n  min_snapshots: 1\n")) {
      land(lake, "{\"id\":1,\"v\":1}\n");
      String first = snapshot(lake);
      land(lake, "{\"id\":1,\"v\":2}\n");
      String second = snapshot(lake);
      lake.operations().maintain(new MaintainRequest(List.of(), false), ExampleLake.work());
      land(lake, "{\"id\":1,\"v\":3}\n");
      fails(lake, "clean.vectors", first, ErrorCode.NOT_FOUND, "its changes are kept since 20");
      fails(lake, "clean.vectors", "1h", ErrorCode.NOT_FOUND, "its changes are kept since 20");
      fails(lake, "clean.vectors", "1", ErrorCode.NOT_FOUND, "has no snapshot 1");
      fails(lake, "clean.vectors", second + " or so", ErrorCode.SQL_INVALID, "is no state");
      fails(lake, "clean.vector", "1h", ErrorCode.NOT_FOUND, "did you mean clean.vectors");
      fails(lake, "raw.things", "1h", ErrorCode.SQL_INVALID, "is a dataset");
      String newest = snapshot(lake);
      assertThatThrownBy(
              () ->
                  lake.query(
                      "SELECT * FROM table_changes('clean.vectors', " + newest + ", '2026-01-01')"))
          .hasMessageContaining("is before the first");
    }
  }

  @Test
  void theFunctionIsNoWayAroundTheGuard() throws Exception {
    try (FollowedLake lake = open()) {
      land(lake, "{\"id\":1,\"v\":1}\n");
      for (String call :
          List.of(
              "table_changes('clean.vectors')",
              "table_changes('clean.vectors', (SELECT 1))",
              "table_changes('clean.vectors', 1, 2, 3)",
              "table_changes('clean.vectors', 1.5)",
              "table_changes('clean.vectors', '1h', format => 'x')",
              "table_changes(lower('clean.vectors'), '1h')",
              "main.table_changes('clean.vectors', '1h')",
              "read_parquet('x')",
              "table_changes('clean.vectors', '1h') WITH ORDINALITY")) {
        assertThatThrownBy(() -> lake.query("SELECT * FROM " + call))
            .as(call)
            .isInstanceOfSatisfying(
                TarnException.class,
                e -> assertThat(e.code()).isIn(ErrorCode.SQL_REFUSED, ErrorCode.SQL_INVALID));
      }
      assertThatThrownBy(() -> lake.query("SELECT table_changes('clean.vectors', '1h')"))
          .hasMessageContaining("is not allowed");
      assertThatThrownBy(() -> lake.query("SELECT * FROM table_changes('/etc/passwd', '1h')"))
          .isInstanceOfSatisfying(
              TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }
  }

  // ---- the lake ----

  private FollowedLake open(String... more) throws Exception {
    List<String> definitions = new ArrayList<>(List.of(definitions()));
    definitions.addAll(List.of(more));
    return FollowedLake.open(
        folder,
        WorldShape.onThisMachine(folder.resolve(".datalake")),
        engine,
        SourcePostgres.fresh(),
        definitions.toArray(String[]::new));
  }

  private static void land(FollowedLake lake, String rows) {
    lake.land("things", rows);
    lake.operations().run(new RunRequest(List.of()), ExampleLake.work());
  }

  private static String snapshot(FollowedLake lake) {
    return Objects.toString(
        lake.operations().describe(TableName.parse("clean.vectors")).snapshot());
  }

  private static void fails(
      FollowedLake lake, String table, String since, ErrorCode code, String says) {
    assertThatThrownBy(
            () ->
                lake.operations()
                    .changes(
                        TableName.parse(table),
                        new ChangesRequest(since, "", false, 0),
                        new FollowedLake.Answer(),
                        ExampleLake.work()))
        .hasMessageContaining(says)
        .isInstanceOfSatisfying(TarnException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
