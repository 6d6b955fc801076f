package tarn.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import tarn.testkit.SourcePostgres;

/**
 * {@code <rows> <file>}: a PostgreSQL with a table of so many rows of about 100 bytes, {@code
 * accounts}; writes its definition as a source to the file and then does what its input says, a
 * line each, and answers a line: {@code copy} (all rows as CSV, to nowhere), {@code changes <n> <in
 * a transaction>} (40 % inserts, 50 % updates, 10 % deletes of random rows), {@code rate <changes a
 * second> <seconds>} (the same, 100 in a transaction), {@code cpu} (seconds of all its processes),
 * {@code mark <n>} (a row -1 - n that says when it was made). Ends with its input.
 */
public final class BusyDatabase {
  private static final double NANOS = 1e9;
  private static final int IN_A_TRANSACTION = 100;

  private final SourcePostgres database = SourcePostgres.fresh();
  private final long rows;
  private long next;
  private long deleted = 1;

  private BusyDatabase(long rows) {
    this.rows = rows;
    this.next = rows + 1;
  }

  public static void main(String[] args) throws Exception {
    BusyDatabase busy = new BusyDatabase(Long.parseLong(args[0]));
    busy.make();
    Files.writeString(Path.of(args[1]), busy.definition());
    try (BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Connection connection = busy.database.connection()) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(busy.answer(connection, line.split(" ")));
      }
    }
    System.exit(0);
  }

  private void make() {
    database.execute(
        "CREATE TABLE accounts (id bigint PRIMARY KEY, branch int NOT NULL, balance numeric(12,2),"
            + " filler text, at timestamptz NOT NULL)",
        "INSERT INTO accounts SELECT i, i % 1000, (i % 100000) / 7.0, md5(i::text) || md5((-i)::text),"
            + " timestamptz '2026-01-01' + i * interval '1 second' FROM generate_series(1, "
            + rows
            + ") i",
        "INSERT INTO accounts VALUES (-1, 0, 0, NULL, now())",
        "VACUUM ANALYZE accounts",
        "CHECKPOINT");
  }

  private String definition() {
    return String.join(
        "\n",
        "connection:",
        "  host: " + database.host(),
        "  port: " + database.port(),
        "  database: " + database.database(),
        "  user: " + database.user(),
        "  password: env:BENCH_PASSWORD",
        "tables: [public.accounts]",
        "");
  }

  private String answer(Connection connection, String[] words)
      throws SQLException, IOException, InterruptedException {
    long began = System.nanoTime();
    switch (words[0]) {
      case "copy" ->
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut("COPY accounts TO STDOUT (FORMAT csv)", OutputStream.nullOutputStream());
      case "changes" -> changes(connection, Long.parseLong(words[1]), Long.parseLong(words[2]));
      case "rate" -> rate(connection, Long.parseLong(words[1]), Long.parseLong(words[2]));
      case "mark" ->
          database.execute(
              "INSERT INTO accounts VALUES (-1 - "
                  + words[1]
                  + ", -1, 0, NULL, clock_timestamp())");
      case "cpu" -> {
        return String.format(Locale.ROOT, "%.1f", DatabaseCpu.seconds(database));
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
    return String.format(Locale.ROOT, "%.2f", (System.nanoTime() - began) / NANOS);
  }

  private void changes(Connection connection, long changes, long each) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      for (long done = 0; done < changes; done += each) {
        transaction(statement, each);
        connection.commit();
      }
    }
    connection.setAutoCommit(true);
  }

  /** Sets, not single statements: the database is to be quicker than who follows it. */
  private void transaction(Statement statement, long each) throws SQLException {
    long inserts = each * 4 / 10;
    long deletes = each / 10;
    statement.execute(
        "INSERT INTO accounts SELECT i, 7, i / 3.0, md5(i::text), now() FROM generate_series("
            + next
            + ", "
            + (next + inserts - 1)
            + ") i");
    next += inserts;
    statement.execute(
        "UPDATE accounts SET balance = balance + 1, at = now() WHERE id IN (SELECT (random() * "
            + rows
            + ")::bigint FROM generate_series(1, "
            + each / 2
            + "))");
    statement.execute(
        "DELETE FROM accounts WHERE id BETWEEN " + deleted + " AND " + (deleted + deletes - 1));
    deleted += deletes;
  }

  private void rate(Connection connection, long perSecond, long seconds)
      throws SQLException, InterruptedException {
    connection.setAutoCommit(false);
    long began = System.nanoTime();
    try (Statement statement = connection.createStatement()) {
      for (long done = 0; done < perSecond * seconds; done += IN_A_TRANSACTION) {
        long due = began + done * TimeUnit.SECONDS.toNanos(1) / perSecond;
        TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
        transaction(statement, IN_A_TRANSACTION);
        connection.commit();
      }
    }
    connection.setAutoCommit(true);
  }
}
