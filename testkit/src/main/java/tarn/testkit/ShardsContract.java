package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog.Extent;
import tarn.core.event.EventLog.Outcome;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;
import tarn.core.stream.ConsumerName;
import tarn.core.stream.Consumers;
import tarn.core.stream.LineageReader;
import tarn.core.stream.Shard;
import tarn.core.stream.ShardMap;
import tarn.core.stream.ShardedLog;
import tarn.core.stream.Shards;

/**
 * What two servers on one database and log keep of shards and consumers. A test names where the
 * database is.
 */
public abstract class ShardsContract {
  private static final SourceName CLICKS = new SourceName("clicks");
  private static final Duration RETENTION = Duration.ofDays(7);
  private static final ConsumerName BILLING = new ConsumerName("billing");
  private static final BigInteger MIDDLE = BigInteger.ONE.shiftLeft(127);

  @TempDir protected Path temp;
  private final AtomicLong nanos = new AtomicLong(1);
  private final MemoryEventLog log = new MemoryEventLog(Clock.systemUTC());
  private Database database;
  private Database otherDatabase;
  private ShardedLog server;
  private ShardedLog other;
  private LineageReader reader;
  private final ClockAhead clock = new ClockAhead();
  private Consumers consumers;
  private Consumers otherConsumers;
  private int count;

  /** A fresh place, with nothing in it. */
  protected abstract DatabasePlace place(Path temp);

  @BeforeEach
  void openTwice() {
    DatabasePlace place = place(temp);
    database = place.open();
    otherDatabase = place.open();
    server = new ShardedLog(log, new Shards(database), Clock.systemUTC(), nanos::get);
    other = new ShardedLog(log, new Shards(otherDatabase), Clock.systemUTC(), nanos::get);
    reader = new LineageReader(server);
    consumers = new Consumers(database, clock);
    otherConsumers = new Consumers(otherDatabase, clock);
  }

  @AfterEach
  void closeBoth() {
    database.close();
    otherDatabase.close();
  }

  @Test
  void aStreamBeginsWithEvenShardsAndKeepsThem() {
    open(3);
    ShardMap map = server.shards(CLICKS);
    assertThat(map.open()).extracting(Shard::number).containsExactly(0, 1, 2);
    assertThat(map.open().get(2).to()).isEqualTo(Shard.HIGHEST_HASH);
    assertThat(other.shards(CLICKS)).isEqualTo(map);
    server.split(CLICKS, 1, MIDDLE);
    server.open(CLICKS, 2, RETENTION);
    assertThat(server.shards(CLICKS).all()).as("opening again changes nothing").hasSize(5);
    server.open(CLICKS, 6, RETENTION);
    assertThat(server.shards(CLICKS).open()).as("a higher number is made").hasSize(6);
    assertThat(log.extent(CLICKS)).hasSize(server.shards(CLICKS).logShards());
  }

  @Test
  void whatIsPutGoesWhereItsHashBelongs() {
    open(1);
    server.split(CLICKS, 0, MIDDLE);
    List<Outcome> outcomes =
        server.append(
            CLICKS,
            List.of(
                event("a"), // its hash begins with 0c
                event("b"), // with 92
                new ShardedLog.Event("a", MIDDLE, bytes("x")),
                new ShardedLog.Event("", MIDDLE.subtract(BigInteger.ONE), bytes("y"))));
    assertThat(outcomes)
        .containsExactly(
            new Outcome.Appended(1, 0),
            new Outcome.Appended(2, 0),
            new Outcome.Appended(2, 1),
            new Outcome.Appended(1, 1));
    assertThat(server.read(CLICKS, 2, 0, 10, 1000).records())
        .extracting(LogRecord::key)
        .containsExactly("b", "a");
    assertThat(log.extent(CLICKS)).containsEntry(0, new Extent(0, 0));
  }

  @Test
  void anotherServerFollowsWithinTwoSeconds() {
    open(1);
    server.resize(CLICKS, 2);
    pass(Duration.ofMillis(2_001));
    assertThat(other.append(CLICKS, List.of(event("b"))))
        .containsExactly(new Outcome.Appended(2, 0));
  }

  @Test
  void aClosedShardsEndIsKnownAfterAWhileAndEndsItsReaders() {
    open(1);
    server.append(CLICKS, List.of(event("a"), event("a")));
    server.resize(CLICKS, 2);
    assertThat(other.append(CLICKS, List.of(event("a"))))
        .as("a server that has not noticed")
        .containsExactly(new Outcome.Appended(0, 2));
    pass(Duration.ofMillis(4_900));
    assertThat(server.shards(CLICKS).shard(0).endsAt()).isNull();
    assertThat(server.read(CLICKS, 0, 3, 10, 1000))
        .isEqualTo(new ShardedLog.Piece(List.of(), 3, false));
    pass(Duration.ofMillis(2_100));
    assertThat(server.shards(CLICKS).shard(0).endsAt()).isEqualTo(3);
    ShardedLog.Piece last = server.read(CLICKS, 0, 2, 10, 1000);
    assertThat(last.records()).hasSize(1);
    assertThat(last.next()).isEqualTo(3);
    assertThat(last.ended()).isTrue();
    assertThat(server.read(CLICKS, 0, 1, 1, 1000).ended()).as("there is more").isFalse();
    assertThat(server.read(CLICKS, 0, 3, 10, 1000).ended()).isTrue();
    assertThat(server.read(CLICKS, 1, 0, 10, 1000).ended()).as("an open one").isFalse();
    pass(Duration.ofSeconds(3));
    assertThat(other.shards(CLICKS)).isEqualTo(server.shards(CLICKS));
  }

  @Test
  void aClosedShardWhoseEventsAreGoneEnds() {
    open(1);
    server.append(CLICKS, List.of(event("a"), event("a")));
    server.resize(CLICKS, 2);
    pass(Duration.ofSeconds(6));
    server.shards(CLICKS);
    log.removeBefore(CLICKS, 0, 2);
    assertThat(server.read(CLICKS, 0, 0, 10, 1000))
        .isEqualTo(new ShardedLog.Piece(List.of(), 2, true));
  }

  @Test
  void whatComesBehindAnEndIsNotAcknowledgedAndNotRead() {
    open(1);
    AtomicInteger records = new AtomicInteger();
    log.loseReplies(
        () -> {
          if (records.incrementAndGet() == 1) { // the second record is still on its way
            other.resize(CLICKS, 2);
            pass(Duration.ofSeconds(6));
            assertThat(other.shards(CLICKS).shard(0).endsAt()).isEqualTo(1);
          }
          return false;
        });
    List<Outcome> outcomes = server.append(CLICKS, List.of(event("a"), event("a")));
    assertThat(outcomes.get(0)).isEqualTo(new Outcome.Appended(0, 0));
    assertThat(outcomes.get(1))
        .isInstanceOfSatisfying(Outcome.Failed.class, f -> assertThat(f.retry()).isTrue());
    ShardedLog.Piece all = server.read(CLICKS, 0, 0, 10, 1000);
    assertThat(all.records()).hasSize(1);
    assertThat(all.ended()).isTrue();
    assertThat(server.append(CLICKS, List.of(event("a"))))
        .as("sent again")
        .containsExactly(new Outcome.Appended(1, 0));
  }

  @Test
  void twoServersThatChangeShardsAtOnceLoseNothing() {
    open(1);
    Together.run(
        2,
        number -> {
          for (int i = 0; i < 5; i++) {
            ShardedLog mine = number == 0 ? server : other;
            mine.resize(CLICKS, 2 + (i + number) % 3);
          }
          return number;
        });
    ShardMap map = new Shards(database).map(CLICKS);
    BigInteger next = BigInteger.ZERO;
    for (Shard shard : map.open()) {
      assertThat(shard.from()).isEqualTo(next);
      next = shard.to().add(BigInteger.ONE);
    }
    assertThat(next).isEqualTo(BigInteger.ONE.shiftLeft(128));
    assertThat(log.extent(CLICKS).size()).isGreaterThanOrEqualTo(map.logShards());
  }

  @Test
  void aShardOfTheLogThatAKilledServerMadeIsNotUsed() {
    open(1);
    log.open(CLICKS, 3, RETENTION); // and died before it entered two
    assertThat(server.split(CLICKS, 0, MIDDLE).open())
        .extracting(Shard::number)
        .containsExactly(3, 4);
  }

  @Test
  void fewerShardsThanTheDefinitionSaysAreRefused() {
    open(2);
    ShardMap before = server.shards(CLICKS);
    refuses(ErrorCode.BAD_REQUEST, () -> server.merge(CLICKS, 0, 1));
    refuses(ErrorCode.BAD_REQUEST, () -> server.resize(CLICKS, 1));
    refuses(ErrorCode.BAD_REQUEST, () -> server.resize(CLICKS, 101));
    refuses(ErrorCode.NOT_FOUND, () -> server.shards(new SourceName("others")));
    assertThat(new Shards(database).map(CLICKS)).isEqualTo(before);
    assertThat(log.extent(CLICKS)).as("nothing was made for them").hasSize(2);
  }

  @Test
  void timesAndHashesComeBackAsTheyWent() {
    open(2);
    server.split(CLICKS, 1, Shard.HIGHEST_HASH);
    ShardMap kept = new Shards(otherDatabase).map(CLICKS);
    assertThat(kept).isEqualTo(server.shards(CLICKS));
    assertThat(kept.shard(3).from()).isEqualTo(Shard.HIGHEST_HASH);
    assertThat(kept.shard(3).openedAt())
        .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
  }

  @Test
  void aConsumerGoesOnWhereItCommitted() {
    open(2);
    put("a", "b", "a", "b", "a");
    assertThat(consumers.places(CLICKS, BILLING)).isEmpty();
    Map<Integer, Long> begun = consumers.begin(CLICKS, BILLING, Map.of(0, 0L, 1, 0L));
    LineageReader.Portion first = reader.read(CLICKS, begun, 3);
    assertThat(first.events()).hasSize(3);
    assertThat(reader.read(CLICKS, begun, 10).events()).as("not committed").hasSize(5);
    consumers.commit(CLICKS, BILLING, first.steps());
    assertThat(otherConsumers.begin(CLICKS, BILLING, Map.of()))
        .as("one that is there does not begin again")
        .isEqualTo(otherConsumers.places(CLICKS, BILLING).orElseThrow());
    LineageReader.Portion rest =
        reader.read(CLICKS, otherConsumers.places(CLICKS, BILLING).orElseThrow(), 10);
    assertThat(rest.events()).hasSize(2);
    otherConsumers.commit(CLICKS, BILLING, rest.steps());
    assertThat(consumers.places(CLICKS, BILLING)).contains(Map.of(0, 3L, 1, 2L));
    assertThat(reader.read(CLICKS, Map.of(0, 3L, 1, 2L), 10).steps()).as("nothing new").isEmpty();
  }

  @Test
  void theSlowerOfTwoReadersOfOneNameTakesNothingBack() {
    open(2);
    consumers.begin(CLICKS, BILLING, Map.of(0, 0L, 1, 0L));
    consumers.commit(CLICKS, BILLING, List.of(new Consumers.Step(0, 0L, 7)));
    List<Consumers.Step> slow = List.of(new Consumers.Step(1, 0L, 4), new Consumers.Step(0, 0L, 5));
    refuses(ErrorCode.CONFLICT, () -> otherConsumers.commit(CLICKS, BILLING, slow));
    refuses(
        ErrorCode.CONFLICT,
        () -> consumers.commit(CLICKS, BILLING, List.of(new Consumers.Step(0, null, 6))));
    assertThat(consumers.places(CLICKS, BILLING))
        .as("all of a commit or nothing")
        .contains(Map.of(0, 7L, 1, 0L));
    consumers.commit(CLICKS, BILLING, List.of(new Consumers.Step(0, null, 8)));
    consumers.commit(CLICKS, BILLING, List.of(new Consumers.Step(0, 8L, 2)));
    assertThat(consumers.places(CLICKS, BILLING))
        .as("who says from where may go back")
        .contains(Map.of(0, 2L, 1, 0L));
  }

  @Test
  void aConsumerThatIsRemovedIsGone() {
    open(1);
    refuses(ErrorCode.NOT_FOUND, () -> consumers.remove(CLICKS, BILLING));
    refuses(
        ErrorCode.NOT_FOUND,
        () -> consumers.commit(CLICKS, BILLING, List.of(new Consumers.Step(0, 0L, 1))));
    consumers.begin(CLICKS, BILLING, Map.of(0, 5L));
    consumers.begin(CLICKS, new ConsumerName("Others.2"), Map.of());
    consumers.remove(CLICKS, BILLING);
    assertThat(consumers.places(CLICKS, BILLING)).isEmpty();
    assertThat(consumers.all(CLICKS)).containsOnlyKeys("Others.2");
    assertThat(consumers.begin(CLICKS, BILLING, Map.of())).isEmpty();
    refuses(ErrorCode.BAD_REQUEST, () -> new ConsumerName("no/slash"));
  }

  @Test
  void theRateIsThatOfTheLastMinute() {
    open(1);
    consumers.begin(CLICKS, BILLING, Map.of(0, 0L));
    long next = 0;
    for (int i = 0; i < 30; i++) {
      clock.advance(Duration.ofSeconds(10));
      next += i < 15 ? 90 : 20;
      consumers.commit(CLICKS, BILLING, List.of(new Consumers.Step(0, null, next)));
    }
    assertThat(lastMinute()).as("2 a second").isBetween(110L, 130L);
    clock.advance(Duration.ofSeconds(61));
    assertThat(lastMinute()).as("it stands still").isZero();
  }

  private long lastMinute() {
    return consumers.all(CLICKS).getOrDefault(BILLING.value(), Map.of()).values().stream()
        .mapToLong(Consumers.Progress::lastMinute)
        .sum();
  }

  @Test
  void readingBeginsWhereItIsAskedTo() {
    open(2);
    put("a", "a", "b");
    Instant then = reader.read(CLICKS, Map.of(), 10).events().get(0).arrived();
    assertThat(reader.places(CLICKS, LineageReader.Start.parse("oldest")))
        .isEqualTo(Map.of(0, 0L, 1, 0L));
    assertThat(reader.places(CLICKS, LineageReader.Start.parse("latest")))
        .isEqualTo(Map.of(0, 2L, 1, 1L));
    assertThat(reader.places(CLICKS, LineageReader.Start.parse(then.plusSeconds(60).toString())))
        .isEqualTo(Map.of(0, 2L, 1, 1L));
    assertThat(reader.places(CLICKS, LineageReader.Start.parse(then.toString())))
        .isEqualTo(Map.of(0, 0L, 1, 0L));
    refuses(ErrorCode.BAD_REQUEST, () -> LineageReader.Start.parse("yesterday"));
  }

  @Test
  void childrenAreReadAfterTheirParents() {
    open(1);
    put("a", "b");
    server.split(CLICKS, 0, MIDDLE);
    put("a", "b");
    server.merge(CLICKS, 1, 2);
    put("a", "b");
    assertThat(texts(reader.read(CLICKS, Map.of(), 10)))
        .as("the first shard's end is not certain")
        .containsExactly("0 a", "1 b");
    pass(Duration.ofSeconds(6));
    assertThat(texts(reader.read(CLICKS, Map.of(), 3))).startsWith("0 a", "1 b").hasSize(3);
    List<String> all = texts(reader.read(CLICKS, Map.of(), 10));
    assertThat(all).hasSize(6).startsWith("0 a", "1 b").endsWith("4 a", "5 b");
    assertThat(texts(reader.read(CLICKS, Map.of(0, 2L, 1, 1L), 10)))
        .containsExactly("3 b", "4 a", "5 b");
  }

  @Test
  void anEmptyShardHoldsItsChildrenUpUntilItsParentsAreRead() {
    open(1);
    put("a", "b");
    server.split(CLICKS, 0, MIDDLE);
    server.merge(CLICKS, 1, 2);
    put("a");
    pass(Duration.ofSeconds(6));
    for (int i = 0; i < 3; i++) {
      assertThat(texts(reader.read(CLICKS, Map.of(), 1))).containsExactly("0 a");
    }
    assertThat(texts(reader.read(CLICKS, Map.of(), 10))).containsExactly("0 a", "1 b", "2 a");
  }

  @Test
  void whatRetentionTookIsToldAndDoesNotHoldUpTheRest() {
    open(1);
    put("a", "b", "a", "b");
    log.removeBefore(CLICKS, 0, 2);
    LineageReader.Portion portion = reader.read(CLICKS, Map.of(0, 1L), 10);
    assertThat(texts(portion)).containsExactly("2 a", "3 b");
    assertThat(portion.lost()).singleElement().asString().contains("shard 0").contains("1 to 1");
    assertThat(portion.steps()).containsExactly(new Consumers.Step(0, 1L, 4));
    log.removeAll(CLICKS);
    put("c");
    portion = reader.read(CLICKS, Map.of(0, 4L), 10);
    assertThat(texts(portion)).containsExactly("4 c");
    assertThat(portion.lost()).singleElement().asString().contains("ends at 1");
    assertThat(portion.steps()).containsExactly(new Consumers.Step(0, 4L, 1));
  }

  private void put(String... keys) {
    for (String key : keys) {
      String text = count++ + " " + key;
      assertThat(server.append(CLICKS, List.of(new ShardedLog.Event(key, null, bytes(text)))))
          .allMatch(Outcome.Appended.class::isInstance);
    }
  }

  private static List<String> texts(LineageReader.Portion portion) {
    return portion.events().stream()
        .map(record -> new String(record.bytes(), StandardCharsets.UTF_8))
        .toList();
  }

  private void open(int count) {
    server.open(CLICKS, count, RETENTION);
    other.open(CLICKS, count, RETENTION);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static ShardedLog.Event event(String key) {
    return new ShardedLog.Event(key, null, bytes("event of " + key));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void refuses(ErrorCode code, Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(TarnException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
