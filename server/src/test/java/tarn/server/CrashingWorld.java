package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tarn.api.Column;
import tarn.api.CrawlRequest;
import tarn.api.MaintainRequest;
import tarn.api.QueryRequest;
import tarn.api.RunAnswer;
import tarn.api.RunRequest;
import tarn.api.TableRun;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.HeldObjectStore;
import tarn.core.storage.ObjectStore;
import tarn.core.table.TableName;
import tarn.core.table.TableStore;
import tarn.duckdb.DuckDbEngine;
import tarn.duckdb.EngineSettings;
import tarn.iceberg.IcebergTables;
import tarn.testkit.Sha256;
import tarn.testkit.faults.Faults;
import tarn.testkit.faults.FaultyDatabase;
import tarn.testkit.faults.FaultyObjectStore;

/**
 * One seed, one world: small files land, are crawled, loaded into a table with a key and one
 * without, and into models, and are compacted, while the process dies again and again. Whoever was
 * not answered asks again. At the end the lake is compared with what plain Java makes of the same
 * files.
 */
final class CrashingWorld {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A little more than a step has, so that some lives get through. */
  private static final Map<String, Integer> EFFECTS =
      Map.of("send", 3, "crawl", 4, "run", 45, "maintain", 30, "backfill", 20, "undo", 6);

  private final Path folder;
  private final WorldShape shape;
  private final long seed;
  private final Random random;
  private final WarmEngine engine;
  private final Oracle oracle = new Oracle();
  private final List<RawText> sent = new ArrayList<>();
  private int crashes;

  CrashingWorld(Path folder, WorldShape shape, long seed, WarmEngine engine) {
    this.folder = folder;
    this.shape = shape;
    this.seed = seed;
    this.random = new Random(seed);
    this.engine = engine;
  }

  /** A file as it is sent. */
  private record RawText(String source, String folder, String name, String text) {
    String sha256() {
      return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Lives and dies until all is done, checks, and says how often it died. */
  int live() throws IOException {
    define();
    send(items(false));
    send(events(false));
    step("crawl", CrashingWorld::crawl);
    step("run", CrashingWorld::run);
    for (int i = 0; i < 7; i++) {
      switch (random.nextInt(12)) {
        case 0, 1 -> send(items(true));
        case 2, 3 -> send(events(true));
        case 4 -> step("crawl", CrashingWorld::crawl);
        case 5, 6 -> step("run", CrashingWorld::run);
        case 7 -> forget();
        case 8 -> step("backfill", CrashingWorld::backfill);
        case 9 -> redefine();
        case 10 -> undo();
        default -> step("maintain", CrashingWorld::maintain);
      }
    }
    step("crawl", CrashingWorld::crawl);
    step("run", CrashingWorld::run);
    if (random.nextInt(3) == 0) {
      step("maintain", CrashingWorld::maintain);
    }
    check();
    return crashes;
  }

  private void define() throws IOException {
    write("lake.yaml", "name: world\nlanding:\n  settle: 0s\n");
    write(
        "tables/items.yaml",
        """
        table: clean.items
        from: items
        columns:
          id: long
          v: long
          name: string
          qty: int
        quality:
          - IsComplete "id"
          - ColumnValues "qty" > 0
        key: [id]
        ordering: v
        """);
    defineEvents();
    write(
        "models/names.sql",
        """
        ---
        table: analytics.names
        ---
        SELECT name, count(*) AS items, CAST(sum(qty) AS BIGINT) AS qty FROM clean.items GROUP BY name
        """);
    write(
        "models/loud.sql",
        """
        ---
        refresh: incremental
        ---
        SELECT event, amount * 2 AS twice FROM clean.events WHERE amount > 9
        """);
    write(
        "models/many.sql",
        """
        ---
        refresh: incremental
        quality: [IsUnique "id"]
        ---
        SELECT id, qty FROM clean.items WHERE qty > 3
        """);
  }

  private void defineEvents() throws IOException {
    write(
        "tables/events.yaml",
        """
        table: clean.events
        from: events
        on_change: backfill
        columns:
          event: string
          amount: int
        quality:
          - IsComplete "event"
          - ColumnValues "amount" >= %d
        """
            .formatted(oracle.least));
  }

  /** Other rows are good now, also among those that are there. */
  private void redefine() throws IOException {
    oracle.least = 10 - oracle.least;
    defineEvents();
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  // ---- what is sent ----

  private RawText items(boolean mayRepeat) {
    if (mayRepeat && random.nextInt(4) == 0) {
      return again("items");
    }
    StringBuilder text = new StringBuilder("id,v,name,qty\n");
    for (int i = 0; i < 1 + random.nextInt(6); i++) {
      String id = random.nextInt(12) == 0 ? "" : "" + random.nextInt(12);
      long version = random.nextInt(1_000_000_000);
      int qty = 1 + random.nextInt(9);
      String shown = id.isEmpty() ? "" + qty : random.nextInt(9) == 0 ? "-1" : "" + qty;
      text.append(id + "," + version + ",n" + random.nextInt(4) + "," + shown + "\n");
    }
    return new RawText("items", "", "items" + random.nextInt(3) + ".csv", text.toString());
  }

  private RawText events(boolean mayRepeat) {
    if (mayRepeat && random.nextInt(4) == 0) {
      return again("events");
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1 + random.nextInt(6); i++) {
      String amount =
          switch (random.nextInt(10)) {
            case 0 -> "-3";
            case 1 -> "\"many\"";
            default -> "" + random.nextInt(50);
          };
      text.append("{\"event\":\"e" + random.nextInt(4) + "\",\"amount\":" + amount + "}\n");
    }
    return new RawText("events", "", "events" + random.nextInt(3) + ".jsonl", text.toString());
  }

  private RawText again(String source) {
    List<RawText> same = sent.stream().filter(f -> f.source().equals(source)).toList();
    return same.get(random.nextInt(same.size()));
  }

  private void send(RawText file) {
    sent.add(file);
    step(
        "send",
        operations -> {
          var answer =
              operations.land(
                  new Upload(
                      new SourceName(file.source()),
                      file.folder(),
                      file.name(),
                      new ByteArrayInputStream(file.text().getBytes(StandardCharsets.UTF_8))));
          assertThat(answer.sha256()).isEqualTo(file.sha256());
        });
    oracle.take(file);
  }

  // ---- steps ----

  private static void crawl(Operations operations) {
    assertThat(operations.crawl(new CrawlRequest(List.of(), false), ExampleLake.work()).datasets())
        .isNotEmpty();
  }

  private static void run(Operations operations) {
    RunAnswer answer = operations.run(new RunRequest(List.of()), ExampleLake.work());
    assertThat(answer.tables())
        .allSatisfy(table -> assertThat(table.outcome()).isIn("written", "unchanged"));
  }

  private static void backfill(Operations operations) {
    RunRequest both = new RunRequest(List.of("clean.items", "clean.events"), true);
    assertThat(operations.run(both, ExampleLake.work()).tables())
        .extracting(TableRun::message)
        .allSatisfy(message -> assertThat(message).isNull());
  }

  /** Takes back one commit, or two if the answer was lost: the next run does them again. */
  private void undo() {
    TableName table =
        TableName.parse(
            List.of("clean.items", "clean.events", "analytics.names").get(random.nextInt(3)));
    step(
        "undo",
        operations -> {
          try {
            operations.undo(table);
          } catch (TarnException e) {
            if (e.code() != ErrorCode.BAD_REQUEST) {
              throw e; // or there is nothing left to take back
            }
          }
        });
  }

  private static void maintain(Operations operations) {
    assertThat(
            operations.maintain(new MaintainRequest(List.of(), false), ExampleLake.work()).tables())
        .isNotEmpty();
  }

  /** Deletes some of what can be made anew from the ledger and the tables. */
  private void forget() {
    try (Database database = shape.database()) {
      for (String table : List.of("dataset", "dataset_schema", "orphan_candidate")) {
        if (random.nextBoolean()) {
          database.write(h -> h.execute("DELETE FROM " + table));
        }
      }
    }
  }

  /** Does a step, in as many lives as it takes. */
  private void step(String name, Consumer<Operations> work) {
    for (int attempt = 1; ; attempt++) {
      Faults faults =
          attempt < 12 && random.nextInt(5) > 0
              ? Faults.at(1 + random.nextInt(EFFECTS.getOrDefault(name, 3)), random.nextBoolean())
              : Faults.none();
      try (Life life = new Life(faults)) {
        work.accept(life.operations);
      } catch (Throwable thrown) {
        if (!faults.crashed()) {
          throw new AssertionError("seed " + seed + ", " + name + ", attempt " + attempt, thrown);
        }
      }
      if (!faults.crashed()) {
        return;
      }
      crashes++;
    }
  }

  /** The process from its start to its end; only the engine is older and lives on. */
  private final class Life implements AutoCloseable {
    private final Closer closer = new Closer();
    private final Ledger ledger;
    private final ObjectStore objects;
    private final Operations operations;

    Life(Faults faults) {
      Lake lake = Wiring.read(folder, null);
      objects = new FaultyObjectStore(closer.add(shape.objects()), faults);
      Database database = new FaultyDatabase(closer.add(shape.database()), faults);
      ledger = new SqlLedger(database);
      IcebergTables tables =
          new IcebergTables(
              database, objects, Clock.systemUTC(), "owner", java.time.Duration.ofHours(1));
      engine.serve(objects, tables);
      operations =
          new LakeOperations(
              lake,
              lake.definition(),
              ledger,
              objects,
              database,
              tables,
              engine.engine(),
              Backups.of(
                  lake.definition(),
                  database,
                  new HeldObjectStore(objects),
                  tables,
                  engine.engine(),
                  Clock.systemUTC()),
              NoStreams.PARTS,
              Clock.systemUTC(),
              closer);
    }

    @Override
    public void close() {
      closer.close();
    }
  }

  /** An engine with a warm process that one life after the other uses. */
  static final class WarmEngine implements AutoCloseable {
    private final CurrentObjects objects = new CurrentObjects();
    private final DuckDbEngine engine;
    private @Nullable TableStore tables;

    WarmEngine(Path folder) {
      engine =
          new DuckDbEngine(
              new EngineSettings(
                  512L << 20, 1, 4, 1, 1L << 30, folder.resolve("work"), folder.resolve("native")),
              objects,
              (file, visitor) -> Objects.requireNonNull(tables).deletedPositions(file, visitor));
    }

    void serve(ObjectStore store, TableStore newTables) {
      objects.current = store;
      tables = newTables;
    }

    DuckDbEngine engine() {
      return engine;
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  // ---- the end ----

  private void check() throws IOException {
    try (Life life = new Life(Faults.none())) {
      String as = "seed " + seed + ": ";
      assertThat(rows(life, "SELECT id, v, name, qty FROM clean.items"))
          .as(as + "items")
          .isEqualTo(oracle.items());
      assertThat(rows(life, "SELECT event, amount FROM clean.events"))
          .as(as + "events")
          .isEqualTo(oracle.events());
      assertThat(rows(life, "SELECT name, items, qty FROM analytics.names"))
          .as(as + "model")
          .isEqualTo(oracle.names());
      assertThat(rows(life, "SELECT event, twice FROM analytics.loud"))
          .as(as + "model of events")
          .isEqualTo(oracle.loud());
      assertThat(rows(life, "SELECT id, qty FROM analytics.many"))
          .as(as + "model of items")
          .isEqualTo(oracle.many());
      assertThat(quarantined(life, "items")).as(as + "bad items").isEqualTo(oracle.badItems);
      assertThat(quarantined(life, "events")).as(as + "bad events").isEqualTo(oracle.badEvents());
      checkLedger(life);
    }
  }

  private static long quarantined(Life life, String table) {
    return life.operations.quarantine(TableName.parse("clean." + table), 0).counts().stream()
        .mapToLong(c -> c.rows())
        .sum();
  }

  private void checkLedger(Life life) {
    List<String> listed = new ArrayList<>();
    List<Batch> batches = life.ledger.batches(Set.of(), 0, Integer.MAX_VALUE);
    assertThat(batches.stream().map(Batch::seq))
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, life.ledger.lastSeq()).boxed().toList());
    for (Batch batch : batches) {
      for (RawFile file : life.ledger.files(batch.seq())) {
        assertThat(life.objects.stat(file.key())).as("%s", file.key()).isPresent();
        listed.add(batch.source() + " " + file.sha256());
      }
    }
    Set<String> wanted = new HashSet<>();
    sent.forEach(f -> wanted.add(f.source() + " " + f.sha256()));
    assertThat(listed).as("seed %d: the ledger", seed).containsExactlyInAnyOrderElementsOf(wanted);
  }

  private static List<String> rows(Life life, String sql) {
    List<String> rows = new ArrayList<>();
    life.operations.query(
        new QueryRequest(sql, 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {}

          @Override
          public void rows(byte[] json, int count) {
            try {
              for (JsonNode row : JSON.readTree(json)) {
                List<String> cells = new ArrayList<>();
                row.forEach(cell -> cells.add(cell.asText()));
                rows.add(String.join(",", cells));
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        },
        ExampleLake.work());
    return rows.stream().sorted().toList();
  }

  /** What the files mean, by nothing but Java. */
  private static final class Oracle {
    private final Set<String> seen = new HashSet<>();
    private final Map<Long, String[]> byId = new HashMap<>();
    private final List<String> events = new ArrayList<>();
    private int least;
    private long badItems;
    private long neverEvents;

    void take(RawText file) {
      if (!seen.add(file.source() + file.sha256())) {
        return;
      }
      List<String> lines = Arrays.asList(file.text().split("\n", -1));
      for (String line : lines.subList(file.source().equals("items") ? 1 : 0, lines.size() - 1)) {
        if (file.source().equals("items")) {
          item(line.split(",", -1));
        } else {
          event(line);
        }
      }
    }

    private void item(String[] cells) {
      if (cells[0].isEmpty() || cells[3].equals("-1")) {
        badItems++;
        return;
      }
      byId.merge(
          Long.parseLong(cells[0]),
          cells,
          (a, b) -> Long.parseLong(a[1]) > Long.parseLong(b[1]) ? a : b);
    }

    private void event(String line) {
      String event = line.substring(10, 12);
      String amount = line.substring(line.lastIndexOf(':') + 1, line.length() - 1);
      if (amount.startsWith("-") || amount.startsWith("\"")) {
        neverEvents++;
      } else {
        events.add(event + "," + amount);
      }
    }

    List<String> items() {
      return byId.values().stream().map(c -> String.join(",", c)).sorted().toList();
    }

    List<String> events() {
      return events.stream().filter(this::isGood).sorted().toList();
    }

    long badEvents() {
      return neverEvents + events.stream().filter(e -> !isGood(e)).count();
    }

    private boolean isGood(String event) {
      return Integer.parseInt(event.substring(event.indexOf(',') + 1)) >= least;
    }

    List<String> loud() {
      return events.stream()
          .map(e -> e.split(","))
          .filter(e -> Integer.parseInt(e[1]) > 9)
          .map(e -> e[0] + "," + 2 * Integer.parseInt(e[1]))
          .sorted()
          .toList();
    }

    List<String> many() {
      return byId.values().stream()
          .filter(c -> Integer.parseInt(c[3]) > 3)
          .map(c -> c[0] + "," + c[3])
          .sorted()
          .toList();
    }

    List<String> names() {
      Map<String, long[]> sums = new TreeMap<>();
      for (String[] cells : byId.values()) {
        long[] sum = sums.computeIfAbsent(cells[2], n -> new long[2]);
        sum[0]++;
        sum[1] += Long.parseLong(cells[3]);
      }
      return sums.entrySet().stream()
          .map(e -> e.getKey() + "," + e.getValue()[0] + "," + e.getValue()[1])
          .sorted()
          .toList();
    }
  }
}
