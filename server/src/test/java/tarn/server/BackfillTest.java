package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Column;
import tarn.api.Commit;
import tarn.api.CrawlRequest;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;
import tarn.api.TableRun;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;

/** A changed definition holds for rows that come, or for all, as it says. */
class BackfillTest {
  private static final TableName THINGS = new TableName("clean", "things");

  @TempDir private Path folder;
  private Operations lake = new MemoryOperations();

  @BeforeEach
  void open() throws IOException {
    write("lake.yaml", "name: changing\n");
    lake = Wiring.open(Wiring.read(folder, null));
  }

  @AfterEach
  void close() {
    lake.close();
  }

  @Test
  void aChangedDefinitionHoldsForRowsThatCome() throws IOException {
    define("recipe: [UPPER_CASE: {sourceColumn: name}]\n");
    land("id,name\n1,a\n");
    define(
        "description: All things.\nrecipe: [LOWER_CASE: {sourceColumn: name}]\npartition: [name]\n");
    assertThat(plan())
        .singleElement()
        .asString()
        .startsWith("clean.things define 0 0 partition: none -> name, recipe: 1 steps (")
        .endsWith("makes it hold for all");
    assertThat(run().outcome()).isEqualTo("unchanged");
    assertThat(lake.describe(THINGS).summary().description()).isEqualTo("All things.");
    assertThat(lake.describe(THINGS).partitions()).containsExactly("identity(name)");
    assertThat(lake.describe(THINGS).properties())
        .containsEntry("from", "raw.things")
        .containsEntry("partition", "name")
        .hasEntrySatisfying("last commit", c -> assertThat(c).startsWith("define by "));
    land("id,name\n2,B\n");
    assertThat(things()).isEqualTo("[[1,\"A\"],[2,\"b\"]]");
    List<Commit> history = lake.history(THINGS).commits();
    run();
    assertThat(lake.history(THINGS).commits()).as("told once").isEqualTo(history);
  }

  @Test
  void aBackfillMakesTheTableAnewAndIsTakenBackWhole() throws IOException {
    define("on_change: backfill\npartition: [id]\n");
    land("id,name\n1,7\n2,x\n3,9\n");
    assertThat(things()).isEqualTo("[[1,\"7\"],[2,\"x\"],[3,\"9\"]]");
    define(
        "on_change: backfill\ncolumns: {name: int, id: string}\nquality: ['ColumnValues \"name\" < 9']\nsort: [name]\n");
    assertThat(plan())
        .singleElement()
        .asString()
        .startsWith("clean.things backfill 1 20 columns: none -> ")
        .contains("partition: id -> none", "~ id long -> string", "~ name string -> int");
    TableRun run = run();
    assertThat(run.outcome()).isEqualTo("written");
    assertThat(run.rowsRead()).isEqualTo(3);
    assertThat(plan()).containsExactly("clean.things unchanged 0 0");
    assertThat(things()).isEqualTo("[[\"1\",7]]");
    assertThat(aside()).isEqualTo(2);
    assertThat(run().outcome()).isEqualTo("unchanged");
    land("id,name\n4,8\n5,y\n");
    assertThat(things()).isEqualTo("[[\"1\",7],[\"4\",8]]");
    assertThat(aside()).isEqualTo(3);

    lake.undo(THINGS);
    assertThat(lake.undo(THINGS).operation()).isEqualTo("backfill");
    assertThat(things()).isEqualTo("[[1,\"7\"],[2,\"x\"],[3,\"9\"]]");
    assertThat(aside()).isZero();
    assertThat(run().rowsRead()).as("it is outdated again").isEqualTo(5);
    assertThat(things()).isEqualTo("[[\"1\",7],[\"4\",8]]");
    assertThat(aside()).isEqualTo(3);
  }

  @Test
  void whatWasPutAsideIsTriedAgainAndAKeyHoldsForAllRows() throws IOException {
    define("columns: {name: int}\n");
    land("id,name\n1,7\n2,x\n");
    land("id,name\n2,4\n1,8\n");
    assertThat(things()).isEqualTo("[[1,7],[1,8],[2,4]]");
    assertThat(aside()).isEqualTo(1);
    define("key: [id]\n");
    assertThat(backfill("clean.things").outcome()).isEqualTo("written");
    assertThat(things()).isEqualTo("[[1,\"8\"],[2,\"4\"]]");
    assertThat(aside()).isZero();
    assertThat(backfill("things").outcome()).isEqualTo("written");
    land("id,name\n2,5\n");
    assertThat(things()).isEqualTo("[[1,\"8\"],[2,\"5\"]]");
  }

  @Test
  void aRuleHoldsUpABackfillAndTheTableStaysAsItWas() throws IOException {
    define("on_change: backfill\n");
    land("id,name\n1,a\n2,b\n");
    define("on_change: backfill\nquality: ['ColumnLength \"name\" > 1', RowCount > 1]\n");
    TableRun refused = run();
    assertThat(refused.outcome()).isEqualTo("failed");
    assertThat(refused.message()).contains("RowCount 0");
    assertThat(things()).isEqualTo("[[1,\"a\"],[2,\"b\"]]");
    assertThat(aside()).isZero();
  }

  @Test
  void aPlanTellsWhatARunWillDo() throws IOException {
    define("");
    write("models/counted.sql", "SELECT count(*) AS n FROM clean.things");
    assertThat(plan())
        .containsExactly(
            "clean.things wait 0 0 there is no dataset raw.things yet: upload files to it and crawl",
            "analytics.counted model 0 0 it is new");
    upload("id,name\n1,a\n");
    assertThat(plan().get(0)).startsWith("source things crawl 0 0 files landed");
    lake.crawl(new CrawlRequest(List.of(), false), ExampleLake.work());
    assertThat(plan())
        .containsExactly(
            "clean.things create 1 12 + id long, + name string",
            "analytics.counted model 0 0 it is new, it reads clean.things");
    lake.run(new RunRequest(List.of()), ExampleLake.work());
    assertThat(plan())
        .containsExactly("clean.things unchanged 0 0", "analytics.counted unchanged 0 0");
    upload("id,name,more\n2,b,c\n");
    lake.crawl(new CrawlRequest(List.of(), false), ExampleLake.work());
    assertThat(plan().get(0)).isEqualTo("clean.things load 1 19 + more string");
    assertThat(plan().get(1))
        .startsWith("analytics.counted model 1 ")
        .endsWith("it reads clean.things");
    Files.delete(folder.resolve("models/counted.sql"));
    assertThat(plan().get(1)).startsWith("analytics.counted undefined");
  }

  @Test
  void whatCannotBeMadeAnewSaysSo() throws IOException {
    define("write: overwrite\n");
    write("models/counted.sql", "SELECT count(*) AS n FROM clean.things");
    land("id,name\n1,a\n");
    assertThat(backfill("clean.things").message()).contains("tables/things.yaml", "overwrite");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> backfill("counted"))
        .hasMessageContaining("analytics.counted is a model");
  }

  // ---- the lake ----

  private void define(String more) throws IOException {
    write("tables/things.yaml", "from: things\n" + more);
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void land(String text) {
    upload(text);
    run();
  }

  private void upload(String text) {
    lake.land(
        new Upload(
            new SourceName("things"), "", "t.csv", new ByteArrayInputStream(text.getBytes(UTF_8))));
  }

  private List<String> plan() {
    return lake.plan().changes().stream()
        .map(
            c ->
                (c.table()
                        + " "
                        + c.action()
                        + " "
                        + c.files()
                        + " "
                        + c.bytes()
                        + " "
                        + String.join(", ", c.details()))
                    .strip())
        .toList();
  }

  private TableRun run() {
    return lake.run(new RunRequest(List.of("things")), ExampleLake.work()).tables().get(0);
  }

  private TableRun backfill(String table) {
    return lake.run(new RunRequest(List.of(table), true), ExampleLake.work()).tables().get(0);
  }

  private String things() {
    List<String> rows = new ArrayList<>();
    lake.query(
        new QueryRequest("SELECT id, name FROM clean.things ORDER BY ALL", 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {}

          @Override
          public void rows(byte[] json, int count) {
            rows.add(new String(json, UTF_8).replaceAll("\\s", ""));
          }
        },
        ExampleLake.work());
    return String.join("", rows);
  }

  private long aside() {
    return lake.quarantine(THINGS, 100).counts().stream().mapToLong(c -> c.rows()).sum();
  }
}
