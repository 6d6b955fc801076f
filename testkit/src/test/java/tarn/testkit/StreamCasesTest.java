package tarn.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tarn.core.database.Database;
import tarn.core.event.EventLog;
import tarn.core.event.LogRecord;
import tarn.core.ledger.Batch;
import tarn.core.ledger.EventCounts;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.storage.ObjectStore;
import tarn.core.stream.DeadLetter;
import tarn.core.stream.DeadLetters;
import tarn.core.stream.Delivery;
import tarn.core.stream.StreamRules;

/** What becomes of events of each kind, case by case; docs/design-questions.md lists them. */
class StreamCasesTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration WINDOW = Duration.ofHours(24);

  @TempDir static Path folder;
  private static ObjectStore objects;
  private static Database database;
  private static Ledger ledger;
  private static int streams;

  /** Of this test alone. */
  private final SourceName stream = new SourceName("clicks" + streams++);

  private Delivery delivery;
  private long offset;

  @BeforeAll
  static void open() {
    objects = new LocalObjectStore(folder.resolve("zones"), new Buckets("sim", "test"), false);
    database = DatabasePlace.sqlite(folder).open();
    ledger = new SqlLedger(database);
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void begin() {
    delivery = delivery("id", false, true);
  }

  private Delivery delivery(String id, boolean hashWithoutId, boolean keepConflicts) {
    List<String> path = id.isEmpty() ? List.of() : List.of(id);
    StreamRules rules =
        new StreamRules(
            stream,
            StreamRules.Fields.of(path),
            Optional.empty(),
            hashWithoutId,
            keepConflicts,
            StreamRules.Times.DEFAULT,
            WINDOW,
            Duration.ofDays(7),
            Duration.ofSeconds(2),
            StreamRules.Raw.DEFAULT);
    Delivery begun =
        new Delivery(
            rules, ledger, objects, new MemoryIdIndex(), Clock.fixed(NOON, ZoneOffset.UTC));
    begun.begin();
    return begun;
  }

  // ---- duplicates ----

  @Test
  void anEventThatComesTwiceInABatchIsADuplicate() {
    assertThat(deliver("{\"id\":1}", "{\"id\":2}", "{\"id\":1}")).isEqualTo(counts(3, 2, 1, 0, 0));
  }

  /** Every batch is a file of its own. */
  @Test
  void anEventThatComesAgainInALaterBatchIsADuplicate() {
    assertThat(deliver("{\"id\":1}")).isEqualTo(counts(1, 1, 0, 0, 0));
    assertThat(deliver("{\"id\":2}")).isEqualTo(counts(1, 1, 0, 0, 0));
    assertThat(deliver("{\"id\":1}", "{\"id\":2}")).isEqualTo(counts(2, 0, 2, 0, 0));
  }

  /** The index is made anew from raw. */
  @Test
  void anEventThatComesAgainAfterARestartIsADuplicate() {
    assertThat(deliver("{\"id\":1}")).isEqualTo(counts(1, 1, 0, 0, 0));
    delivery = delivery("id", false, true);
    assertThat(deliver("{\"id\":1}")).isEqualTo(counts(1, 0, 1, 0, 0));
  }

  @Test
  void anEventThatComesAgainInAnotherShardIsADuplicate() {
    assertThat(deliver("{\"id\":1}")).isEqualTo(counts(1, 1, 0, 0, 0));
    LogRecord elsewhere = new LogRecord(7, 0, NOON, "{\"id\":1}".getBytes(UTF_8));
    assertThat(delivery.deliver(List.of(elsewhere))).isEqualTo(counts(1, 0, 1, 0, 0));
  }

  @Test
  void anIdThatComesAgainAfterItsWindowIsANewEvent() {
    assertThat(deliver("{\"id\":1}")).isEqualTo(counts(1, 1, 0, 0, 0));
    byte[] bytes = "{\"id\":1}".getBytes(UTF_8);
    LogRecord last = new LogRecord(0, offset++, NOON.plus(WINDOW).minusMillis(1), bytes.clone());
    LogRecord over = new LogRecord(0, offset++, NOON.plus(WINDOW), bytes.clone());
    assertThat(delivery.deliver(List.of(last))).isEqualTo(counts(1, 0, 1, 0, 0));
    assertThat(delivery.deliver(List.of(over))).isEqualTo(counts(1, 1, 0, 0, 0));
  }

  @Test
  void ofTwoContentsOfOneIdTheFirstWinsAndTheOtherIsKeptAside() {
    assertThat(deliver("{\"id\":1,\"v\":1}", "{\"id\":1,\"v\":2}", "{\"id\":1,\"v\":1}"))
        .isEqualTo(counts(3, 1, 1, 1, 0));
    assertThat(deliver("{\"id\":1,\"v\":3}")).isEqualTo(counts(1, 0, 0, 1, 0));
    assertThat(letters())
        .extracting(letter -> new String(letter.record().bytes(), UTF_8))
        .containsExactly("{\"id\":1,\"v\":3}", "{\"id\":1,\"v\":2}");
    assertThat(letters()).allMatch(letter -> letter.reason().startsWith("conflict"));
  }

  @Test
  void conflictsThatAreIgnoredAreCounted() {
    delivery = delivery("id", false, false);
    assertThat(deliver("{\"id\":1,\"v\":1}", "{\"id\":1,\"v\":2}"))
        .isEqualTo(counts(2, 1, 0, 1, 0));
    assertThat(letters()).isEmpty();
  }

  @Test
  void withoutAnIdItsBytesAreTheEventOrItIsRejectedAsDeclared() {
    assertThat(deliver("{\"v\":1}")).isEqualTo(counts(1, 0, 0, 0, 1));
    delivery = delivery("id", true, true);
    assertThat(deliver("{\"v\":1}", "{\"v\":1}", "{\"v\":1 }", "{\"id\":1}"))
        .isEqualTo(counts(4, 3, 1, 0, 0));
    delivery = delivery("", true, true);
    assertThat(deliver("{\"id\":1,\"v\":1}", "{\"id\":1,\"v\":2}"))
        .isEqualTo(counts(2, 2, 0, 0, 0));
  }

  /** All of it arrived, and half of the answers said that it had not. */
  @Test
  void aBatchThatIsPutAgainAfterLostAnswersIsStoredOnce() {
    MemoryEventLog log = new MemoryEventLog(Clock.fixed(NOON, ZoneOffset.UTC));
    log.open(stream, 2, Duration.ofDays(7));
    List<EventLog.Put> batch = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      batch.add(new EventLog.Put(i % 2, ("{\"id\":" + i + "}").getBytes(UTF_8)));
    }
    int[] answers = {0};
    log.loseReplies(() -> answers[0]++ % 2 == 0);
    assertThat(log.append(stream, batch)).anyMatch(o -> o instanceof EventLog.Outcome.Failed);
    log.loseReplies(() -> false);
    assertThat(log.append(stream, batch)).noneMatch(o -> o instanceof EventLog.Outcome.Failed);
    try (EventLog.Tail tail = log.tail(stream, Map.of())) {
      assertThat(delivery.deliver(tail.poll(Duration.ZERO))).isEqualTo(counts(100, 50, 50, 0, 0));
    }
  }

  // ---- poison ----

  static Stream<Arguments> poison() {
    byte[] event = "{\"id\":\"p\",\"s\":\"|\"}".getBytes(UTF_8);
    return Stream.of(
        Arguments.of("bad JSON", text("{\"id\":\"p\" \"s\":1}"), "not JSON"),
        Arguments.of("truncated", Arrays.copyOf(event, event.length / 2), "not JSON"),
        Arguments.of("truncated in a letter", Arrays.copyOf(text("{\"id\":\"ä"), 8), "not UTF-8"),
        Arguments.of("invalid UTF-8", replaced(event, 0xfc), "not UTF-8"),
        Arguments.of("byte order mark", text("\ufeff{\"id\":\"p\"}"), "byte order mark"),
        Arguments.of(
            "UTF-16",
            "{\"id\":\"p\"}".getBytes(java.nio.charset.StandardCharsets.UTF_16LE),
            "UTF-16"),
        Arguments.of("NUL in a text", replaced(event, 0), "not JSON"),
        Arguments.of("NUL alone", new byte[] {0}, "zero bytes"),
        Arguments.of("duplicate keys", text("{\"id\":\"p\",\"a\":1,\"a\":2}"), "Duplicate field"),
        Arguments.of("10,000 levels", text("{\"id\":\"p\",\"a\":" + deep(10_000) + "}"), "depth"),
        Arguments.of("NaN", text("{\"id\":\"p\",\"a\":NaN}"), "not JSON"),
        Arguments.of("infinity", text("{\"id\":\"p\",\"a\":-Infinity}"), "not JSON"),
        Arguments.of("zero bytes", new byte[0], "empty"),
        Arguments.of("a number", text("17"), "no object"),
        Arguments.of("two objects", text("{\"id\":\"p\"}{\"id\":\"q\"}"), "follows"),
        Arguments.of("no id", text("{\"a\":1}"), "no id"),
        Arguments.of("1 MiB that is none", text("x".repeat(1 << 20)), "not JSON"));
  }

  /** Its dead letter has why, where and what; before and after it all is well. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("poison")
  void poisonIsADeadLetterAndItsNeighboursAreStored(String name, byte[] bytes, String reason) {
    LogRecord before = new LogRecord(3, 10, NOON, text("{\"id\":\"before\"}"));
    LogRecord poison = new LogRecord(3, 11, NOON.plusMillis(5), bytes);
    LogRecord after = new LogRecord(3, 12, NOON, text("{\"id\":\"after\"}"));
    assertThat(delivery.deliver(List.of(before, poison, after))).isEqualTo(counts(3, 2, 0, 0, 1));
    DeadLetter letter = letters().get(0);
    assertThat(letter.reason()).contains(reason).hasSizeLessThan(500);
    assertThat(letter.record().bytes()).isEqualTo(bytes);
    assertThat(letter.record())
        .extracting(LogRecord::shard, LogRecord::offset, LogRecord::arrived)
        .containsExactly(3, 11L, NOON.plusMillis(5));
    reconciles();
  }

  /** They are JSON: what a table makes of them says {@code StreamDoorTest}. */
  @Test
  void numbersThatNoColumnHoldsAreStoredInRaw() {
    assertThat(
            deliver(
                "{\"id\":1,\"n\":1e400}",
                "{\"id\":2,\"n\":9223372036854775808}",
                "{\"id\":3,\"n\":-1e-400}",
                "{\"id\":4,\"n\":" + "9".repeat(900) + "}"))
        .isEqualTo(counts(4, 4, 0, 0, 0));
  }

  @Test
  void anEventOfOneMebibyteAndOneOfTenThousandKeysAreStored() {
    StringBuilder keys = new StringBuilder("{\"id\":2");
    for (int i = 0; i < 10_000; i++) {
      keys.append(",\"k").append(i).append("\":").append(i);
    }
    String large = "{\"id\":1,\"s\":\"" + "x".repeat((1 << 20) - 15) + "\"}";
    assertThat(text(large)).hasSize(1 << 20);
    assertThat(deliver(large, keys + "}", "{\"id\":3}")).isEqualTo(counts(3, 3, 0, 0, 0));
  }

  /** In each batch and in all: received = stored + duplicate + conflict + rejected. */
  @Test
  void countsReconcileBatchByBatch() {
    EventCounts all = new EventCounts(0, 0, 0, 0, 0);
    for (int batch = 0; batch < 5; batch++) {
      EventCounts some =
          deliver("{\"id\":" + batch + "}", "{\"id\":0}", "{\"id\":0,\"v\":" + batch + "}", "x");
      all =
          new EventCounts(
              all.received() + some.received(),
              all.stored() + some.stored(),
              all.duplicate() + some.duplicate(),
              all.conflict() + some.conflict(),
              all.rejected() + some.rejected());
    }
    assertThat(all).isEqualTo(counts(20, 5, 5, 5, 5));
    assertThat(ledger.eventCounts(stream)).isEqualTo(all);
    assertThat(letters()).hasSize(10);
    reconciles();
  }

  private void reconciles() {
    for (Batch batch : ledger.batches(Set.of(stream), 0, 1_000)) {
      EventCounts counts = batch.events().orElseThrow();
      assertThat(counts.received())
          .isEqualTo(counts.stored() + counts.duplicate() + counts.conflict() + counts.rejected());
    }
  }

  private List<DeadLetter> letters() {
    return new DeadLetters(ledger, objects).newest(stream, 100);
  }

  private EventCounts deliver(String... events) {
    List<LogRecord> records = new ArrayList<>();
    for (String event : events) {
      records.add(new LogRecord(0, offset++, NOON, text(event)));
    }
    return delivery.deliver(records);
  }

  private static EventCounts counts(
      long received, long stored, long duplicate, long conflict, long rejected) {
    return new EventCounts(received, stored, duplicate, conflict, rejected);
  }

  private static String deep(int levels) {
    return "[".repeat(levels) + "]".repeat(levels);
  }

  private static byte[] replaced(byte[] event, int by) {
    byte[] bytes = event.clone();
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = bytes[i] == '|' ? (byte) by : bytes[i];
    }
    return bytes;
  }

  private static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }
}
