package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.change.SourceTable;
import tarn.core.database.Database;
import tarn.core.engine.Engine;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.Settings;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.observe.Progress;
import tarn.core.source.Copies;
import tarn.core.source.CopyName;
import tarn.core.source.FollowedHere;
import tarn.core.source.Follower;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;
import tarn.core.table.TableName;
import tarn.iceberg.IcebergTables;
import tarn.testkit.EngineWorld;
import tarn.testkit.S3Fixture;
import tarn.testkit.faults.Faults;
import tarn.testkit.faults.FaultyChangeSource;
import tarn.testkit.faults.FaultyDatabase;
import tarn.testkit.faults.FaultyObjectStore;

/**
 * A simulated database is loaded and followed, and its copies are compacted, by processes that die
 * before or right after what they do, step by step; connections are cut, engines die, staging is
 * emptied between two lives. However that goes: in the end the copies are equal to their tables.
 */
class SourceSimulationTest {
  private static final int WORLDS = Integer.getInteger("tarn.worlds", 5);

  /** More than a few are run until everything has happened, and so many at most. */
  private static final int MOST = 40;

  @TempDir Path folder;

  @Test
  void case_68_copiesEndEqualWhoeverDiesAtWhichStep() throws IOException {
    simulate(WORLDS, WorldShape::onThisMachine);
  }

  @Test
  void case_68_theyDoOnServersToo() throws IOException {
    try (S3Fixture storage = S3Fixture.start(folder.resolve("buckets"))) {
      simulate(Math.max(1, WORLDS / 5), home -> WorldShape.onServers(home, storage));
    }
  }

  @Test
  @Tag("soak")
  void case_68_theyDoInAThousandWorlds() throws IOException {
    simulate(1_000, WorldShape::onThisMachine);
  }

  private static boolean isAll(Map<SimulatedDatabase.Done, Integer> done) {
    return done.values().stream().allMatch(count -> count > 0);
  }

  private void simulate(int worlds, Function<Path, WorldShape> shape) throws IOException {
    long first = Long.getLong("tarn.seed", System.nanoTime());
    int crashes = 0;
    int again = 0;
    Map<SimulatedDatabase.Done, Integer> done = new EnumMap<>(SimulatedDatabase.Done.class);
    try (CrashingWorld.WarmEngine engine =
        new CrashingWorld.WarmEngine(folder.resolve("engine" + System.nanoTime()))) {
      for (int i = 0; i < worlds || worlds > 2 && i < MOST && !isAll(done); i++) {
        Path home = folder.resolve("world" + System.nanoTime());
        World world = new World(first + i, home, shape.apply(home), engine);
        try {
          world.run();
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(
              "-Dtarn.worlds=1 -Dtarn.seed=" + (first + i) + " after " + i + " worlds", e);
        }
        crashes += world.crashes;
        again += world.again;
        for (SimulatedDatabase.Done each : SimulatedDatabase.Done.values()) {
          done.merge(each, world.database.has(each) ? 1 : 0, Integer::sum);
        }
        delete(home);
      }
    }
    System.out.println(
        worlds
            + " worlds from seed "
            + first
            + ", "
            + crashes
            + " deaths, "
            + again
            + " times loaded again, "
            + done);
    if (worlds > 2) {
      assertThat(crashes).isGreaterThan(worlds);
      assertThat(done.values()).as("each happens: %s", done).allMatch(count -> count > 0);
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One database, one lake, and processes that come and go. */
  private static final class World {
    private static final SourceName SHOP = new SourceName("shop");
    private static final CopyName NAMES = new CopyName("");
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final int LIVES = 8;

    private final Random random;
    private final Path home;
    private final WorldShape shape;
    private final CrashingWorld.WarmEngine warm;
    private final SimulatedDatabase database;
    private int crashes;
    private int again;
    private boolean settled;

    World(long seed, Path home, WorldShape shape, CrashingWorld.WarmEngine warm) {
      this.random = new Random(seed);
      this.home = home;
      this.shape = shape;
      this.warm = warm;
      this.database = new SimulatedDatabase(new Random(seed + 1), 120);
    }

    void run() {
      for (int life = 0; life < LIVES; life++) {
        if (random.nextInt(3) == 0) {
          database.declare(random.nextInt(3)); // as someone who edits the source's file
        }
        database.cutOneIn(40);
        live(
            random.nextInt(6) == 0
                ? Faults.none()
                : Faults.at(
                    1 + random.nextInt(random.nextBoolean() ? 10 : 50), random.nextBoolean()),
            true);
        if (random.nextInt(3) == 0) {
          forget();
        }
        database.more(30);
      }
      database.cutOneIn(0);
      int reloads = -1;
      for (int i = 0; !settled || i < 2 || again > reloads; i++) {
        assertThat(i).as("lives without a fault").isLessThan(40);
        reloads = again;
        live(Faults.none(), false);
      }
      check();
    }

    /** All that is neither ledger nor table nor listed by them. */
    private void forget() {
      try (ObjectStore objects = shape.objects()) {
        for (Zone zone : Zone.values()) {
          delete(objects.stagingDirectory(zone));
        }
      }
      delete(home.resolve(".datalake").resolve("cache"));
      delete(home.resolve("cache"));
    }

    /** From the start of a process to its end. */
    private void live(Faults faults, boolean faulty) {
      AtomicBoolean stopped = new AtomicBoolean();
      settled = false;
      try (Lake lake = new Lake(faults, faulty)) {
        FollowedHere.follow(
            SHOP,
            new FaultyChangeSource(database, faults),
            lake.parts(),
            NAMES,
            Duration.ZERO,
            () -> {
              if (random.nextInt(3) == 0) {
                lake.catchUp();
              }
            },
            () -> {
              if (lake.isUpToDate() || faulty && random.nextInt(40) == 0) {
                stopped.set(true);
              }
              return stopped.get();
            });
        lake.catchUp();
        if (random.nextInt(4) == 0) {
          lake.maintain();
        }
        settled = lake.isUpToDate();
      } catch (TarnException e) {
        boolean cut =
            e.code() == ErrorCode.SOURCE_UNAVAILABLE || e.code() == ErrorCode.SOURCE_REFUSED;
        boolean ended = e.code() == ErrorCode.CANCELLED && stopped.get();
        boolean lost = e.code() == ErrorCode.SOURCE_LOST; // with what a standby did not have
        if (lost) {
          loadAgain(false);
        } else if (String.valueOf(e.getMessage()).contains("load the table again")) {
          loadAgain(true);
        } else if (!cut && !ended && !faults.crashed()) {
          throw e;
        }
      } catch (Throwable e) {
        if (!faults.crashed()) {
          throw e;
        }
      }
      crashes += faults.crashed() ? 1 : 0;
    }

    /** As someone would who is told to: tables, or the source. */
    private void loadAgain(boolean tables) {
      again++;
      try (Lake lake = new Lake(Faults.none(), false)) {
        Follower.reload(
            lake.parts(), SHOP, tables ? Follower.loaded(lake.parts(), SHOP) : List.of());
      }
    }

    /** A process's lake. */
    private final class Lake implements AutoCloseable {
      private final Closer closer = new Closer();
      private final ObjectStore objects;
      private final Ledger ledger;
      private final IcebergTables tables;
      private final Engine engine;
      private final Copies copies;

      Lake(Faults faults, boolean faulty) {
        objects = new FaultyObjectStore(closer.add(shape.objects()), faults);
        Database store = new FaultyDatabase(closer.add(shape.database()), faults);
        ledger = new SqlLedger(store);
        tables = new IcebergTables(store, objects, Clock.systemUTC(), "owner", Duration.ofHours(1));
        warm.serve(objects, tables);
        engine = faulty ? new DyingEngine(warm.engine(), random) : warm.engine();
        copies = new Copies(ledger, tables, engine, TIMEOUT);
      }

      Follower.Parts parts() {
        return new Follower.Parts(ledger, objects, engine, Clock.systemUTC());
      }

      /** Nothing happens any more, and all that happened has landed. */
      boolean isUpToDate() {
        return database.isQuiet()
            && database.shapes().stream()
                .allMatch(table -> FollowedHere.isLoaded(ledger, SHOP, table));
      }

      void catchUp() {
        copies.catchUp(SHOP, NAMES);
      }

      void maintain() {
        new Maintenance(tables, warm.engine(), Settings.none(), TIMEOUT)
            .maintain(List.of(), false, Progress.NONE);
      }

      @Override
      public void close() {
        closer.close();
      }
    }

    private void check() {
      try (Lake lake = new Lake(Faults.none(), false)) {
        EngineWorld reader = new EngineWorld(warm.engine(), lake.objects, lake.tables);
        database
            .rows()
            .forEach(
                (table, rows) ->
                    assertThat(copy(reader, database.shape(table)))
                        .as(table)
                        .containsExactlyInAnyOrderElementsOf(rows));
      }
    }

    /** A column that was added is in the copy with its first value. */
    private static List<List<@Nullable String>> copy(EngineWorld reader, SourceTable table) {
      TableName name = NAMES.of(table.fullName());
      List<String> there =
          reader.tables().load(name).orElseThrow().schema().columns().stream()
              .map(NestedField::name)
              .toList();
      String columns =
          table.columns().stream()
              .map(c -> there.contains(c.name()) ? "\"" + c.name() + "\"" : "NULL")
              .map(c -> "CAST(" + c + " AS VARCHAR)")
              .collect(Collectors.joining(", "));
      List<List<@Nullable String>> rows = new ArrayList<>();
      for (JsonNode row : reader.query("SELECT " + columns + " FROM t", name)) {
        List<@Nullable String> values = new ArrayList<>();
        row.forEach(value -> values.add(value.isNull() ? null : value.asText()));
        rows.add(values);
      }
      return rows;
    }
  }
}
