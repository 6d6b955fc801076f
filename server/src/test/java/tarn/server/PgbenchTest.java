package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.testkit.PostgresFixture;
import tarn.testkit.S3Fixture;
import tarn.testkit.SourcePostgres;

/**
 * The tables of {@code pgbench} and its transactions, as its documentation says, several beside
 * each other while the server is killed: the four copies end equal to their tables, and at any
 * moment the balances of accounts, tellers and branches and the deltas of the history have one sum.
 */
class PgbenchTest {
  private static final int SESSIONS = 4;
  private static final int TELLERS = 10;
  private static final int ACCOUNTS = 100_000;
  private static final int LONGEST_PAUSE_MILLIS = 8;
  private static final int LARGEST_DELTA = 5_000;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private static final String SUMS =
      "SELECT (SELECT sum(abalance) FROM clean.pgbench_accounts)"
          + " || ' ' || (SELECT sum(tbalance) FROM clean.pgbench_tellers)"
          + " || ' ' || (SELECT sum(bbalance) FROM clean.pgbench_branches)"
          + " || ' ' || (SELECT sum(delta) FROM clean.pgbench_history)";

  private static final String HISTORY = "concat_ws('|', tid, bid, aid, delta, %s, filler)";

  /** What a session does once in so many transactions, if rows of the history may go. */
  private static final int BETWEEN_SUMMARIES = 50;

  @TempDir Path folder;
  private final SourcePostgres database = SourcePostgres.fresh();
  private final AtomicLong committed = new AtomicLong();

  /** So many transactions may begin; between two kills, each time as many. */
  private final Semaphore allowed = new Semaphore(0);

  private boolean appendOnly;
  private volatile boolean enough;

  @SuppressWarnings("NullAway.Init") // each test defines its own
  private ServedCopies lake;

  @AfterEach
  void end() {
    enough = true;
    lake.close();
  }

  @Test
  void copiesAreEqualWhoseHistoryIsOnlyAddedTo() throws Exception {
    onThisMachine(1, 3_000, 2);
  }

  @Test
  void copiesAreEqualWhoseHistoryTellsWholeRows() throws Exception {
    try (S3Fixture storage = S3Fixture.start(folder.resolve("s3"))) {
      onServers(storage, 1, 2_000, 1);
    }
  }

  @Test
  @Tag("soak")
  void copiesAreEqualAfterManyKills() throws Exception {
    onThisMachine(10, 100_000, Integer.getInteger("tarn.kills", 30));
  }

  @Test
  @Tag("soak")
  void copiesOnServersAreEqualAfterManyKills() throws Exception {
    try (S3Fixture storage = S3Fixture.start(folder.resolve("s3"))) {
      onServers(storage, 10, 100_000, Integer.getInteger("tarn.kills", 30));
    }
  }

  private void onThisMachine(int scale, int transactions, int kills) throws Exception {
    appendOnly = true;
    lake = define("prefix: lake\n", "append_only: [public.pgbench_history]\n");
    work(scale, transactions, kills);
  }

  /** There whole rows are told, so that rows of the history can go, too. */
  private void onServers(S3Fixture storage, int scale, int transactions, int kills)
      throws Exception {
    String schema = PostgresFixture.freshSchema();
    lake = define(ServersLake.lines(folder.resolve("lake"), schema, storage), "");
    work(scale, transactions, kills);
  }

  private ServedCopies define(String lines, String source) throws IOException {
    return ServedCopies.define(
        folder.resolve("lake"),
        database,
        lines + "engine: {memory: 512MB, threads: 1}\n",
        "freshness: 300ms\n" + source);
  }

  // ---- at work ----

  private void work(int scale, int transactions, int kills) throws Exception {
    long seed = Long.getLong("tarn.seed", System.nanoTime());
    System.out.println("PgbenchTest: -Dtarn.seed=" + seed);
    tables(scale);
    if (!appendOnly) {
      database.execute("ALTER TABLE pgbench_history REPLICA IDENTITY FULL");
    }
    lake.start();
    ExecutorService sessions = Executors.newFixedThreadPool(SESSIONS);
    try {
      int each = transactions / (kills + 1);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        Random random = new Random(seed + i);
        boolean summaries = i == 0 && !appendOnly;
        all.add(sessions.submit(() -> session(random, scale, summaries)));
      }
      for (int kill = 0; kill < kills; kill++) {
        allowed.release(each);
        awaitCommitted(all, kill * each + each / 2);
        lake.killAndStart();
        if (kill == 0) {
          awaitLoaded();
        }
        assertWhole();
      }
      allowed.release(each);
      awaitCommitted(all, (kills + 1) * each);
      enough = true;
      for (Future<?> session : all) {
        session.get();
      }
    } finally {
      sessions.shutdownNow();
    }
    lake.awaitEqual(
        List.of(
            ServedCopies.Content.of("pgbench_branches", "bid", "bbalance", "filler"),
            ServedCopies.Content.of("pgbench_tellers", "tid", "bid", "tbalance", "filler"),
            ServedCopies.Content.of("pgbench_accounts", "aid", "bid", "abalance", "filler"),
            new ServedCopies.Content(
                "pgbench_history",
                HISTORY.formatted("(extract(epoch from mtime) * 1000000)::bigint"),
                HISTORY.formatted("epoch_us(mtime)"))),
        PATIENCE);
    assertWhole();
  }

  private void awaitCommitted(List<Future<?>> sessions, int wanted) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (committed.get() < wanted) {
      for (Future<?> session : sessions) {
        if (session.isDone()) {
          session.get(); // throws why
        }
      }
      assertThat(System.nanoTime()).as("transactions go on").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** From the first transaction on that comes to all four, they agree. */
  private void awaitLoaded() throws Exception {
    database.execute(
        "BEGIN; INSERT INTO pgbench_branches VALUES (-1, 0); INSERT INTO pgbench_tellers VALUES (-1, -1, 0);"
            + " INSERT INTO pgbench_accounts VALUES (-1, -1, 0); INSERT INTO pgbench_history VALUES (-1, -1, -1, 0); COMMIT");
    lake.await(
        "SELECT (SELECT count(*) FROM clean.pgbench_branches WHERE bid = -1)"
            + " || (SELECT count(*) FROM clean.pgbench_tellers WHERE bid = -1)"
            + " || (SELECT count(*) FROM clean.pgbench_accounts WHERE bid = -1)"
            + " || (SELECT count(*) FROM clean.pgbench_history WHERE bid = -1)",
        "1111",
        PATIENCE);
  }

  private void assertWhole() throws Exception {
    List<String> sums = List.of(lake.ask(SUMS).split(" "));
    assertThat(sums).as("accounts, tellers, branches, history").hasSize(4);
    assertThat(sums).containsOnly(sums.get(0));
  }

  private void tables(int scale) {
    database.execute(
        "CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))",
        "CREATE TABLE pgbench_tellers (tid int NOT NULL PRIMARY KEY, bid int, tbalance int, filler char(84)) WITH (fillfactor = 100)",
        "CREATE TABLE pgbench_accounts (aid int NOT NULL PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100)",
        "CREATE TABLE pgbench_branches (bid int NOT NULL PRIMARY KEY, bbalance int, filler char(88)) WITH (fillfactor = 100)",
        "INSERT INTO pgbench_branches SELECT i, 0 FROM generate_series(1, " + scale + ") i",
        "INSERT INTO pgbench_tellers SELECT i, (i - 1) / 10 + 1, 0 FROM generate_series(1, "
            + scale * TELLERS
            + ") i",
        "INSERT INTO pgbench_accounts SELECT i, (i - 1) / 100000 + 1, 0, '' FROM generate_series(1, "
            + scale * ACCOUNTS
            + ") i");
  }

  private Void session(Random random, int scale, boolean summaries)
      throws SQLException, InterruptedException {
    try (Connection connection = database.connection();
        Transaction transaction = new Transaction(connection)) {
      for (int i = 1; !enough; i++) {
        if (!allowed.tryAcquire(LONGEST_PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
          continue;
        }
        transaction.run(
            1 + random.nextInt(scale * ACCOUNTS),
            1 + random.nextInt(scale * TELLERS),
            1 + random.nextInt(scale),
            random.nextInt(2 * LARGEST_DELTA + 1) - LARGEST_DELTA);
        if (summaries && i % BETWEEN_SUMMARIES == 0) {
          transaction.summary(1 + random.nextInt(scale * TELLERS));
        }
        committed.incrementAndGet();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_PAUSE_MILLIS));
      }
      return null;
    }
  }

  /** The one of TPC-B, as {@code pgbench -M prepared} has it. */
  private static final class Transaction implements AutoCloseable {
    private final Connection connection;
    private final List<PreparedStatement> statements = new ArrayList<>();

    Transaction(Connection connection) throws SQLException {
      this.connection = connection;
      connection.setAutoCommit(false);
      for (String sql :
          List.of(
              "UPDATE pgbench_accounts SET abalance = abalance + ? WHERE aid = ?",
              "SELECT abalance FROM pgbench_accounts WHERE aid = ?",
              "UPDATE pgbench_tellers SET tbalance = tbalance + ? WHERE tid = ?",
              "UPDATE pgbench_branches SET bbalance = bbalance + ? WHERE bid = ?",
              "INSERT INTO pgbench_history (delta, tid, bid, aid, mtime) VALUES (?, ?, ?, ?, CURRENT_TIMESTAMP)",
              "WITH gone AS (DELETE FROM pgbench_history WHERE tid = ? RETURNING delta)"
                  + " INSERT INTO pgbench_history (tid, delta, filler) SELECT ?, sum(delta), 'sum' FROM gone")) {
        statements.add(connection.prepareStatement(sql));
      }
    }

    void run(int account, int teller, int branch, int delta) throws SQLException {
      execute(0, delta, account);
      execute(1, account);
      execute(2, delta, teller);
      execute(3, delta, branch);
      execute(4, delta, teller, branch, account);
      connection.commit();
    }

    /** A teller's rows of the history, those of equal values too, become one. */
    void summary(int teller) throws SQLException {
      execute(5, teller, teller);
      connection.commit();
    }

    private void execute(int which, int... values) throws SQLException {
      PreparedStatement statement = statements.get(which);
      for (int i = 0; i < values.length; i++) {
        statement.setInt(i + 1, values[i]);
      }
      statement.execute();
    }

    @Override
    public void close() throws SQLException {
      for (PreparedStatement statement : statements) {
        statement.close();
      }
    }
  }
}
