package tarn.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tarn.testkit.SourcePostgres;

/** A lake that follows a database, served by a process that can be killed, and its copies. */
final class ServedCopies implements AutoCloseable {
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 4_000;

  private final Path folder;
  private final SourcePostgres database;
  private @Nullable KillableServer server;

  private ServedCopies(Path folder, SourcePostgres database) {
    this.folder = folder;
    this.database = database;
  }

  /**
   * Tells what is there of a table: how many rows, and a sum over their hashes, which is the same
   * for the same rows in any order and counts equal ones.
   *
   * @param there a row as text, for PostgreSQL
   * @param here the same for the lake
   */
  record Content(String table, String there, String here) {
    /** One text of a row for both. */
    static Content of(String table, String... columns) {
      String row = "concat_ws('|', " + String.join(", ", columns) + ")";
      return new Content(table, row, row);
    }

    private String inTheDatabase() {
      return "SELECT count(*) || ' ' || coalesce(sum(('x' || substr(md5("
          + there
          + "), 1, 15))::bit(60)::bigint), 0) FROM "
          + table;
    }

    private String inTheLake() {
      return "SELECT count(*) || ' ' || coalesce(sum(('0x' || substr(md5("
          + here
          + "), 1, 15))::bigint), 0) FROM clean."
          + table;
    }
  }

  /**
   * Writes the lake's folder.
   *
   * @param lake lines of {@code lake.yaml} beside its name
   * @param source lines of the database's file beside its connection
   */
  static ServedCopies define(Path folder, SourcePostgres database, String lake, String source)
      throws IOException {
    write(folder.resolve("lake.yaml"), "name: lake\n" + lake);
    write(folder.resolve("password"), database.password() + "\n");
    write(
        folder.resolve("sources/shop.yaml"),
        """
        connection:
          host: %s
          port: %d
          database: %s
          user: %s
          password: file:password
        slot: %s
        tables: [public.*]
        """
                .formatted(
                    database.host(),
                    database.port(),
                    database.database(),
                    database.user(),
                    database.database())
            + source);
    return new ServedCopies(folder, database);
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  KillableServer server() {
    return Objects.requireNonNull(server);
  }

  void start() throws IOException, InterruptedException {
    server = KillableServer.start(folder);
  }

  /** {@code kill -9}, and the next one. */
  void killAndStart() throws IOException, InterruptedException {
    server().kill();
    start();
  }

  /** The first value that a query gives, as text; empty if it fails. */
  String ask(String sql) throws IOException, InterruptedException {
    String request = UntunedLake.JSON.createObjectNode().put("sql", sql).toString();
    List<String> values = new ArrayList<>();
    for (String line : server().ask("query", request).body().split("\n", -1)) {
      JsonNode event =
          line.isBlank() ? UntunedLake.JSON.nullNode() : UntunedLake.JSON.readTree(line);
      event.path("rows").forEach(row -> values.add(row.path(0).asText()));
    }
    return values.isEmpty() ? "" : values.get(0);
  }

  /** Waits for a query's first value. */
  void await(String sql, String wanted, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    String now = ask(sql);
    long pause = FIRST_PAUSE_MILLIS;
    while (!now.equals(wanted)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            sql + ": " + now + " is not " + wanted + "\n" + server().get("sources"));
      }
      TimeUnit.MILLISECONDS.sleep(pause); // each question costs more than what it waits for
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      now = ask(sql);
    }
  }

  /** Waits until copies are equal to their tables, to which nobody writes any more. */
  void awaitEqual(List<Content> contents, Duration patience)
      throws IOException, InterruptedException {
    String there = database.value(all(contents, Content::inTheDatabase));
    await(all(contents, Content::inTheLake), there, patience);
  }

  /** One query for what several say. */
  private static String all(List<Content> contents, Function<Content, String> query) {
    return IntStream.range(0, contents.size())
        .mapToObj(i -> "SELECT " + i + " AS i, (" + query.apply(contents.get(i)) + ") AS v")
        .collect(
            Collectors.joining(
                " UNION ALL ", "SELECT string_agg(v, ', ' ORDER BY i) FROM (", ") AS t"));
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
  }
}
