package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** What every {@link Database} keeps. An implementation's test extends this and names a place. */
public abstract class DatabaseContract {
  @TempDir protected Path temp;
  private DatabasePlace place;
  private Database database;
  private Database other;

  /** A fresh place, with nothing in it. */
  protected abstract DatabasePlace place(Path temp);

  @BeforeEach
  void openTwice() {
    place = place(temp);
    database = place.open();
    other = place.open();
  }

  @AfterEach
  void closeBoth() {
    database.close();
    other.close();
  }

  @Test
  void whatIsWrittenIsReadByEveryServer() {
    set("a", 1);
    assertThat(get(other, "a")).isEqualTo(1);
  }

  @Test
  void whatIsWrittenSurvivesReopening() {
    set("a", 1);
    database.close();
    database = place.open();
    assertThat(get(database, "a")).isEqualTo(1);
  }

  @Test
  void aWriteThatThrowsLeavesNothing() {
    assertThatThrownBy(
            () ->
                database.write(
                    handle -> {
                      handle.execute(
                          "INSERT INTO ledger_count VALUES (?, 1, 1, 0, 1)", "half done");
                      throw new IllegalStateException("on purpose");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("on purpose");
    assertThat(count()).isZero();
    set("a", 1);
    assertThat(count()).isEqualTo(1);
  }

  @Test
  void aTarnFailurePassesUnchanged() {
    TarnException mine = new TarnException(ErrorCode.NOT_FOUND, "mine");
    assertThatThrownBy(
            () ->
                database.write(
                    handle -> {
                      throw mine;
                    }))
        .isSameAs(mine);
    assertThatThrownBy(
            () ->
                database.read(
                    handle -> {
                      throw mine;
                    }))
        .isSameAs(mine);
  }

  @Test
  void aRefusedRowIsAConflict() {
    set("a", 1);
    assertThatThrownBy(
            () ->
                database.write(
                    handle ->
                        handle.execute("INSERT INTO ledger_count VALUES (?, 1, 1, 0, 1)", "a")))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    assertThat(get(database, "a")).isEqualTo(1);
  }

  @Test
  void aFaultyStatementIsOurFault() {
    assertThatThrownBy(
            () -> database.read(handle -> handle.execute("SELECT nonsense FROM nowhere")))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
  }

  @Test
  void aWriteInsideAWriteIsRefusedAtOnce() {
    assertThatThrownBy(
            () -> database.write(handle -> database.write(inner -> inner.execute("SELECT 1"))))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("inside a write");
  }

  @Test
  void aReadChangesNothing() {
    assertThatThrownBy(
            () ->
                database.read(
                    handle ->
                        handle.execute("INSERT INTO ledger_count VALUES (?, 1, 1, 0, 1)", "r")))
        .isInstanceOf(TarnException.class);
    assertThat(count()).isZero();
  }

  @Test
  void aReadSeesOneStateWhileOthersWrite() {
    set("a", 1);
    long[] seen =
        database.read(
            handle -> {
              long before = sum(handle);
              write(other, "a", 7);
              return new long[] {before, sum(handle)};
            });
    assertThat(seen).containsExactly(1, 1);
    assertThat(get(database, "a")).isEqualTo(7);
  }

  @Test
  void incrementsByManyThreadsOfTwoServersAreNotLost() {
    set("a", 0);
    int threads = 8;
    int each = 15;
    Together.run(
        threads,
        number -> {
          Database mine = number % 2 == 0 ? database : other;
          for (int i = 0; i < each; i++) {
            mine.write(handle -> write(handle, "a", sum(handle) + 1));
          }
          return number;
        });
    assertThat(get(database, "a")).isEqualTo((long) threads * each);
  }

  @Test
  void readsDoNotWaitForAWriter() throws Exception {
    set("a", 1);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    var pool = Executors.newSingleThreadExecutor();
    try {
      var slow =
          pool.submit(
              () ->
                  database.write(
                      handle -> {
                        write(handle, "a", 2);
                        inside.countDown();
                        return await(go);
                      }));
      assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(get(database, "a")).isEqualTo(1);
      assertThat(get(other, "a")).isEqualTo(1);
      go.countDown();
      assertThat(slow.get(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      go.countDown();
      pool.shutdownNow();
    }
    assertThat(get(database, "a")).isEqualTo(2);
  }

  @Test
  void anInterruptedWriterStopsAndStaysInterrupted() throws Exception {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> set("a", 1))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(count()).isZero();
  }

  @Test
  void aClosedDatabaseSaysSo() {
    other.close();
    assertThatThrownBy(() -> get(other, "a"))
        .isInstanceOfSatisfying(
            TarnException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE));
    assertThatThrownBy(() -> write(other, "a", 1))
        .isInstanceOfSatisfying(
            TarnException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE));
  }

  @Test
  void namesAndTextsComeBackAsTheyWent() {
    String odd = "ж 漢字 🐟 ' \" % \\ \t\n";
    set(odd, 1);
    String back =
        database.read(
            handle ->
                handle.createQuery("SELECT source FROM ledger_count").mapTo(String.class).one());
    assertThat(back).isEqualTo(odd);
  }

  @Test
  void manyRowsInOneWrite() {
    database.write(
        handle -> {
          var batch = handle.prepareBatch("INSERT INTO ledger_count VALUES (?, 1, 1, 0, 1)");
          IntStream.range(0, 2_000).forEach(i -> batch.add("row " + i));
          return batch.execute();
        });
    assertThat(count()).isEqualTo(2_000);
  }

  private void set(String name, long value) {
    write(database, name, value);
  }

  private static long write(Database database, String name, long value) {
    return database.write(handle -> write(handle, name, value));
  }

  private static long write(org.jdbi.v3.core.Handle handle, String name, long value) {
    return handle
        .createUpdate(
            """
            INSERT INTO ledger_count (source, received, stored, duplicate, bytes)
            VALUES (:source, :value, 0, 0, 0)
            ON CONFLICT (source) DO UPDATE SET received = excluded.received""")
        .bind("source", name)
        .bind("value", value)
        .execute();
  }

  private static long sum(org.jdbi.v3.core.Handle handle) {
    return handle
        .createQuery("SELECT COALESCE(SUM(received), 0) FROM ledger_count")
        .mapTo(Long.class)
        .one();
  }

  private static long get(Database database, String name) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT received FROM ledger_count WHERE source = :source")
                .bind("source", name)
                .mapTo(Long.class)
                .one());
  }

  private long count() {
    return database.read(
        handle -> handle.createQuery("SELECT COUNT(*) FROM ledger_count").mapTo(Long.class).one());
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
