package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.database.Database;
import tarn.core.event.EventLog;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.storage.ObjectStore;
import tarn.core.stream.Deliverer;
import tarn.core.stream.IdIndex;
import tarn.core.stream.IdIndexes;
import tarn.core.stream.StreamRules;

/** The thread that delivers a stream: what it tells, and when another takes over. */
class DelivererTest {
  private static final SourceName CLICKS = new SourceName("clicks");
  private static final StreamRules RULES =
      new StreamRules(
          CLICKS,
          StreamRules.Fields.of(List.of("id")),
          Optional.empty(),
          false,
          true,
          StreamRules.Times.DEFAULT,
          Duration.ofHours(1),
          Duration.ofDays(1),
          Duration.ofMillis(50),
          StreamRules.Raw.DEFAULT);

  @TempDir Path folder;
  private final MemoryEventLog log = new MemoryEventLog(Clock.systemUTC());
  private ObjectStore objects;
  private Database database;
  private Ledger ledger;

  @BeforeEach
  void open() {
    objects = new LocalObjectStore(folder.resolve("zones"), new Buckets("sim", "test"), false);
    database = DatabasePlace.sqlite(folder).open();
    ledger = new SqlLedger(database);
    log.open(CLICKS, 1, Duration.ofDays(1));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void whatTheLogLostStaysTold() {
    try (Deliverer deliverer = start()) {
      put("a", "b");
      await(() -> stored() == 2);
      log.removeAll(CLICKS);
      put("c");
      await(() -> stored() == 3);
      put("d");
      await(() -> stored() == 4);
      assertThat(deliverer.state().problem()).contains("clicks");
    }
  }

  /** What was not read before its retention was over: the alarm stays, and delivery goes on. */
  @Test
  void eventsThatRetentionRemovedUnreadAreToldAndTheOthersDelivered() {
    put("a", "b", "c", "d");
    try (Deliverer deliverer = start()) {
      await(() -> stored() == 4);
    }
    put("e", "f", "g");
    log.removeBefore(CLICKS, 0, 6);
    try (Deliverer deliverer = start()) {
      await(() -> stored() == 5);
      assertThat(deliverer.state().problem()).contains("has lost its events 4 to 5");
    }
  }

  @Test
  void whoWasRefusedTakesOverWhenTheOwnerIsSilent() {
    try (Deliverer first = start()) {
      put("a");
      await(() -> stored() == 1);
      Deliverer second = start();
      await(() -> second.state().condition() == Deliverer.Condition.RUNNING);
      put("b");
      await(() -> first.state().condition() == Deliverer.Condition.ELSEWHERE);
      await(() -> stored() == 2);
      second.close();
      put("c");
      await(() -> stored() == 3);
      assertThat(first.state().condition()).isEqualTo(Deliverer.Condition.RUNNING);
    }
  }

  private Deliverer start() {
    IdIndexes indexes =
        new IdIndexes() {
          @Override
          public IdIndex open(SourceName stream) {
            return new MemoryIdIndex();
          }

          @Override
          public void discard(SourceName stream) {
            throw new AssertionError("nothing is damaged");
          }
        };
    return Deliverer.start(RULES, log, ledger, objects, indexes, Clock.systemUTC(), () -> {});
  }

  private void put(String... ids) {
    for (String id : ids) {
      byte[] event = ("{\"id\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8);
      assertThat(log.append(CLICKS, List.of(new EventLog.Put(0, event))))
          .hasOnlyElementsOfType(EventLog.Outcome.Appended.class);
    }
  }

  private long stored() {
    return ledger.eventCounts(CLICKS).stored();
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for a minute").isLessThan(end);
      try {
        TimeUnit.MILLISECONDS.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
