package tarn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tarn.api.CrawlRequest;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;

/**
 * {@code datalake demo}: the example, from an empty folder to answers, and nothing left running.
 */
final class Demo {
  private static final String MARK = ".datalake-demo";
  private static final List<String> QUERIES =
      List.of(
          "SELECT * FROM analytics.revenue_by_month_and_country ORDER BY revenue DESC LIMIT 8",
          "SELECT rank, name, category, units, revenue FROM analytics.top_products ORDER BY rank LIMIT 8");
  private static final List<String> MODELS =
      List.of("sales_by_month", "sales_by_week", "customer_segments", "funnel");

  private Demo() {}

  static int demo(Session session) {
    if (session.line().has("--cdc")) {
      return DemoOrders.demo(session);
    }
    Path folder = folder(session, "datalake-demo");
    fresh(session, folder, "ecommerce");
    LakePlace lake = LakePlace.at(folder, session.line().option("--environment"));
    try {
      int exitCode = tour(session, lake);
      boolean keep = session.line().has("--keep-running");
      next(session, folder, keep);
      return exitCode;
    } finally {
      if (!session.line().has("--keep-running")) {
        Servers.stop(lake);
      }
    }
  }

  /** Where the demo is made. */
  static Path folder(Session session, String otherwise) {
    String named = session.line().option("--directory");
    return session.folder().resolve(named == null ? otherwise : named).toAbsolutePath().normalize();
  }

  private static int tour(Session session, LakePlace lake) {
    Connection connection = new Connection(lake, true, session.notes());
    heading(session, "Start the lake's server");
    session.print(connection.server() + "\n");
    heading(session, "Upload the sample data: a shop's orders, and its web server's logs");
    Uploads.sampleData(session, connection, lake.folder());
    heading(session, "Crawl: find schemas and partitions");
    Work.crawl(session, connection, new CrawlRequest(List.of(), false));
    heading(session, "Run: clean the tables, then the models");
    int exitCode = Work.run(session, connection, new RunRequest(List.of()));
    for (String query : QUERIES) {
      heading(session, "datalake query '" + query + "'");
      Queries.answer(session, connection, new QueryRequest(query, 0, 0));
    }
    heading(session, "datalake analytics " + String.join(" ", MODELS));
    Analytics.show(session, connection, MODELS, 8);
    heading(session, "What was put aside, and by which rule");
    Tables.counts(session, Tables.quarantine(connection, "", 0));
    stream(session, connection, lake.folder());
    return exitCode;
  }

  private static void stream(Session session, Connection connection, Path folder) {
    heading(session, "Add a stream of events, and put 4,000: a few twice, a few broken");
    DemoStream.define(examples().resolve("clicks"), folder);
    new DemoStream(session, connection).show();
    heading(session, "datalake stream list");
    EventStreams.list(session, connection);
    heading(session, "datalake analytics activity");
    Analytics.show(session, connection, List.of("activity"), 8);
  }

  private static void next(Session session, Path folder, boolean running) {
    heading(session, "What to try next");
    session.print("  cd " + quoted(folder.toString()) + "\n");
    if (!running) {
      session.print("  datalake up --detach\n");
    }
    session.print(
        """
          datalake tables
          datalake describe clean.orders
          datalake quarantine clean.orders --limit 5
          datalake history analytics.top_products
          datalake analytics customer_cohorts bought_together
          datalake stream dead clicks --limit 5
          datalake generate events clicks --rate 1000 --seconds 10
          datalake query 'SELECT tier, count(*) AS customers, sum(revenue) AS revenue FROM analytics.customers_by_value GROUP BY ALL ORDER BY revenue DESC'
          datalake down
        """);
    String launcher = System.getProperty("tarn.launcher", "");
    if (!launcher.isEmpty()) {
      session.print("(datalake is " + launcher + ")\n");
    }
  }

  static void heading(Session session, String text) {
    session.notes().clear();
    session.print("\n== " + text + "\n");
    flush(session);
  }

  /** Shows what was printed. */
  static void flush(Session session) {
    if (session.out() instanceof java.io.Flushable out) {
      Writing.flush(out);
    }
  }

  /** Copies an example into a folder that is new, empty or an earlier demo's. */
  static void fresh(Session session, Path folder, String name) {
    Path example = examples().resolve(name);
    if (!Files.isRegularFile(example.resolve("lake.yaml"))) {
      throw CommandFailed.internal("the example is missing: " + example);
    }
    try {
      if (Files.exists(folder) && !isEmpty(folder)) {
        reset(session, folder);
      }
      copy(example, folder);
    } catch (IOException e) {
      throw CommandFailed.external("cannot make the demo in " + folder + ": " + e);
    }
  }

  private static void reset(Session session, Path folder) throws IOException {
    if (!Files.isRegularFile(folder.resolve(MARK))) {
      throw CommandFailed.usage(
          folder + " is not empty and not of an earlier demo; choose another with --directory");
    }
    session.notes().say("replacing the earlier demo in " + folder);
    if (Files.isRegularFile(folder.resolve("lake.yaml"))) {
      Servers.stop(LakePlace.at(folder, null));
    }
    deleteInside(folder);
  }

  private static Path examples() {
    return Path.of(System.getProperty("tarn.root", "."), "examples");
  }

  private static boolean isEmpty(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.findAny().isEmpty();
    }
  }

  /** The mark goes last, so that a demo that was cut off here can be replaced again. */
  private static void deleteInside(Path folder) throws IOException {
    try (Stream<Path> inside = Files.walk(folder)) {
      for (Path file : inside.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder) && !file.equals(folder.resolve(MARK))) {
          Files.delete(file);
        }
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    Files.writeString(to.resolve(MARK), "Made by `datalake demo`, which may delete it.\n");
    try (Stream<Path> inside = Files.walk(from)) {
      for (Path file : inside.toList()) {
        Path relative = from.relativize(file);
        Path target = to.resolve(relative);
        if (relative.startsWith(".datalake") || file.equals(from)) {
          continue;
        }
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  /** As it is typed in a shell. */
  static String quoted(String text) {
    return text.matches("[A-Za-z0-9_./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
