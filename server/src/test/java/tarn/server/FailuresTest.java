package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.cdc.PostgresSource;
import tarn.core.change.ChangeSource;
import tarn.core.change.Lsn;
import tarn.core.change.SourceTable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Ledger;
import tarn.core.source.FollowedHere;
import tarn.core.source.Follower;
import tarn.core.storage.ObjectStore;
import tarn.core.table.TableStore;
import tarn.testkit.SourcePostgres;

/** What goes wrong beside or beneath those who follow a database; see SourceSimulationTest, too. */
class FailuresTest {
  private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY, v int)";

  @TempDir static Path folder;
  private static FollowedShop.Lake lake;

  @BeforeAll
  static void open() {
    lake = new FollowedShop.Lake(folder);
  }

  @AfterAll
  static void close() {
    lake.close();
  }

  private interface Broken {
    Object call() throws Throwable;
  }

  private interface Failing {
    Object of(Broken work) throws Throwable;
  }

  /** Something whose calls of some methods fail, before or after they were done. */
  private static <T> T failing(Class<T> port, T good, Predicate<String> methods, Failing how) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (proxy, method, arguments) -> {
              Broken work =
                  () -> {
                    try {
                      return method.invoke(good, arguments);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  };
              return methods.test(method.getName()) ? how.of(work) : work.call();
            }));
  }

  private static Failing afterwards(AtomicInteger times, ErrorCode code) {
    return work -> {
      Object done = work.call();
      if (times.getAndDecrement() > 0) {
        throw new TarnException(code, "the answer was lost on purpose");
      }
      return done;
    };
  }

  private static Failing before(AtomicInteger times, ErrorCode code) {
    return work -> {
      if (times.getAndDecrement() > 0) {
        throw new TarnException(code, "refused on purpose");
      }
      return work.call();
    };
  }

  private static void assertFails(ErrorCode code, Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).as(e.line()).isEqualTo(code));
  }

  @Test
  void case_69_aCommitWhoseAnswerIsLostIsNotDoneTwice() {
    FollowedShop shop = new FollowedShop(lake, TABLE, "INSERT INTO t VALUES (1, 1)");
    shop.land();
    for (int i = 0; i < 3; i++) {
      TableStore tables =
          failing(
              TableStore.class,
              lake.tables,
              "commit"::equals,
              afterwards(new AtomicInteger(1), ErrorCode.COMMIT_UNKNOWN));
      assertFails(ErrorCode.COMMIT_UNKNOWN, () -> shop.apply(tables));
      shop.apply();
      shop.assertEqual("t");
      shop.database.execute("UPDATE t SET v = v + 1", "INSERT INTO t VALUES (10 + " + i + ")");
      shop.land();
    }
    shop.apply();
    shop.assertEqual("t");
  }

  @Test
  void case_69_aBatchWhoseEntryIsUnknownIsNotEnteredTwice() {
    FollowedShop shop = new FollowedShop(lake, TABLE);
    shop.follow();
    shop.database.execute("INSERT INTO t VALUES (1, 1)", "UPDATE t SET id = 2");
    Ledger ledger =
        failing(
            Ledger.class,
            lake.ledger,
            "land"::equals,
            afterwards(new AtomicInteger(1), ErrorCode.DATABASE_UNAVAILABLE));
    assertFails(ErrorCode.DATABASE_UNAVAILABLE, () -> shop.land(with(ledger, lake.objects)));
    long entered = lake.ledger.lastSeq();
    shop.follow().assertEqual("t");
    assertThat(lake.ledger.lastSeq()).isGreaterThan(entered);
  }

  private static Follower.Parts with(Ledger ledger, ObjectStore objects) {
    return new Follower.Parts(ledger, objects, lake.engine.engine(), java.time.Clock.systemUTC());
  }

  /** The one that was there first has lost the ledger, and then does nothing more. */
  @Test
  void case_70_whoWasReplacedIsFenced() {
    FollowedShop shop = new FollowedShop(lake, TABLE);
    shop.follow();
    AtomicBoolean replaced = new AtomicBoolean();
    Ledger ledger =
        failing(
            Ledger.class,
            lake.ledger,
            "land"::equals,
            work -> {
              if (!replaced.getAndSet(true)) {
                lake.ledger.takeOver(shop.source, Follower.CHANGES);
              }
              return work.call();
            });
    assertFails(ErrorCode.FENCED, () -> shop.land(with(ledger, lake.objects)));
    shop.database.execute("INSERT INTO t VALUES (1, 1)");
    shop.follow().assertEqual("t");
  }

  @Test
  void case_70_aSecondFollowerOfTheSlotIsToldSo() {
    FollowedShop shop = new FollowedShop(lake, TABLE);
    shop.follow();
    try (ChangeSource first = shop.open();
        var stream = first.follow(shop.landedUpTo())) {
      assertThat(stream.readThrough()).isGreaterThanOrEqualTo(shop.landedUpTo());
      assertFails(ErrorCode.BUSY, shop::land);
    }
  }

  @Test
  void case_71_connectionsAreCutAndPasswordsChanged() {
    FollowedShop shop = new FollowedShop(lake, TABLE);
    String user = "owner_" + shop.database.database();
    shop.database.execute("CREATE ROLE " + user + " SUPERUSER LOGIN PASSWORD 'old'");
    shop.between = opened -> new PostgresSource(shop.settings(user, "old"));
    shop.follow();
    shop.database.execute("ALTER ROLE " + user + " PASSWORD 'new'", "INSERT INTO t VALUES (1, 1)");
    shop.database.cutConnections();
    boolean checked =
        shop.database
            .value("SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'trust'")
            .equals("0");
    if (checked) {
      assertFails(ErrorCode.SOURCE_REFUSED, shop::land);
    }
    shop.between = opened -> new PostgresSource(shop.settings(user, "new"));
    shop.follow().assertEqual("t");
  }

  @Test
  void case_72_aSlotThatIsGoneIsTold() {
    FollowedShop shop = new FollowedShop(lake, TABLE, "INSERT INTO t VALUES (1, 1)");
    shop.follow();
    shop.database.execute(
        "SELECT pg_drop_replication_slot('" + shop.database.database() + "')",
        "DELETE FROM t",
        "INSERT INTO t VALUES (2, 2)");
    assertFails(ErrorCode.SOURCE_LOST, shop::land);
    assertThat(shop.rows("SELECT id FROM t", "t")).as("as it was").isEqualTo("[[1]]");
  }

  /** What a slot says that stood further than the log of a database that was restored. */
  @Test
  void case_73_anOlderDatabaseIsRefused() {
    FollowedShop shop = new FollowedShop(lake, TABLE);
    shop.follow();
    shop.between =
        opened ->
            new FollowedShop.Wrapped(opened) {
              @Override
              public State state() {
                State now = super.state();
                return new State(now.version(), "another", now.timeline(), now.log(), now.slot());
              }
            };
    assertFails(ErrorCode.SOURCE_LOST, shop::land);
    shop.between = opened -> opened;
    assertThatThrownBy(() -> shop.open().follow(new Lsn(shop.landedUpTo().value() + (1L << 40))))
        .hasMessageContaining("older copy");
  }

  /** A standby takes the place of the database, once with all changes and once without the last. */
  @Test
  void case_71_aServerThatTakesThePlaceOfAnotherIsFollowedIfItHasAllChanges() {
    FollowedShop shop = new FollowedShop(lake, TABLE, "INSERT INTO t VALUES (1, 1)");
    shop.follow().assertEqual("t");
    SourcePostgres.failOver(SourcePostgres.lagging());
    shop.database.execute("INSERT INTO t VALUES (2, 2)");
    shop.follow().assertEqual("t");
    Path standby = SourcePostgres.lagging();
    shop.database.execute("INSERT INTO t VALUES (3, 3)");
    shop.follow().assertEqual("t");
    SourcePostgres.failOver(standby);
    shop.database.execute("INSERT INTO t SELECT i, i FROM generate_series(4, 2000) i");
    assertThatThrownBy(shop::land)
        .hasMessageContaining("did not have all of its changes")
        .hasMessageContaining("source reload");
    assertThat(shop.rows("SELECT count(*) FROM t", "t")).as("as it was").isEqualTo("[[3]]");
    Follower.reload(lake.parts(), shop.source, List.of());
    shop.follow().assertEqual("t");
  }

  /** The load landed, and no change after it, when the standby took the database's place. */
  @Test
  void case_71_aLoadOfRowsThatTheNextServerDoesNotHaveIsForgotten() {
    FollowedShop shop = new FollowedShop(lake, TABLE, "INSERT INTO t VALUES (1, 1)");
    shop.follow().assertEqual("t");
    Path standby = SourcePostgres.lagging();
    Lsn before = shop.landedUpTo();
    shop.database.execute("INSERT INTO t VALUES (2, 2)");
    Follower.reload(lake.parts(), shop.source, List.of("public.t"));
    try (ChangeSource database = shop.open()) {
      SourceTable table =
          database.tables().stream().filter(t -> t.name().equals("t")).findFirst().orElseThrow();
      FollowedHere.follow(
          shop.source,
          database,
          lake.parts(),
          shop.names,
          Duration.ofMinutes(10),
          () -> {},
          () -> FollowedHere.isLoaded(lake.ledger, shop.source, table));
    }
    shop.apply();
    assertThat(shop.rows("SELECT count(*) FROM t", "t")).isEqualTo("[[2]]");
    assumeThat(shop.landedUpTo()).as("no slower than an idle table").isEqualTo(before);
    SourcePostgres.failOver(standby);
    shop.follow().assertEqual("t");
    assertThat(shop.rows("SELECT count(*) FROM t", "t")).isEqualTo("[[1]]");
  }

  @Test
  void case_74_aStoreThatFailsIsTriedAgainWithoutLossOrRepetition() {
    FollowedShop shop = new FollowedShop(lake, TABLE, "INSERT INTO t VALUES (1, 1)");
    ErrorCode code = ErrorCode.STORAGE_UNAVAILABLE;
    for (boolean done : new boolean[] {false, true}) {
      AtomicInteger times = new AtomicInteger(1);
      ObjectStore objects =
          failing(
              ObjectStore.class,
              lake.objects,
              "put"::equals,
              done ? afterwards(times, code) : before(times, code));
      lake.engine.serve(objects, lake.tables);
      try {
        assertThatThrownBy(() -> shop.land(with(lake.ledger, objects)))
            .isInstanceOf(TarnException.class);
      } finally {
        lake.engine.serve(lake.objects, lake.tables);
      }
      shop.database.execute("UPDATE t SET v = v + 1", "INSERT INTO t SELECT max(id) + 1 FROM t");
      shop.follow().assertEqual("t");
    }
  }

  @Test
  void case_75_whatIsNotAppliedWaitsInTheLakeAndIsCaughtUp() {
    FollowedShop shop = new FollowedShop(lake, TABLE);
    shop.follow();
    for (int i = 0; i < 6; i++) {
      shop.database.execute(
          "INSERT INTO t SELECT n, "
              + i
              + " FROM generate_series("
              + i * 100
              + ", "
              + (i * 100 + 99)
              + ") n",
          "DELETE FROM t WHERE v = " + (i - 2));
      shop.land();
    }
    assertThat(shop.rows("SELECT count(*) FROM t", "t")).isEqualTo("[[0]]");
    assertThat(
            shop.database.value(
                "SELECT confirmed_flush_lsn >= '"
                    + shop.landedUpTo()
                    + "' OR pg_current_wal_lsn() - confirmed_flush_lsn < 1000000 FROM pg_replication_slots WHERE slot_name = '"
                    + shop.database.database()
                    + "'"))
        .as("the database need not keep it")
        .isEqualTo("t");
    shop.apply();
    shop.assertEqual("t");
  }

  /** A server that is silent for longer than the database waits loses its connection. */
  @Test
  void case_76_whoIsSilentForTooLongComesBack() {
    FollowedShop shop = new FollowedShop(lake, TABLE);
    shop.follow();
    shop.database.execute("INSERT INTO t SELECT i, i FROM generate_series(1, 500) i");
    AtomicBoolean cut = new AtomicBoolean();
    Ledger ledger =
        failing(
            Ledger.class,
            lake.ledger,
            "land"::equals,
            work -> {
              if (!cut.getAndSet(true)) {
                shop.database.cutConnections();
              }
              return work.call();
            });
    try {
      shop.land(with(ledger, lake.objects));
    } catch (TarnException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_UNAVAILABLE);
    }
    assertThat(cut).isTrue();
    shop.follow().assertEqual("t");
  }

  @Test
  void case_77_whoIsStoppedLeavesWholeBatches() {
    FollowedShop shop = new FollowedShop(lake, TABLE);
    shop.follow();
    AtomicInteger looks = new AtomicInteger();
    for (int i = 0; i < 5; i++) {
      shop.database.execute(
          "INSERT INTO t SELECT n, n FROM generate_series("
              + i * 3_000
              + ", "
              + (i * 3_000 + 2_999)
              + ") n");
      int most = i;
      looks.set(0);
      try (ChangeSource database = shop.open()) {
        FollowedHere.follow(
            shop.source,
            database,
            lake.parts(),
            shop.names,
            Duration.ZERO,
            () -> {},
            () -> looks.incrementAndGet() > most);
      }
      shop.apply();
      assertThat(shop.rows("SELECT count(*) % 3000 FROM t", "t")).isEqualTo("[[0]]");
    }
    shop.follow().assertEqual("t");
  }

  /** Nothing comes, and nothing is said: that is not taken for quiet. */
  @Test
  void case_78_aTableThatSomebodyTookOutOfThePublicationIsLoadedAnew() {
    FollowedShop shop = new FollowedShop(lake, TABLE, "INSERT INTO t VALUES (1, 1), (2, 2)");
    shop.follow();
    shop.database.execute(
        "ALTER PUBLICATION tarn DROP TABLE t",
        "DELETE FROM t WHERE id = 1",
        "INSERT INTO t VALUES (3, 3)");
    shop.follow().assertEqual("t");
    shop.database.execute("INSERT INTO t VALUES (4, 4)");
    shop.follow().assertEqual("t");
    shop.database.execute(
        "ALTER PUBLICATION tarn DROP TABLE t",
        "DELETE FROM t WHERE id = 2",
        "INSERT INTO t VALUES (5, 5)",
        "ALTER PUBLICATION tarn ADD TABLE t",
        "INSERT INTO t VALUES (6, 6)");
    shop.follow().assertEqual("t");
    shop.database.execute("DROP PUBLICATION tarn", "INSERT INTO t VALUES (7, 7)");
    assertFails(ErrorCode.SOURCE_LOST, shop::land);
    shop.database.execute(
        "CREATE PUBLICATION tarn FOR TABLE t WITH (publish_via_partition_root = true)");
    if (SourcePostgres.version() >= 18) { // it passes over what was without one
      shop.follow().assertEqual("t");
    } else {
      assertFails(ErrorCode.SOURCE_LOST, shop::land);
    }
  }
}
