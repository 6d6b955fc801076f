package tarn.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The archive, unpacked somewhere else, does what the sources do and what the documents say. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchiveTest {
  private static final Path SOURCES = Path.of("..").toAbsolutePath().normalize();

  private Unpacked archive = new Unpacked(Path.of(""), Path.of(""));
  private Path shop = Path.of("");

  @BeforeAll
  void unpack(@TempDir Path folder) throws IOException, InterruptedException {
    archive = Unpacked.into(folder);
    shop = folder.resolve("shop");
    assertThat(archive.run(0, "datalake demo --directory shop --keep-running"))
        .contains("analytics.top_products", "written");
  }

  @AfterAll
  void stop() throws IOException, InterruptedException {
    archive.run(shop, "datalake down");
    Path weather = archive.folder().resolve("weather");
    if (Files.isDirectory(weather)) {
      archive.run(weather, "datalake down");
    }
  }

  @Test
  void itHasWhatAServerNeeds() throws IOException, InterruptedException {
    assertThat(archive.tarn().resolve("systemd/tarn@.service")).isRegularFile();
    assertThat(archive.tarn().resolve("docs/README.md")).isRegularFile();
    assertThat(archive.tarn().resolve("Dockerfile")).isRegularFile();
    assertThat(archive.tarn().resolve("THIRD-PARTY.txt"))
        .content()
        .contains("org.duckdb:duckdb_jdbc", "MIT License")
        .doesNotContain("dev.tarn");
    assertThat(archive.run(0, "datalake version")).contains("build 0.1.0-");
    assertThat(archive.folder().resolve("home/.cache/tarn")).as("class archives").isDirectory();
  }

  /** The lake is the demo's: the documents speak of its tables. */
  @Test
  void everyDocumentedCommandRuns() throws IOException, InterruptedException {
    List<String> failed = new ArrayList<>();
    for (DocumentedCommand command : DocumentedCommand.all(SOURCES)) {
      Unpacked.Answer answer = archive.run(shop, command.runnable());
      if (answer.exitCode() != 0) {
        failed.add(command + " ended with " + answer.exitCode() + ": " + answer.said().strip());
      }
    }
    assertThat(failed).isEmpty();
  }

  /** The first lines of docs/streams.md. */
  @Test
  void anEventThatIsPutIsInItsTableSoon() throws IOException, InterruptedException {
    Path lake = archive.folder().resolve("events");
    archive.run(0, "datalake init events");
    Files.createDirectories(lake.resolve("streams"));
    Files.writeString(lake.resolve("streams/clicks.yaml"), "id: event_id\n");
    Files.writeString(lake.resolve("tables/clicks.yaml"), "from: clicks\n");
    String put =
        "printf '%s\\n' '{\"event_id\":\"e1\"}' '{\"event_id\":\"e1\"}' 'x' | datalake stream put clicks";
    try {
      assertThat(archive.run(lake, "datalake up --detach").exitCode()).isZero();
      Unpacked.Answer answer = archive.run(lake, put);
      assertThat(answer.exitCode()).as(answer.said()).isZero();
      String counts = "";
      for (int i = 0; i < 60 && !counts.equals("1\n1\n"); i++) {
        Thread.sleep(1_000);
        counts =
            archive
                    .run(
                        lake,
                        "datalake query -q -o csv 'SELECT count(*) FROM clean.clicks' | tail -1")
                    .said()
                + archive
                    .run(lake, "datalake stream list -q -o csv | cut -d, -f6 | tail -1")
                    .said();
        counts = counts.replace("\r", "");
      }
      assertThat(counts)
          .as("rows, and duplicates, without the line ends of CSV")
          .isEqualTo("1\n1\n");
    } finally {
      archive.run(lake, "datalake down");
    }
  }

  @Test
  void theDemoOfDatabasesEndsWithEqualTablesAndLeavesNoProcess()
      throws IOException, InterruptedException {
    Path postgres = archive.postgres();
    String said =
        archive.run(0, "PATH='" + postgres + "':\"$PATH\" datalake demo --cdc --directory orders");
    assertThat(said).contains("PostgreSQL 18", "shop.order_lines", "after the last order");
    assertThat(said).doesNotContain("false");
    String lake = archive.folder().resolve("orders").toString();
    assertThat(ProcessHandle.allProcesses().map(ProcessHandle::info).map(Object::toString))
        .noneMatch(process -> process.contains(lake));
    assertThat(Path.of(lake, "postgres")).doesNotExist();
  }

  @Test
  void theTourOfTheReadmeShowsWhatHappens() throws IOException, InterruptedException {
    new Tour(archive).walk(SOURCES.resolve("README.md"));
  }
}
