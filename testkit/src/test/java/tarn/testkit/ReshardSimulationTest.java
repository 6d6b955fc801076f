package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog.Outcome;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;
import tarn.core.stream.ConsumerName;
import tarn.core.stream.Consumers;
import tarn.core.stream.LineageReader;
import tarn.core.stream.Shard;
import tarn.core.stream.ShardedLog;
import tarn.core.stream.Shards;

/**
 * Worlds, each from one seed, in which events are put by two servers while shards are split and
 * merged, replies are lost, servers begin anew, and readers of one consumer die between reading and
 * committing.
 */
class ReshardSimulationTest {
  private static final int WORLDS = 12;
  private static final int STEPS = 120;
  private static final ConsumerName BILLING = new ConsumerName("billing");

  @TempDir Path temp;

  @Test
  void whatWasAcknowledgedIsReadInTheOrderOfItsKeyWhateverIsSplitAndWhoeverDies() {
    try (Database database = DatabasePlace.sqlite(temp).open()) {
      for (int seed = 0; seed < WORLDS; seed++) {
        new World(seed, database).run();
      }
    }
  }

  private static final class World {
    private final int seed;
    private final Random random;
    private final SourceName stream;
    private final AtomicLong nanos = new AtomicLong(1);
    private final MemoryEventLog log = new MemoryEventLog(Clock.systemUTC());
    private final Database database;
    private final Consumers consumers;
    private final List<ShardedLog> servers = new ArrayList<>();

    /** By key: how many are acknowledged, and how many were read for the first time, in order. */
    private final Map<String, Integer> acknowledged = new HashMap<>();

    private final Map<String, Integer> read = new HashMap<>();
    private final Set<String> committed = new HashSet<>();

    World(int seed, Database database) {
      this.seed = seed;
      this.random = new Random(seed);
      this.stream = new SourceName("world-" + seed);
      this.database = database;
      this.consumers = new Consumers(database, Clock.systemUTC());
      servers.add(server());
      servers.add(server());
    }

    private ShardedLog server() {
      ShardedLog server = new ShardedLog(log, new Shards(database), Clock.systemUTC(), nanos::get);
      server.open(stream, 1, Duration.ofDays(7));
      return server;
    }

    void run() {
      log.loseReplies(() -> random.nextInt(12) == 0);
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> put("key " + random.nextInt(6));
          case 3, 4 -> consume(1 + random.nextInt(9), random.nextInt(3) == 0);
          case 5 -> nanos.addAndGet(random.nextLong(3_000_000_000L));
          case 6 -> reshard(servers.get(random.nextInt(2)));
          default -> servers.set(random.nextInt(2), server()); // it was killed
        }
      }
      log.loseReplies(() -> false);
      for (int quiet = 0; quiet < 200 && !read.equals(acknowledged); quiet++) {
        nanos.addAndGet(3_000_000_000L);
        consume(20, false);
      }
      assertThat(read).as("world %d", seed).isEqualTo(acknowledged);
    }

    /** A sender has one server, and sends the next event of a key when it has an answer. */
    private void put(String key) {
      int number = acknowledged.getOrDefault(key, 0);
      ShardedLog server = servers.get(key.hashCode() & 1);
      ShardedLog.Event event =
          new ShardedLog.Event(key, null, (key + " " + number).getBytes(StandardCharsets.UTF_8));
      while (!(server.append(stream, List.of(event)).get(0) instanceof Outcome.Appended)) {
        nanos.addAndGet(random.nextLong(1_000_000_000L));
      }
      acknowledged.put(key, number + 1);
    }

    private void reshard(ShardedLog server) {
      List<Shard> open = server.shards(stream).open();
      int at = random.nextInt(open.size());
      Shard shard = open.get(at);
      try {
        switch (random.nextInt(4)) {
          case 0, 1 ->
              server.split(
                  stream,
                  shard.number(),
                  shard.from().add(shard.to()).shiftRight(1).add(BigInteger.ONE));
          case 2 -> server.merge(stream, shard.number(), open.get(Math.max(0, at - 1)).number());
          default -> server.resize(stream, 1 + random.nextInt(4));
        }
      } catch (TarnException e) {
        // What the other server did meanwhile, or one shard that would be merged with itself.
        assertThat(e.code()).isIn(ErrorCode.CONFLICT, ErrorCode.BAD_REQUEST);
      }
    }

    private void consume(int most, boolean dies) {
      LineageReader reader = new LineageReader(servers.get(random.nextInt(2)));
      Map<Integer, Long> from =
          consumers
              .places(stream, BILLING)
              .orElseGet(
                  () ->
                      consumers.begin(
                          stream,
                          BILLING,
                          reader.places(stream, new LineageReader.Start.Oldest())));
      LineageReader.Portion portion = reader.read(stream, from, most);
      assertThat(portion.lost()).isEmpty();
      portion.events().forEach(this::deal);
      if (!dies) {
        consumers.commit(stream, BILLING, portion.steps());
        portion.events().forEach(record -> committed.add(record.shard() + ":" + record.offset()));
      }
    }

    private void deal(LogRecord record) {
      assertThat(committed)
          .as("world %d: read again after its commit", seed)
          .doesNotContain(record.shard() + ":" + record.offset());
      String text = new String(record.bytes(), StandardCharsets.UTF_8);
      int number = Integer.parseInt(text.substring(text.lastIndexOf(' ') + 1));
      int next = read.getOrDefault(record.key(), 0);
      assertThat(number).as("world %d: %s before its time", seed, text).isLessThanOrEqualTo(next);
      if (number == next) {
        read.put(record.key(), next + 1);
      }
    }
  }
}
