package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.catalog.Datasets;
import tarn.core.catalog.RawInputs;
import tarn.core.database.Database;
import tarn.core.ingest.Landings;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeFolder;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.ledger.Whereabouts;
import tarn.core.ledger.Whereabouts.Encoding;
import tarn.core.ledger.Whereabouts.Entry;
import tarn.core.lifecycle.Lifecycle;
import tarn.core.observe.Progress;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;
import tarn.core.table.TableName;
import tarn.iceberg.IcebergTables;
import tarn.testkit.S3Fixture;
import tarn.testkit.Sha256;
import tarn.testkit.faults.Crash;
import tarn.testkit.faults.Faults;
import tarn.testkit.faults.FaultyDatabase;
import tarn.testkit.faults.FaultyObjectStore;

/**
 * A process that archives, brings back, expires or removes dies before every single effect that it
 * has, which is after the one before. Afterwards every file has its bytes where the ledger says,
 * and the next process finishes the work and leaves nothing behind.
 */
class LifecycleCrashesTest {
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration LONGEST = Duration.ofHours(6);

  /** More than any of the works has. */
  private static final int MANY = 40;

  @TempDir Path folder;

  @Test
  void noCrashLosesAFileOrLeavesTwo() throws IOException {
    everyCrash(
        WorldShape.onThisMachine(folder.resolve("home")),
        List.of(World::archiving, World::removing, World::restoring, World::expiring));
  }

  @Test
  void noneDoesOnServersEither() throws IOException {
    try (S3Fixture storage = S3Fixture.start(folder.resolve("buckets"))) {
      everyCrash(
          WorldShape.onServers(folder.resolve("home"), storage),
          List.of(World::archiving, World::restoring));
    }
  }

  private void everyCrash(WorldShape shape, List<Function<World, Work>> kinds) throws IOException {
    int crashes = 0;
    try (World world = new World(shape)) {
      for (Function<World, Work> kind : kinds) {
        crashes += everyCrash(world, kind);
      }
    }
    System.out.println(crashes + " crashes of the lifecycle");
    assertThat(crashes).isGreaterThanOrEqualTo(3 * kinds.size());
  }

  private static int everyCrash(World world, Function<World, Work> kind) {
    int crashes = 0;
    for (int effect = 1; effect < MANY; effect++) {
      Work work = kind.apply(world);
      Faults faults = Faults.at(effect, false);
      try {
        work.run(faults);
      } catch (Crash expected) {
        crashes++;
      }
      world.nothingIsLost(work);
      work.run(Faults.none());
      world.cleanUp();
      world.nothingIsLost(work);
      world.nothingIsLeftOver(work);
      if (!faults.crashed()) {
        return crashes; // it was over before that effect
      }
    }
    throw new AssertionError("the work never came to its end");
  }

  /** Something to be done to two files of a source of their own. */
  private record Work(
      SourceName source, RawFile.State end, Function<Lifecycle, ?> step, World world) {
    void run(Faults faults) {
      Object done = step.apply(world.lifecycle(faults));
      assertThat(done).isNotNull();
    }

    boolean isRemoved() {
      return end == RawFile.State.EXPIRED;
    }
  }

  /** One lake for all cases; each has a source of its own. */
  private final class World implements AutoCloseable {
    private final ObjectStore objects;
    private final Database database;
    private final Whereabouts whereabouts;
    private final LakeDefinition archive;
    private final LakeDefinition expire;
    private Instant now = START;
    private int cases;

    World(WorldShape shape) throws IOException {
      objects = shape.objects();
      database = shape.database();
      whereabouts = new Whereabouts(database);
      archive = lake("archive", "transition: {after: 30d}");
      expire = lake("expire", "expire: {after: 30d}");
    }

    private LakeDefinition lake(String name, String action) throws IOException {
      Path lake = folder.resolve(name);
      Files.createDirectories(lake);
      Files.writeString(
          lake.resolve("lake.yaml"),
          "name: world\nlifecycle:\n  - {zone: raw, prefix: landing/, " + action + "}\n");
      return LakeFolder.load(lake).definition().orElseThrow();
    }

    private final class Ticking extends Clock {
      @Override
      public java.time.ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(java.time.ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return now;
      }
    }

    Lifecycle lifecycle(Faults faults) {
      ObjectStore mortal = new FaultyObjectStore(objects, faults);
      Database dying = new FaultyDatabase(database, faults);
      Clock clock = new Ticking();
      return new Lifecycle(
          new Whereabouts(dying),
          mortal,
          new RawInputs(mortal),
          new Datasets(dying),
          new IcebergTables(dying, mortal, clock, "owner", LONGEST),
          clock,
          LONGEST);
    }

    // ---- what is done ----

    Work archiving() {
      return new Work(landed(), RawFile.State.ARCHIVED, l -> l.apply(archive, Progress.NONE), this);
    }

    Work removing() {
      SourceName source = landed();
      lifecycle(Faults.none()).apply(archive, Progress.NONE);
      now = now.plus(Duration.ofDays(1));
      return new Work(source, RawFile.State.ARCHIVED, l -> l.apply(archive, Progress.NONE), this);
    }

    Work restoring() {
      Work archived = removing();
      archived.run(Faults.none());
      TableName dataset = new TableName("raw", archived.source().value());
      return new Work(
          archived.source(),
          RawFile.State.STORED,
          l -> l.restore(dataset, Instant.EPOCH, now, false, Progress.NONE),
          this);
    }

    /** One from raw, one from the archive. */
    Work expiring() {
      SourceName source = restoring().source();
      TableName dataset = new TableName("raw", source.value());
      Instant second = entries(source).get(1).landedAt();
      lifecycle(Faults.none()).restore(dataset, Instant.EPOCH, second, false, Progress.NONE);
      assertThat(entries(source))
          .extracting(e -> e.file().state())
          .containsExactly(RawFile.State.STORED, RawFile.State.ARCHIVED);
      return new Work(source, RawFile.State.EXPIRED, l -> l.apply(expire, Progress.NONE), this);
    }

    /**
     * Two files, one that compresses and one that does not, old enough, crawled, needed by nobody.
     */
    private SourceName landed() {
      SourceName source = new SourceName("s" + ++cases);
      Landings landings = new Landings(objects, new SqlLedger(database), new Ticking());
      landings.land(source, "day=1", "long.csv", bytes("x\n" + "1\n".repeat(500)));
      now = now.plus(Duration.ofHours(1));
      landings.land(source, "", "short.csv", bytes("x\n" + cases + "\n"));
      database.write(
          h ->
              h.execute(
                  "INSERT INTO dataset (name, source, definition, crawled_seq, updated_at)"
                      + " VALUES (?, ?, '{\"columns\":[]}', 1000000, 0)",
                  source.value(),
                  source.value()));
      now = now.plus(Duration.ofDays(31));
      return source;
    }

    private static InputStream bytes(String text) {
      return new ByteArrayInputStream(text.getBytes(UTF_8));
    }

    /** All that is to be removed is old enough, and is. */
    void cleanUp() {
      now = now.plus(Duration.ofDays(4));
      moveTheStoresClock();
      lifecycle(Faults.none()).apply(lake(), Progress.NONE);
    }

    /** Objects have the real time; what is written now is older than any grace in this world. */
    private void moveTheStoresClock() {
      Instant real = Instant.now().plus(Duration.ofDays(4));
      now = now.isBefore(real) ? real : now;
    }

    /** Of a lake without rules. */
    private LakeDefinition lake() {
      try {
        Path lake = folder.resolve("none");
        Files.createDirectories(lake);
        Files.writeString(lake.resolve("lake.yaml"), "name: world\n");
        return LakeFolder.load(lake).definition().orElseThrow();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    // ---- what must hold ----

    private List<Entry> entries(SourceName source) {
      List<Entry> entries = new ArrayList<>();
      for (var batch : new SqlLedger(database).batches(Set.of(source), 0, 10)) {
        entries.add(whereabouts.find(batch.seq(), 0).orElseThrow());
      }
      assertThat(entries).hasSize(2);
      return entries;
    }

    void nothingIsLost(Work work) {
      for (Entry entry : entries(work.source())) {
        if (entry.location().isPresent()) {
          assertThat(sha256(entry)).as(entry.path()).isEqualTo(entry.file().sha256());
        } else {
          assertThat(work.isRemoved()).as(entry.path() + " has expired").isTrue();
        }
      }
    }

    void nothingIsLeftOver(Work work) {
      List<ObjectKey> there = new ArrayList<>();
      for (Zone zone : List.of(Zone.RAW, Zone.ARCHIVE)) {
        objects.list(
            zone,
            "",
            info -> {
              if (info.key().path().contains("/" + work.source() + "/")) {
                there.add(info.key());
              }
            });
      }
      List<Entry> entries = entries(work.source());
      assertThat(entries).extracting(e -> e.file().state()).containsOnly(work.end());
      assertThat(there)
          .containsExactlyInAnyOrderElementsOf(
              entries.stream().flatMap(e -> e.location().stream()).toList());
      assertThat(whereabouts.left(now.plus(Duration.ofDays(999)), 10)).isEmpty();
    }

    private String sha256(Entry entry) {
      boolean packed = entry.archived().filter(a -> a.encoding() == Encoding.GZIP).isPresent();
      try (InputStream in = objects.read(entry.location().orElseThrow());
          InputStream plain = packed ? new GZIPInputStream(in) : in) {
        return Sha256.hex(plain.readAllBytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      database.close();
      objects.close();
    }
  }
}
