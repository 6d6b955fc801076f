package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Commit;
import tarn.api.QuarantineCount;
import tarn.api.RunAnswer;
import tarn.api.TableMaintenance;
import tarn.api.TableRun;
import tarn.api.UploadAnswer;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.TableName;

/**
 * The whole path over one shop: land, crawl, run, query, maintain. What holds must hold in both
 * shapes of a lake, whether engine processes die meanwhile or not. The claims share one lake; those
 * that change it come last.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class EndToEndTest {
  private static final Pattern COUNT =
      Pattern.compile("(read|stored|superseded|filtered|quarantined) (\\d+)");
  private static final int MOST_TRIES = 60;

  private @Nullable Path place;
  private @Nullable ExampleLake opened;

  /** The text of {@code lake.yaml}; may start servers and write secrets into the folder. */
  abstract String lakeYaml(Path folder) throws IOException;

  /** A second look at the lake's database. */
  abstract Database database(Path folder);

  /** Whether engine processes are killed all the time. */
  abstract Optional<WorkerKiller> killer();

  private ExampleLake lake() {
    return Objects.requireNonNull(opened);
  }

  @BeforeAll
  void fillTheLake(@TempDir Path folder) throws IOException {
    place = folder;
    opened = ExampleLake.at(folder, lakeYaml(folder));
    assertThat(lake().landSample()).extracting(UploadAnswer::outcome).containsOnly("landed");
    tried(this::crawl);
    assertThat(runUntilDone(List.of())).contains("written").doesNotContain("failed", "skipped");
  }

  @AfterAll
  void closeTheLake() {
    killer().ifPresent(WorkerKiller::close);
    lake().close();
  }

  @Test
  @Order(1)
  void theModelsAreTheExpectedOnesToTheLetter() {
    tried(
        () -> {
          try {
            lake().assertModelsAsExpected();
            return true;
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @Test
  @Order(2)
  void everyTableStoresAndPutsAsideWhatTheGeneratorPlanned() throws IOException {
    JsonNode sources = ExampleLake.manifest();
    for (Map.Entry<String, String> each : ExampleLake.TABLES.entrySet()) {
      JsonNode planned = sources.path(each.getKey());
      String table = each.getValue();
      assertThat(count("clean." + table)).as(table).isEqualTo(planned.path("stored").asLong());
      List<QuarantineCount> counts =
          tried(
              () -> lake().operations().quarantine(TableName.parse("clean." + table), 0).counts());
      assertThat(counts.stream().mapToLong(QuarantineCount::rows).sum())
          .as(table)
          .isEqualTo(ExampleLake.quarantined(planned));
      planned
          .path("quarantined")
          .fields()
          .forEachRemaining(
              entry -> {
                if (entry.getKey().startsWith("RULE ")) {
                  assertThat(counts)
                      .contains(
                          new QuarantineCount(
                              "clean." + table,
                              entry.getKey().substring(5),
                              entry.getValue().asLong()));
                }
              });
      assertConservation(
          table, planned.path("received").asLong(), planned.path("filtered").asLong());
    }
  }

  private void assertConservation(String table, long received, long filtered) {
    long allRead = 0;
    long allFiltered = 0;
    for (Commit commit : history(table)) {
      long[] counts = new long[5];
      Matcher matcher = COUNT.matcher(String.valueOf(commit.summary()));
      while (matcher.find()) {
        int at =
            List.of("read", "stored", "superseded", "filtered", "quarantined")
                .indexOf(matcher.group(1));
        counts[at] = Long.parseLong(matcher.group(2));
      }
      assertThat(counts[0])
          .as("%s: %s", table, commit.summary())
          .isEqualTo(counts[1] + counts[2] + counts[3] + counts[4]);
      allRead += counts[0];
      allFiltered += counts[3];
    }
    assertThat(allFiltered).as("all that %s dropped", table).isEqualTo(filtered);
    assertThat(allRead).as("all that %s read", table).isEqualTo(received);
  }

  @Test
  @Order(3)
  void landingEverythingAgainChangesNothing() {
    assertThat(lake().landSample()).extracting(UploadAnswer::outcome).containsOnly("duplicate");
    tried(this::crawl);
    assertThat(runUntilDone(List.of())).containsOnly("unchanged");
  }

  @Test
  @Order(4)
  void aQueryWhoseProcessDiesFailsAloneAndCanBeAskedAgain() throws Exception {
    try (WorkerKiller killer = WorkerKiller.every(300, 1, 400)) {
      do { // another killer may have been faster
        assertThatThrownBy(
                () ->
                    lake()
                        .query(
                            "SELECT count(*) FROM clean.order_items a, clean.order_items b,"
                                + " clean.order_items c WHERE a.quantity + b.quantity < c.quantity"))
            .isInstanceOfSatisfying(
                TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ENGINE_CRASHED));
      } while (killer.killed() == 0);
    }
    assertThat(count("clean.products")).isPositive();
  }

  @Test
  @Order(5)
  void whateverCanBeMadeAnewMayBeDeletedAtAnyMoment() {
    List<String> before = tried(() -> lake().everything());
    Random random = new Random(41);
    for (int round = 0; round < 2; round++) {
      deleteRows(random);
      lake().reopen(() -> deleteFolders(random));
      if (random.nextBoolean()) {
        tried(this::crawl);
        deleteRows(random);
      }
      tried(this::crawl);
      assertThat(runUntilDone(List.of())).doesNotContain("failed", "skipped");
      assertThat(tried(() -> lake().everything())).isEqualTo(before);
    }
  }

  private void deleteRows(Random random) {
    try (Database database = database(Objects.requireNonNull(place))) {
      for (String table : List.of("dataset", "dataset_schema", "orphan_candidate")) {
        if (random.nextBoolean()) {
          List<String> keys =
              database.read(
                  h ->
                      h.createQuery(
                              "SELECT DISTINCT "
                                  + (table.equals("orphan_candidate") ? "path" : "name")
                                  + " FROM "
                                  + table
                                  + " ORDER BY 1")
                          .mapTo(String.class)
                          .list());
          boolean all = random.nextBoolean();
          for (String key : keys) {
            if (all || random.nextBoolean()) {
              database.write(
                  h ->
                      h.execute(
                          "DELETE FROM "
                              + table
                              + " WHERE "
                              + (table.equals("orphan_candidate") ? "path" : "name")
                              + " = ?",
                          key));
            }
          }
        }
      }
    }
  }

  private void deleteFolders(Random random) {
    for (String name : List.of("cache", "work", "cache/objects")) {
      if (random.nextBoolean()) {
        deleteTree(lake().home().resolve(name));
      }
    }
  }

  private static void deleteTree(Path directory) {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @Test
  @Order(6)
  void olderVersionsAnswerAsTheyDidAfterMoreHasCome() {
    long before = count("clean.orders");
    long snapshot = java.util.Objects.requireNonNull(history("orders").get(0).snapshot());
    assertThat(
            lake()
                .land(
                    "orders",
                    "year=2026/month=01/day=01",
                    "orders.csv",
                    """
                    order_id,customer_id,channel,status,ordered_at,updated_at,shipping_fee,coupon,note
                    9000001,1,web,placed,2025-12-31 23:00:00,2026-01-01 00:00:00,0.00,,
                    9000002,1,web,placed,2026-01-01 00:00:00,2026-01-01 00:00:00,0.00,,
                    1002022,51,web,cancelled,2025-12-01 11:18:52,2026-01-01 14:03:40,0.00,,
                    """)
                .outcome())
        .isEqualTo("landed");
    assertThat(runUntilDone(ExampleLake.GROUND))
        .contains("written")
        .doesNotContain("failed", "skipped");
    assertThat(count("clean.orders")).isEqualTo(before + 2);
    assertThat(count("clean.orders AT (VERSION => " + snapshot + ")")).isEqualTo(before);
    String status = "SELECT status FROM clean.orders %s WHERE order_id = 1002022";
    assertThat(tried(() -> lake().query(status.formatted("")))).endsWith("cancelled");
    assertThat(tried(() -> lake().query(status.formatted("AT (VERSION => " + snapshot + ")"))))
        .doesNotContain("cancelled");
  }

  @Test
  @Order(7)
  void compactionMakesFewerFilesAndChangesNoAnswer() {
    List<String> before = tried(() -> lake().everything());
    List<TableMaintenance> done = tried(() -> lake().maintain().tables());
    assertThat(done).anyMatch(t -> t.filesAfter() < t.filesBefore());
    assertThat(tried(() -> lake().everything())).isEqualTo(before);
    assertThat(runUntilDone(ExampleLake.GROUND)).doesNotContain("failed", "skipped");
    assertThat(tried(() -> lake().everything())).isEqualTo(before);
  }

  // ---- steps ----

  private boolean crawl() {
    lake().crawl();
    return true;
  }

  private List<Commit> history(String table) {
    return lake().operations().history(TableName.parse("clean." + table)).commits();
  }

  private long count(String from) {
    return tried(() -> lake().number("SELECT count(*) FROM " + from));
  }

  /** What became of the tables; where engine processes are killed, in the last of several runs. */
  private List<String> runUntilDone(List<String> wanted) {
    for (int i = 0; ; i++) {
      RunAnswer answer = tried(() -> lake().run(wanted));
      boolean crashed =
          answer.tables().stream()
              .map(TableRun::message)
              .anyMatch(m -> m != null && m.contains("process died"));
      if (killer().isEmpty() || !crashed || i == MOST_TRIES) {
        return answer.tables().stream().map(TableRun::outcome).toList();
      }
    }
  }

  /** Again, as a person would, if an engine process was killed; never where none is. */
  private <T> T tried(Supplier<T> work) {
    for (int i = 0; ; i++) {
      try {
        return work.get();
      } catch (TarnException e) {
        if (e.code() != ErrorCode.ENGINE_CRASHED || killer().isEmpty() || i == MOST_TRIES) {
          throw e;
        }
      }
    }
  }
}
