package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.LogRecord;
import tarn.core.ledger.Batch;
import tarn.core.ledger.EventCounts;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.ledger.Whereabouts;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.storage.ObjectStore;
import tarn.core.stream.Compaction;
import tarn.core.stream.Delivery;
import tarn.core.stream.IdIndex;
import tarn.core.stream.StreamRules;
import tarn.testkit.faults.Crash;
import tarn.testkit.faults.Faults;
import tarn.testkit.faults.FaultyDatabase;
import tarn.testkit.faults.FaultyObjectStore;

/**
 * Events with duplicates, conflicts, poison and without ids, in a log of several shards, are
 * delivered by owners that die at every step, forget their index and take over from each other.
 * However that goes: received = stored + duplicate + conflict + rejected, and every id once.
 */
class DeliverySimulationTest {
  private static final SourceName CLICKS = new SourceName("clicks");
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final int SHARDS = 3;
  private static final StreamRules RULES =
      new StreamRules(
          CLICKS,
          new StreamRules.Fields(List.of("meta", "id"), List.of("type"), List.of(), List.of()),
          Optional.empty(),
          false,
          true,
          StreamRules.Times.DEFAULT,
          Duration.ofHours(24),
          Duration.ofDays(7),
          Duration.ofSeconds(2),
          new StreamRules.Raw(true, Duration.ZERO, 64 << 20));

  @TempDir Path folder;

  @Test
  void everyIdIsDeliveredOnceWhateverDies() throws IOException {
    simulate(10);
  }

  @Test
  @Tag("soak")
  void everyIdIsDeliveredOnceWhateverDiesForLong() throws IOException {
    simulate(1_000);
  }

  /** The log's files were deleted: its offsets begin anew, and what it had is known by its ids. */
  @Test
  void aLogThatBeganAgainIsDelivered() {
    try (Database database = DatabasePlace.sqlite(folder).open()) {
      Delivery delivery = delivery(database);
      assertThat(delivery.begin()).isEmpty();
      assertThat(delivery.deliver(List.of(record(7, "a"), record(8, "b"))).stored()).isEqualTo(2);
      assertThat(delivery.deliver(List.of(record(0, "b"), record(1, "c"))))
          .isEqualTo(new EventCounts(2, 1, 1, 0, 0));
      assertThat(delivery.begin()).containsExactly(Map.entry(0, 2L));
    }
  }

  @Test
  void anIdIsForgottenWhenItsWindowIsOver() {
    try (Database database = DatabasePlace.sqlite(folder).open()) {
      Delivery delivery = delivery(database);
      assertThat(delivery.begin()).isEmpty();
      LogRecord first = record(0, "a");
      Instant over = first.arrived().plus(RULES.window());
      LogRecord late = new LogRecord(0, 1, over.minusMillis(1), first.bytes().clone());
      LogRecord again = new LogRecord(0, 2, over, first.bytes().clone());
      LogRecord early = new LogRecord(1, 0, NOON.minusSeconds(9), first.bytes().clone());
      assertThat(delivery.deliver(List.of(first))).isEqualTo(new EventCounts(1, 1, 0, 0, 0));
      assertThat(delivery.deliver(List.of(early, late)))
          .as("a shard that lags, and the end of the window")
          .isEqualTo(new EventCounts(2, 0, 2, 0, 0));
      assertThat(delivery.deliver(List.of(again))).isEqualTo(new EventCounts(1, 1, 0, 0, 0));
      assertThat(new SqlLedger(database).lastSeq()).as("the same bytes, twice").isEqualTo(2);
    }
  }

  private Delivery delivery(Database database) {
    return new Delivery(
        RULES,
        new SqlLedger(database),
        new LocalObjectStore(folder.resolve("zones"), new Buckets("sim", "test"), false),
        new ForgetfulIndex(),
        Clock.fixed(NOON, ZoneOffset.UTC));
  }

  private static LogRecord record(long offset, String id) {
    return new LogRecord(
        0,
        offset,
        NOON.plusSeconds(offset),
        ("{\"meta\":{\"id\":\"" + id + "\"}}").getBytes(StandardCharsets.UTF_8));
  }

  private void simulate(int worlds) throws IOException {
    long first = Long.getLong("tarn.seed", System.nanoTime());
    long compacted = 0;
    for (int i = 0; i < worlds; i++) {
      long seed = first + i;
      try {
        World world = new World(seed, folder.resolve("w" + i));
        world.run();
        compacted += world.compacted;
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("-Dtarn.seed=" + seed, e);
      }
    }
    assertThat(compacted).as("segments compacted, in all worlds").isPositive();
  }

  /** An index whose latest batches can be lost, as those of a process that died. */
  private static final class ForgetfulIndex implements IdIndex {
    private final Map<ByteBuffer, Seen> known = new HashMap<>();
    private final TreeMap<Long, List<Entry>> batches = new TreeMap<>();

    @Override
    public long upTo() {
      return batches.isEmpty() ? 0 : batches.lastKey();
    }

    @Override
    public List<@Nullable Seen> find(List<byte[]> ids) {
      List<@Nullable Seen> found = new ArrayList<>();
      ids.forEach(id -> found.add(known.get(ByteBuffer.wrap(id))));
      return found;
    }

    @Override
    public void add(long seq, List<Entry> entries) {
      assertThat(seq).isGreaterThan(upTo());
      batches.put(seq, entries);
      entries.forEach(e -> known.put(ByteBuffer.wrap(e.id()), e.seen()));
    }

    void loseLatest(int count) {
      for (int i = 0; i < count && !batches.isEmpty(); i++) {
        batches.pollLastEntry();
      }
      known.clear();
      batches.values().forEach(b -> b.forEach(e -> known.put(ByteBuffer.wrap(e.id()), e.seen())));
    }

    @Override
    public void forget(Instant before) {
      known.values().removeIf(seen -> seen.arrived().isBefore(before));
    }

    @Override
    public void close() {
      // nothing is open
    }
  }

  /** A log, a lake, and owners that come and go. */
  private static final class World {
    private final Random random;
    private final Path folder;
    private final Map<Integer, List<LogRecord>> log = new TreeMap<>();
    private final Set<String> ids = new HashSet<>();
    private long poison;
    private long records;
    private long taken;
    private long compacted;
    private ForgetfulIndex index = new ForgetfulIndex();

    World(long seed, Path folder) {
      this.random = new Random(seed);
      this.folder = folder;
      for (int shard = 0; shard < SHARDS; shard++) {
        log.put(shard, new ArrayList<>());
      }
    }

    void run() throws IOException {
      ObjectStore objects =
          new LocalObjectStore(folder.resolve("zones"), new Buckets("sim", "test"), false);
      try (Database database = DatabasePlace.sqlite(folder).open()) {
        Life life = null;
        while (records < 300) {
          send();
          if (life == null || random.nextInt(4) == 0) {
            life = life(database, objects, random.nextInt(3) > 0);
          }
          life = step(life);
          if (random.nextInt(4) == 0) {
            compact(database, objects);
          }
        }
        Life last = life(database, objects, false);
        while (last.read < records) {
          Life before = last;
          last = Objects.requireNonNull(step(last));
          assertThat(last).isSameAs(before);
        }
        check(new SqlLedger(database), objects);
      }
    }

    // ---- events ----

    private void send() {
      for (int i = random.nextInt(12); i >= 0; i--) {
        int shard = random.nextInt(SHARDS);
        List<LogRecord> to = Objects.requireNonNull(log.get(shard));
        Instant arrived = NOON.plusSeconds(records);
        to.add(new LogRecord(shard, to.size() * 2L, arrived, event()));
        records++;
      }
    }

    private byte[] event() {
      int draw = random.nextInt(20);
      if (draw == 0) {
        poison++;
        return List.of("{\"meta\":", "[1]", "{\"meta\":{\"id\":null}}", "")
            .get(random.nextInt(4))
            .getBytes(StandardCharsets.UTF_8);
      }
      String id = "e" + (draw < 8 ? random.nextInt(40) : records + 100);
      ids.add(id);
      String content = draw == 1 ? "other " + random.nextInt(3) : "same";
      String type = "\"type\":\"" + type(id) + "\"";
      return ("{\"meta\":{\"id\":\"" + id + "\"},\n" + type + ",\"text\":\"" + content + "\"}")
          .getBytes(StandardCharsets.UTF_8);
    }

    private static String type(String id) {
      return "t" + Long.parseLong(id.substring(1)) % 3;
    }

    // ---- files ----

    /** Somebody takes batches, and what is taken is compacted, by a process that may die. */
    private void compact(Database database, ObjectStore objects) {
      long last = new SqlLedger(database).lastSeq();
      taken = Math.max(taken, random.nextLong(last + 1));
      Faults faults =
          random.nextInt(3) > 0
              ? Faults.at(1 + random.nextInt(8), random.nextBoolean())
              : Faults.none();
      Database faulty = new FaultyDatabase(database, faults);
      try {
        compacted +=
            new Compaction(
                    RULES,
                    new SqlLedger(faulty),
                    new Whereabouts(faulty),
                    new FaultyObjectStore(objects, faults),
                    Clock.fixed(NOON, ZoneOffset.UTC))
                .run(taken);
      } catch (Crash e) {
        // another will do it
      }
    }

    // ---- owners ----

    /** A process that delivers, until it dies. */
    private static final class Life {
      private final Delivery delivery;
      private final Map<Integer, Long> next = new HashMap<>();
      private @Nullable SortedMap<Integer, Long> begun;
      private long read;

      Life(Delivery delivery) {
        this.delivery = delivery;
      }
    }

    private Life life(Database database, ObjectStore objects, boolean mortal) {
      if (random.nextInt(3) == 0) {
        index = new ForgetfulIndex(); // its files are gone
      } else if (random.nextInt(3) == 0) {
        index.loseLatest(random.nextInt(3));
      }
      Faults faults =
          mortal ? Faults.at(1 + random.nextInt(12), random.nextBoolean()) : Faults.none();
      return new Life(
          new Delivery(
              RULES,
              new SqlLedger(new FaultyDatabase(database, faults)),
              new FaultyObjectStore(objects, faults),
              index,
              Clock.fixed(NOON, ZoneOffset.UTC)));
    }

    /** The same life, or null if it ended. */
    private @Nullable Life step(Life life) {
      try {
        if (life.begun == null) {
          life.begun = life.delivery.begin();
          life.next.putAll(life.begun);
          life.read = readBefore(life.begun);
        }
        List<LogRecord> some = poll(life);
        if (!some.isEmpty()) {
          assertThat(life.delivery.deliver(some).received()).isEqualTo(some.size());
          life.read += some.size();
        }
        return life;
      } catch (Crash e) {
        return null;
      } catch (TarnException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.FENCED);
        return null;
      }
    }

    private long readBefore(Map<Integer, Long> next) {
      return log.values().stream()
          .flatMap(List::stream)
          .filter(r -> r.offset() < next.getOrDefault(r.shard(), 0L))
          .count();
    }

    private List<LogRecord> poll(Life life) {
      List<LogRecord> some = new ArrayList<>();
      for (int shard = 0; shard < SHARDS; shard++) {
        long from = life.next.getOrDefault(shard, 0L);
        int most = random.nextInt(8);
        for (LogRecord record : Objects.requireNonNull(log.get(shard))) {
          if (record.offset() >= from && most-- > 0) {
            some.add(
                new LogRecord(shard, record.offset(), record.arrived(), record.bytes().clone()));
            life.next.put(shard, record.offset() + 1);
          }
        }
      }
      return some;
    }

    // ---- the end ----

    private void check(Ledger ledger, ObjectStore objects) throws IOException {
      EventCounts total = ledger.eventCounts(CLICKS);
      List<String> stored = new ArrayList<>();
      long letters = 0;
      for (Batch batch : ledger.batches(Set.of(CLICKS), 0, 10_000)) {
        for (RawFile file : ledger.files(batch.seq())) {
          List<String> found =
              lines(objects, file).stream()
                  .map(line -> line.replaceAll(".*\"id\":\"(e\\d+)\".*", "$1"))
                  .toList();
          stored.addAll(found);
          if (file.isCompacted()) {
            assertThat(batch.seq()).as("nobody reads half a file").isLessThanOrEqualTo(taken);
            assertThat(found)
                .allSatisfy(id -> assertThat(file.folder()).isEqualTo(folder(type(id))));
          }
        }
        for (RawFile file : ledger.files(batch.seq(), RawFile.Role.DEAD)) {
          letters += lines(objects, file).size();
        }
      }
      assertThat(stored).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(ids);
      assertThat(total.received()).isEqualTo(records);
      assertThat(total.stored()).isEqualTo(ids.size());
      assertThat(total.rejected()).isEqualTo(poison);
      assertThat(letters).isEqualTo(total.rejected() + total.conflict());
    }

    private static String folder(String type) {
      return "event_type=" + type + "/year=2026/month=03/day=01";
    }

    private static List<String> lines(ObjectStore objects, RawFile file) throws IOException {
      boolean zstd = file.key().name().endsWith(".zst");
      try (var in = objects.read(file.key());
          BufferedReader reader =
              new BufferedReader(
                  new InputStreamReader(
                      zstd ? new ZstdInputStream(in) : in, StandardCharsets.UTF_8))) {
        return reader.lines().toList();
      }
    }
  }
}
