package tarn.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.database.SqliteDatabase;
import tarn.core.engine.Column;
import tarn.core.engine.Engine;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.ingest.Landings;
import tarn.core.lake.LakeFolder;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.observe.Progress;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;

/** What {@code datasets/*.yaml} says overrules what a crawl would guess. */
class DeclaredDatasetsTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-05T08:00:00Z"), ZoneOffset.UTC);

  @TempDir Path home;
  private SqliteDatabase database;
  private LocalObjectStore objects;
  private Landings landings;
  private Datasets datasets;
  private DatasetFiles files;
  private Crawler crawler;
  private DatasetLayout layout = new DatasetLayout(List.of());
  private List<Column> guess = List.of(new Column("id", Types.LongType.get()));
  private final List<RawInput> read = new ArrayList<>();

  @BeforeEach
  void openLake() throws IOException {
    database = SqliteDatabase.open(home.resolve("catalog.db"));
    objects = new LocalObjectStore(home.resolve("zones"), new Buckets("lake", "dev"), false);
    SqlLedger ledger = new SqlLedger(database);
    landings = new Landings(objects, ledger, CLOCK);
    datasets = new Datasets(database);
    RawInputs inputs = new RawInputs(objects, () -> layout);
    files = new DatasetFiles(ledger, inputs);
    crawler = new Crawler(ledger, inputs, engine(), datasets, CLOCK);
    Files.createDirectories(home.resolve("lake/datasets"));
    Files.writeString(home.resolve("lake/lake.yaml"), "name: shop\n");
  }

  @AfterEach
  void closeLake() {
    objects.close();
    database.close();
  }

  @Test
  void positionalFoldersArePartitions() throws IOException {
    land("events", "click/2025/10", "a.csv", "id\n1\n");
    land("events", "view/2025/11", "b.csv", "id\n2\n");
    assertThat(crawl()).hasSize(2);
    say("events", "partitions: [event_type, year, month]\n");
    List<Crawler.Report> reports = crawl();
    assertThat(reports)
        .extracting(r -> r.dataset().name() + " " + r.change() + " " + r.partitions())
        .containsExactlyInAnyOrder(
            "raw.events ADDED 2",
            "raw.events_click_2025_10 REMOVED 0",
            "raw.events_view_2025_11 REMOVED 0");
    assertThat(datasets.find(DatasetName.of(new SourceName("events"), "")).orElseThrow())
        .satisfies(
            d -> {
              assertThat(d.partitions()).containsExactly("event_type", "year", "month");
              assertThat(d.columns())
                  .extracting(c -> c.name() + " " + c.type())
                  .containsExactly("id long", "event_type string", "year long", "month long");
              assertThat(d.files()).isEqualTo(2);
              assertThat(files.inputs(d))
                  .extracting(i -> i.partitionValues().toString())
                  .containsExactly(
                      "{event_type=click, year=2025, month=10}",
                      "{event_type=view, year=2025, month=11}");
            });
    assertThat(datasets.list()).filteredOn(d -> d.more().deprecated()).hasSize(2);
    assertThat(crawler.behind()).isEmpty();
  }

  @Test
  void aFileInOtherFoldersIsNotGuessedAt() throws IOException {
    say("events", "partitions: [year, month]\n");
    land("events", "2025/10", "a.csv", "id\n1\n");
    land("events", "2025", "b.csv", "id\n2\n");
    assertThat(crawl())
        .singleElement()
        .satisfies(
            r ->
                assertThat(r.notes())
                    .singleElement()
                    .asString()
                    .contains("b.csv: it stands in 1 folders", "datasets/events.yaml names 2"));
  }

  @Test
  void excludedFilesAreCountedAndPassedOver() throws IOException {
    land("shop", "", "a.csv", "id\n1\n");
    land("shop", "", "b.bak", "id\n2\n");
    crawl();
    say("shop", "exclusions: ['*.bak', 'tmp/**']\n");
    assertThat(crawler.behind()).hasSize(1);
    crawl();
    assertThat(datasets.list())
        .singleElement()
        .satisfies(
            d -> {
              assertThat(d.files()).isEqualTo(1);
              assertThat(d.more().excluded()).isEqualTo(1);
              assertThat(files.inputs(d)).hasSize(1);
            });
    assertThat(crawler.behind()).isEmpty();
  }

  @Test
  void whatAFileIsCanBeSaid() throws IOException {
    say(
        "odd",
        "format: csv\ndelimiter: ','\nquote: \"'\"\nheader: false\nencoding: iso-8859-1\ncolumns: {a: string, b: \"decimal(9, 2)\"}\n");
    land("odd", "", "a.txt", "x;y,'1,5',z\n");
    say(
        "app",
        "classifier: grok\npattern: '%{LEVEL:level} %{GREEDYDATA:text}'\npatterns: {LEVEL: 'LOW|HIGH'}\n");
    land("app", "", "a.log", "LOW a\n");
    crawl();
    assertThat(read)
        .filteredOn(i -> i.format() instanceof RawFormat.Csv)
        .singleElement()
        .extracting(RawInput::format)
        .isEqualTo(
            new RawFormat.Csv(
                ',', '\'', false, List.of("a", "b", "c3"), StandardCharsets.ISO_8859_1));
    assertThat(read)
        .filteredOn(i -> i.format() instanceof RawFormat.Lines)
        .singleElement()
        .extracting(i -> ((RawFormat.Lines) i.format()).groups())
        .isEqualTo(List.of("level", "text"));
    assertThat(datasets.list().get(1).columns())
        .contains(new Column("b", Types.DecimalType.of(9, 2)));
  }

  @Test
  void aFileThatIsSomethingElseThanIsSaidIsUnreadable() throws IOException {
    say("p", "format: parquet\n");
    land("p", "", "a", "id\n1\n");
    assertThat(crawl().get(0).notes()).singleElement().asString().contains("no Parquet file");
  }

  @Test
  void changesOfColumnsAreToldAndEnteredOrOnlyTold() throws IOException {
    say("shop", "update_behavior: LOG\n");
    land("shop", "", "a.csv", "id\n1\n");
    crawl();
    guess =
        List.of(
            new Column("id", Types.StringType.get()), new Column("total", Types.DoubleType.get()));
    land("shop", "", "b.csv", "id\n2\n");
    Crawler.Report told = crawl().get(0);
    assertThat(told.columns().added()).extracting(Column::name).containsExactly("total");
    assertThat(told.columns().changed()).extracting(Column::name).containsExactly("id");
    assertThat(datasets.list().get(0).columns()).hasSize(1);
    say("shop", "delete_behavior: DELETE_FROM_DATABASE\n");
    Crawler.Report entered = crawl().get(0);
    assertThat(entered.columns()).isEqualTo(told.columns());
    assertThat(datasets.list().get(0).columns()).hasSize(2);
    guess = List.of(new Column("id", Types.StringType.get()));
    say("shop", "delete_behavior: DELETE_FROM_DATABASE\ndescription: anew\n");
    assertThat(crawl().get(0).columns().removed())
        .extracting(Column::name)
        .containsExactly("total");
  }

  @Test
  void aDatasetWithoutFilesGoesAsIsSaid() throws IOException {
    for (String behavior : List.of("LOG", "DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE")) {
      land(behavior.substring(0, 3).toLowerCase(Locale.ROOT), "2025", "a.csv", "id\n1\n");
    }
    crawl();
    for (String behavior : List.of("LOG", "DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE")) {
      say(
          behavior.substring(0, 3).toLowerCase(Locale.ROOT),
          "partitions: [year]\ndelete_behavior: " + behavior + "\n");
    }
    assertThat(crawl()).filteredOn(r -> r.change() == Crawler.Change.REMOVED).hasSize(3);
    assertThat(datasets.list())
        .extracting(d -> d.name() + " " + d.files() + " " + d.more().deprecated())
        .containsExactly(
            "raw.del 1 false",
            "raw.dep 1 false",
            "raw.dep_2025 0 true",
            "raw.log 1 false",
            "raw.log_2025 0 false");
  }

  @Test
  void aDryRunChangesNothing() throws IOException {
    land("shop", "", "a.csv", "id\n1\n");
    assertThat(crawler.crawl(Set.of(), true, Progress.NONE)).hasSize(1);
    assertThat(datasets.list()).isEmpty();
  }

  private List<Crawler.Report> crawl() {
    return crawler.crawl(Set.of(), false, Progress.NONE);
  }

  private void say(String name, String text) throws IOException {
    Files.writeString(home.resolve("lake/datasets/" + name + ".yaml"), text);
    reread();
  }

  private void reread() {
    layout = new DatasetLayout(LakeFolder.load(home.resolve("lake")).orThrow().datasets());
  }

  private void land(String source, String folder, String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    landings.land(new SourceName(source), folder, name, new ByteArrayInputStream(bytes));
  }

  /** Finds the same columns everywhere, and nothing else. */
  private Engine engine() {
    return (Engine)
        Proxy.newProxyInstance(
            Engine.class.getClassLoader(),
            new Class<?>[] {Engine.class},
            (proxy, method, arguments) -> {
              if (method.isDefault()) {
                return java.lang.reflect.InvocationHandler.invokeDefault(proxy, method, arguments);
              } else if (!method.getName().equals("infer")) {
                throw new UnsupportedOperationException(method.getName());
              }
              @SuppressWarnings("unchecked")
              List<RawInput> inputs = (List<RawInput>) arguments[0];
              read.addAll(inputs);
              return guess;
            });
  }
}
