package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.event.EventLog.Extent;
import tarn.core.event.EventLog.Outcome;
import tarn.core.event.EventLog.Put;
import tarn.core.event.EventLog.Tail;
import tarn.core.event.LogRecord;
import tarn.core.ledger.SourceName;

/** What every {@link EventLog} keeps. A test extends this and gives one; it may be the same. */
public abstract class EventLogContract {
  private static final AtomicInteger STREAMS = new AtomicInteger();
  private static final Duration RETENTION = Duration.ofDays(7);
  private static final int MIB = 1 << 20;

  /** Each test has a stream of its own. */
  protected final SourceName stream = new SourceName("stream-" + STREAMS.incrementAndGet());

  /** The log under test. */
  protected abstract EventLog log();

  /** Removes a shard's oldest records, as retention does. */
  protected abstract void removeBefore(SourceName stream, int shard, long offset) throws Exception;

  /** Makes a stream's log empty, as if its files had been deleted. */
  protected abstract void removeAll(SourceName stream) throws Exception;

  @Test
  void recordsAreReadInTheOrderOfTheirShard() {
    log().open(stream, 3, RETENTION);
    Instant before = Instant.now().minusSeconds(60);
    List<Put> puts = IntStream.range(0, 300).mapToObj(i -> put(i % 3, "event " + i)).toList();
    List<Outcome> outcomes = log().append(stream, puts);
    assertThat(outcomes).hasSameSizeAs(puts);
    List<LogRecord> records = read(Map.of(), 300);
    Map<Integer, List<LogRecord>> shards = byShard(records);
    for (int i = 0; i < 300; i++) {
      LogRecord record = shards.getOrDefault(i % 3, List.of()).get(i / 3);
      assertThat(text(record)).isEqualTo("event " + i);
      assertThat(outcomes.get(i)).isEqualTo(new Outcome.Appended(record.shard(), record.offset()));
      assertThat(record.arrived()).isBetween(before, Instant.now().plusSeconds(60));
    }
    shards
        .values()
        .forEach(
            shard ->
                assertThat(shard).extracting(LogRecord::offset).isSorted().doesNotHaveDuplicates());
    assertThat(read(Map.of(), 300))
        .as("a second reading has the same arrivals")
        .extracting(LogRecord::arrived)
        .containsExactlyInAnyOrderElementsOf(records.stream().map(LogRecord::arrived).toList());
  }

  @Test
  void aReaderBeginsAtItsOffsetsAndElsewhereAtTheOldest() {
    log().open(stream, 2, RETENTION);
    log().append(stream, List.of(put(0, "a"), put(0, "b"), put(0, "c"), put(1, "x"), put(1, "y")));
    assertThat(texts(read(Map.of(0, 1L), 4))).containsExactlyInAnyOrder("b", "c", "x", "y");
    assertThat(texts(read(Map.of(0, 3L, 1, 1L), 1))).containsExactly("y");
  }

  @Test
  void aReaderSeesWhatComesLater() {
    log().open(stream, 1, RETENTION);
    try (Tail tail = log().tail(stream, Map.of())) {
      assertThat(tail.poll(Duration.ofMillis(200))).isEmpty();
      log().append(stream, List.of(put(0, "late")));
      assertThat(texts(take(tail, 1))).containsExactly("late");
      log().append(stream, List.of(put(0, "later")));
      assertThat(texts(take(tail, 1))).containsExactly("later");
    }
  }

  @Test
  void aPollReturnsWhenItsPatienceIsOver() {
    log().open(stream, 1, RETENTION);
    try (Tail tail = log().tail(stream, Map.of())) {
      long began = System.nanoTime();
      assertThat(tail.poll(Duration.ofMillis(300))).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void anEmptyShardsOldestIsItsNext() {
    log().open(stream, 2, RETENTION);
    log().append(stream, List.of(put(1, "x"), put(1, "y")));
    assertThat(log().extent(stream)).isEqualTo(Map.of(0, new Extent(0, 0), 1, new Extent(0, 2)));
  }

  @Test
  void aStreamThatWasNeverOpenedIsNotFound() {
    failsWith(ErrorCode.NOT_FOUND, () -> log().append(stream, List.of(put(0, "x"))));
    failsWith(ErrorCode.NOT_FOUND, () -> log().extent(stream));
    failsWith(ErrorCode.NOT_FOUND, () -> log().tail(stream, Map.of()));
    failsWith(ErrorCode.NOT_FOUND, () -> log().read(stream, 0, 0, 1, MIB));
    failsWith(ErrorCode.NOT_FOUND, () -> log().offsetAt(stream, 0, Instant.EPOCH));
  }

  @Test
  void openingAgainKeepsWhatIsThere() {
    log().open(stream, 2, RETENTION);
    log().append(stream, List.of(put(1, "kept")));
    log().open(stream, 1, RETENTION.dividedBy(7));
    assertThat(log().extent(stream)).containsOnlyKeys(0, 1);
    assertThat(texts(read(Map.of(), 1))).containsExactly("kept");
  }

  @Test
  void aShardThatIsAddedIsFoundByThoseWhoReadAlready() {
    log().open(stream, 1, RETENTION);
    try (Tail tail = log().tail(stream, Map.of(0, 0L))) {
      assertThat(tail.poll(Duration.ofMillis(50))).isEmpty();
      log().open(stream, 3, RETENTION);
      assertThat(log().append(stream, List.of(put(2, "new"), put(0, "old"))))
          .allMatch(Outcome.Appended.class::isInstance);
      assertThat(texts(take(tail, 2))).containsExactlyInAnyOrder("new", "old");
    }
  }

  @Test
  void whatIsTooLargeFailsForGoodAndTheOthersDoNot() {
    log().open(stream, 1, RETENTION);
    byte[] largest = new byte[MIB];
    new Random(7).nextBytes(largest);
    List<Outcome> outcomes =
        log()
            .append(
                stream,
                List.of(
                    put(0, "a"), new Put(0, new byte[MIB + 1]), new Put(0, largest), put(0, "b")));
    assertThat(outcomes.get(0)).isEqualTo(new Outcome.Appended(0, 0));
    assertThat(outcomes.get(1)).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed) outcomes.get(1)).retry()).isFalse();
    assertThat(outcomes.subList(2, 4))
        .containsExactly(new Outcome.Appended(0, 1), new Outcome.Appended(0, 2));
    assertThat(read(Map.of(), 3).get(1).bytes()).isEqualTo(largest);
  }

  @Test
  void aShardThatIsNotThereFailsForGood() {
    log().open(stream, 1, RETENTION);
    List<Outcome> outcomes = log().append(stream, List.of(put(0, "a"), put(1, "nowhere")));
    assertThat(outcomes.get(0)).isInstanceOf(Outcome.Appended.class);
    assertThat(((Outcome.Failed) outcomes.get(1)).retry()).isFalse();
  }

  @Test
  void lostRecordsAreToldAndReadingGoesOnFromTheOldest() throws Exception {
    log().open(stream, 2, RETENTION);
    log().append(stream, List.of(put(0, "a"), put(0, "b"), put(0, "c"), put(0, "d"), put(1, "x")));
    removeBefore(stream, 0, 3);
    assertThat(log().extent(stream)).containsEntry(0, new Extent(3, 4));
    try (Tail tail = log().tail(stream, Map.of(0, 1L, 1, 0L))) {
      List<LogRecord> before = new ArrayList<>();
      assertThat(lost(tail, before))
          .contains(stream.value())
          .contains("shard 0")
          .contains("events 1 to 2");
      before.addAll(take(tail, 2 - before.size()));
      assertThat(texts(before)).containsExactlyInAnyOrder("d", "x");
    }
    assertThat(texts(read(Map.of(), 2))).as("who asks for nothing misses nothing").contains("d");
  }

  @Test
  void aReaderThatIsOvertakenByRetentionIsTold() throws Exception {
    log().open(stream, 1, RETENTION);
    log().append(stream, List.of(put(0, "a")));
    try (Tail tail = log().tail(stream, Map.of())) {
      assertThat(texts(take(tail, 1))).containsExactly("a");
      log().append(stream, List.of(put(0, "b"), put(0, "c"), put(0, "d")));
      removeBefore(stream, 0, 3);
      List<LogRecord> before = new ArrayList<>();
      // What had been fetched before it was removed is read; the rest is told.
      String line = lostOrAll(tail, before, "d");
      if (line.isEmpty()) {
        assertThat(texts(before)).containsExactly("b", "c", "d");
      } else {
        assertThat(line).contains("to 2");
        before.addAll(take(tail, 1));
        assertThat(texts(before)).last().isEqualTo("d");
      }
    }
  }

  @Test
  void aLogThatEndsBeforeTheOffsetIsTold() throws Exception {
    log().open(stream, 1, RETENTION);
    log().append(stream, List.of(put(0, "a"), put(0, "b"), put(0, "c")));
    removeAll(stream);
    log().append(stream, List.of(put(0, "other")));
    try (Tail tail = log().tail(stream, Map.of(0, 3L))) {
      assertThat(lost(tail, new ArrayList<>())).contains("ends at 1").contains("up to 3");
      assertThat(texts(take(tail, 1))).containsExactly("other");
    }
  }

  @Test
  void eachSendersOrderIsKept() throws Exception {
    log().open(stream, 2, RETENTION);
    ExecutorService senders = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int sender = 0; sender < 4; sender++) {
        String name = "sender " + sender + " ";
        done.add(
            senders.submit(
                () -> {
                  for (int call = 0; call < 10; call++) {
                    int first = call * 10;
                    assertThat(
                            log()
                                .append(
                                    stream,
                                    IntStream.range(first, first + 10)
                                        .mapToObj(i -> put(i % 2, name + (100 + i)))
                                        .toList()))
                        .allMatch(Outcome.Appended.class::isInstance);
                  }
                }));
      }
      for (Future<?> future : done) {
        future.get();
      }
    } finally {
      senders.shutdown();
    }
    Map<Integer, List<LogRecord>> shards = byShard(read(Map.of(), 400));
    for (List<LogRecord> shard : shards.values()) {
      for (int sender = 0; sender < 4; sender++) {
        String name = "sender " + sender + " ";
        assertThat(texts(shard).stream().filter(text -> text.startsWith(name)).toList())
            .hasSize(50)
            .isSorted();
      }
    }
  }

  @Test
  void aKeyComesBackWithItsRecord() {
    log().open(stream, 1, RETENTION);
    String longest = "\u043a\ud83d\udc1f".repeat(EventLog.MAX_KEY_LENGTH / 2);
    List<Outcome> outcomes =
        log()
            .append(
                stream,
                List.of(
                    new Put(0, "user 7", bytes("a")),
                    new Put(0, longest, bytes("b")),
                    new Put(0, longest + "x", bytes("c")),
                    put(0, "d")));
    assertThat(outcomes.get(2))
        .isInstanceOfSatisfying(Outcome.Failed.class, f -> assertThat(f.retry()).isFalse());
    assertThat(read(Map.of(), 3))
        .extracting(LogRecord::key)
        .as("by a tail")
        .containsExactly("user 7", longest, "");
    assertThat(log().read(stream, 0, 0, 10, MIB))
        .extracting(LogRecord::key)
        .as("by place")
        .containsExactly("user 7", longest, "");
  }

  @Test
  void aPlaceIsReadAsFarAsAskedFor() {
    log().open(stream, 2, RETENTION);
    log().append(stream, IntStream.range(0, 50).mapToObj(i -> put(1, "event " + i)).toList());
    assertThat(log().read(stream, 0, 0, 10, MIB)).as("nothing is there").isEmpty();
    List<LogRecord> all = log().read(stream, 1, 0, 100, MIB);
    assertThat(texts(all))
        .containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(i -> "event " + i).toList());
    assertThat(log().read(stream, 1, 50, 100, MIB)).as("at the end").isEmpty();
    assertThat(texts(log().read(stream, 1, 48, 100, MIB))).containsExactly("event 48", "event 49");
    assertThat(texts(log().read(stream, 1, 20, 3, MIB)))
        .containsExactly("event 20", "event 21", "event 22");
    assertThat(texts(log().read(stream, 1, 23, 3, MIB)))
        .as("where the one before ended")
        .containsExactly("event 23", "event 24", "event 25");
    assertThat(texts(log().read(stream, 1, 23, 3, MIB)))
        .as("the same again")
        .containsExactly("event 23", "event 24", "event 25");
    assertThat(texts(log().read(stream, 1, 0, 100, 15))).containsExactly("event 0", "event 1");
    assertThat(texts(log().read(stream, 1, 0, 100, 1)))
        .as("at least one")
        .containsExactly("event 0");
    assertThat(log().read(stream, 1, 0, 1, MIB).get(0).arrived()).isEqualTo(all.get(0).arrived());
    failsWith(ErrorCode.NOT_FOUND, () -> log().read(stream, 2, 0, 1, MIB));
    failsWith(ErrorCode.EVENTS_LOST, () -> log().read(stream, 1, 51, 1, MIB));
  }

  @Test
  void whoReadsByPlaceSeesWhatWasAppendedBefore() {
    log().open(stream, 1, RETENTION);
    for (int i = 0; i < 20; i++) {
      log().append(stream, List.of(put(0, "event " + i)));
      assertThat(texts(log().read(stream, 0, i, 10, MIB))).containsExactly("event " + i);
      assertThat(log().read(stream, 0, i + 1L, 10, MIB)).isEmpty();
    }
  }

  @Test
  void manyPlacesAreReadAtOnce() {
    log().open(stream, 3, RETENTION);
    log().append(stream, IntStream.range(0, 300).mapToObj(i -> put(i % 3, "event " + i)).toList());
    Together.run(
        12,
        number -> {
          List<LogRecord> found = new ArrayList<>();
          while (found.size() < 100) {
            found.addAll(log().read(stream, number % 3, found.size(), 7 + number, MIB));
          }
          assertThat(texts(found))
              .containsExactlyElementsOf(
                  IntStream.range(0, 100).mapToObj(i -> "event " + (3 * i + number % 3)).toList());
          return number;
        });
  }

  @Test
  void aPlaceThatIsGoneIsReadFromTheOldest() throws Exception {
    log().open(stream, 1, RETENTION);
    log().append(stream, List.of(put(0, "a"), put(0, "b"), put(0, "c"), put(0, "d")));
    removeBefore(stream, 0, 3);
    assertThat(log().read(stream, 0, 1, 10, MIB))
        .singleElement()
        .satisfies(record -> assertThat(record.offset()).isEqualTo(3));
    removeBefore(stream, 0, 4);
    assertThat(log().read(stream, 0, 1, 10, MIB)).isEmpty();
    log().append(stream, List.of(put(0, "e")));
    assertThat(texts(log().read(stream, 0, 1, 10, MIB))).containsExactly("e");
  }

  @Test
  void aTimeHasItsOffset() throws Exception {
    log().open(stream, 2, RETENTION);
    assertThat(log().offsetAt(stream, 0, Instant.EPOCH)).as("of nothing").isZero();
    for (String text : List.of("a", "b", "c")) {
      log().append(stream, List.of(put(0, text), put(0, text)));
      Thread.sleep(15); // arrivals are in milliseconds
    }
    List<LogRecord> records = log().read(stream, 0, 0, 10, MIB);
    Instant second = records.get(2).arrived();
    assertThat(log().offsetAt(stream, 0, Instant.EPOCH)).isZero();
    assertThat(log().offsetAt(stream, 0, records.get(0).arrived())).isZero();
    assertThat(log().offsetAt(stream, 0, second)).isEqualTo(2);
    assertThat(log().offsetAt(stream, 0, second.minusMillis(1))).isEqualTo(2);
    long after = // the two of one call may have a millisecond between them
        records.stream()
            .filter(r -> r.arrived().isAfter(second))
            .findFirst()
            .orElseThrow()
            .offset();
    assertThat(log().offsetAt(stream, 0, second.plusNanos(1))).as("after it").isEqualTo(after);
    assertThat(log().offsetAt(stream, 0, Instant.now().plusSeconds(60))).as("none").isEqualTo(6);
    assertThat(log().offsetAt(stream, 1, second)).isZero();
    removeBefore(stream, 0, 3);
    assertThat(log().offsetAt(stream, 0, Instant.EPOCH)).as("what is kept").isEqualTo(3);
    failsWith(ErrorCode.NOT_FOUND, () -> log().offsetAt(stream, 2, second));
  }

  /** Reads so many records, and sees that no more come. */
  protected final List<LogRecord> read(Map<Integer, Long> from, int count) {
    try (Tail tail = log().tail(stream, from)) {
      List<LogRecord> records = take(tail, count);
      assertThat(records).hasSize(count);
      return records;
    }
  }

  /** Polls until so many records are there. */
  protected static List<LogRecord> take(Tail tail, int count) {
    List<LogRecord> records = new ArrayList<>();
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (records.size() < count) {
      assertThat(System.nanoTime())
          .as("only %s of %s records came", records.size(), count)
          .isLessThan(deadline);
      records.addAll(tail.poll(Duration.ofMillis(200)));
    }
    return records;
  }

  private static String lost(Tail tail, List<LogRecord> before) {
    return lostOrAll(tail, before, "\0");
  }

  /** Polls until it is told that records are lost, or the last one came. */
  private static String lostOrAll(Tail tail, List<LogRecord> before, String last) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < deadline) {
      try {
        before.addAll(tail.poll(Duration.ofMillis(200)));
        if (texts(before).contains(last)) {
          return "";
        }
      } catch (TarnException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.EVENTS_LOST);
        return e.line();
      }
    }
    throw new AssertionError("nobody told that events are lost; read " + texts(before));
  }

  private static void failsWith(ErrorCode code, ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(TarnException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static Map<Integer, List<LogRecord>> byShard(List<LogRecord> records) {
    Map<Integer, List<LogRecord>> shards = new HashMap<>();
    records.forEach(
        record -> shards.computeIfAbsent(record.shard(), shard -> new ArrayList<>()).add(record));
    return shards;
  }

  /** A record of a text. */
  protected static Put put(int shard, String text) {
    return new Put(shard, bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(LogRecord record) {
    return new String(record.bytes(), StandardCharsets.UTF_8);
  }

  /** The texts of records. */
  protected static List<String> texts(List<LogRecord> records) {
    return records.stream().map(EventLogContract::text).toList();
  }
}
