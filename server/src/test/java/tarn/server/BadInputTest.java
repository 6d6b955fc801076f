package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tarn.api.Column;
import tarn.api.CrawlRequest;
import tarn.api.QuarantinedRow;
import tarn.api.QueryRequest;
import tarn.api.RunRequest;
import tarn.api.TableRun;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;

/**
 * Files that nobody would want, each a source of its own with a table that nobody tuned: what can
 * be read is stored, the rest is in quarantine with its reason, and the lake goes on. The claims
 * share one lake; those that damage it come last.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BadInputTest {
  private Path folder = Path.of("");
  private Operations lake = new MemoryOperations();

  @BeforeAll
  void landEverything(@TempDir Path temp) throws IOException {
    folder = temp;
    Files.createDirectories(folder.resolve("tables"));
    Files.writeString(folder.resolve("lake.yaml"), "name: bad\nprefix: bad\n");
    List<String> sources = new ArrayList<>();
    Operations opened = Wiring.open(Wiring.read(folder, null));
    lake = opened;
    land(sources, "good", "id,name\n1,a\n2,b\n".getBytes(UTF_8));
    land(sources, "utf16", "id,name\n1,a\n".getBytes(StandardCharsets.UTF_16LE));
    land(sources, "array", "[{\"id\":1},\n {\"id\":2}]\n".getBytes(UTF_8));
    land(sources, "pretty", "{\n  \"id\": 1\n}\n".getBytes(UTF_8));
    land(sources, "returns", "id,name\r1,a\r2,b\r".getBytes(UTF_8));
    land(sources, "deep", deep("{\"id\":1}\n").getBytes(UTF_8));
    land(sources, "onlydeep", deep("").getBytes(UTF_8));
    land(sources, "changed", changed());
    land(sources, "ragged", "id,name\n1,a\n2\n3,c,d\n".getBytes(UTF_8));
    land(sources, "marked", marked());
    opened.crawl(new CrawlRequest(List.of(), false), ExampleLake.work());
    for (String source : sources) {
      Files.writeString(
          folder.resolve("tables").resolve(source + ".yaml"),
          "table: clean." + source + "\nfrom: " + source + "\n");
    }
    opened.close();
    lake = Wiring.open(Wiring.read(folder, null));
    assertThat(lake.run(new RunRequest(List.of()), ExampleLake.work()).tables())
        .extracting(TableRun::outcome)
        .containsOnly("written");
  }

  private void land(List<String> sources, String source, byte[] bytes) {
    lake.land(new Upload(new SourceName(source), "", source, new ByteArrayInputStream(bytes)));
    sources.add(source);
  }

  private static String deep(String before) {
    return before + "{\"id\":2,\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}\n";
  }

  /** A log whose first bytes are by chance those with which UTF-16 begins. */
  private static byte[] marked() {
    String line = "127.0.0.1 - - [10/Oct/2025:13:55:36 +0000] \"GET /a HTTP/1.1\" 200 23\n";
    return ("\u00ff\u00fe no text\n" + line.repeat(2)).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A compressed file with one wrong bit: values behind it are wrong before it is noticed. */
  private static byte[] changed() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("id,name\n".getBytes(UTF_8));
      for (int i = 0; i < 5_000; i++) {
        gzip.write((i + "," + Integer.toHexString(i * 7919) + "\n").getBytes(UTF_8));
      }
    }
    byte[] file = bytes.toByteArray();
    file[file.length / 2] ^= 0x10;
    return file;
  }

  @AfterAll
  void close() {
    lake.close();
  }

  private String reason(String source) {
    List<QuarantinedRow> rows = lake.quarantine(new TableName("clean", source), 100).rows();
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).at()).as("when it landed").isNotNull();
    return rows.get(0).reason();
  }

  private long rows(String table) {
    List<String> rows = new ArrayList<>();
    lake.query(
        new QueryRequest("SELECT * FROM " + table, 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {}

          @Override
          public void rows(byte[] json, int count) {
            rows.addAll(java.util.Collections.nCopies(count, ""));
          }
        },
        ExampleLake.work());
    return rows.size();
  }

  @Test
  void filesThatAreNoRecordsAreQuarantinedWithTheRemedy() {
    assertThat(reason("utf16")).contains("UTF-16").contains("encoding: utf-16");
  }

  @Test
  void bytesThatLookLikeAMarkOfUtf16CostOnlyTheirLine() {
    assertThat(rows("clean.marked")).isEqualTo(2);
    assertThat(reason("marked")).contains("UTF-8");
  }

  @Test
  void objectsInAnArrayOrOverSeveralLinesAreRecords() {
    assertThat(rows("clean.array")).isEqualTo(2);
    assertThat(rows("clean.pretty")).isEqualTo(1);
  }

  @Test
  void linesThatEndWithCarriageReturnsAloneAreLines() {
    assertThat(rows("clean.returns")).isEqualTo(2);
  }

  @Test
  void aRecordTooDeepToReadCostsOnlyItself() {
    assertThat(rows("clean.deep")).isEqualTo(1);
    assertThat(reason("deep")).contains("nested deeper");
    assertThat(rows("clean.onlydeep")).isZero();
    assertThat(reason("onlydeep")).contains("nested deeper");
  }

  /** Nothing of a bad record becomes a column of the dataset. */
  @Test
  void aDatasetsColumnsAreItsHeaders() {
    assertThat(lake.describe(new TableName("raw", "ragged")).columns())
        .extracting(c -> c.name())
        .containsExactly("id", "name");
    assertThat(rows("clean.ragged")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"ragged, 'landing/ragged/ragged', line 3", "deep, a raw file, depth"})
  void aQueryOfRawFilesNamesTheFileThatDoesNotFit(String source, String file, String why) {
    assertThatThrownBy(() -> rows("raw." + source))
        .isInstanceOfSatisfying(
            TarnException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.DATA_INVALID);
              assertThat(e.line().toLowerCase(Locale.ROOT))
                  .contains(file, why, "clean table")
                  .doesNotContain(folder.toString().toLowerCase(Locale.ROOT), "read_");
            });
  }

  @Test
  void theQuarantineOfATableThatIsNotThereIsNoEmptyOne() {
    assertThat(lake.quarantine(new TableName("clean", "good"), 10).rows()).isEmpty();
    for (String name : List.of("clean.goood", "analytics.good")) {
      assertThatThrownBy(() -> lake.quarantine(TableName.parse(name), 10))
          .isInstanceOfSatisfying(
              TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }
  }

  @Test
  void nothingIsTakenOfACompressedFileThatWasChanged() {
    assertThat(rows("clean.changed")).isZero();
    assertThat(reason("changed")).contains("damaged").contains("upload it again");
  }

  @Test
  @Order(Integer.MAX_VALUE - 2)
  void aDamagedDataFileIsNamedWithItsTable() throws IOException {
    Path file = dataFile("good");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
    assertDamaged(file, "is damaged");
    Files.delete(file);
    assertDamaged(file, "is gone");
    Files.write(file, whole);
    assertThat(rows("clean.good")).isEqualTo(2);
  }

  private void assertDamaged(Path file, String how) {
    assertThatThrownBy(() -> rows("clean.good"))
        .isInstanceOfSatisfying(
            TarnException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.FILE_DAMAGED);
              assertThat(e.line())
                  .contains("clean.good", String.valueOf(file.getFileName()), how, "backup");
            });
  }

  @Test
  @Order(Integer.MAX_VALUE - 3)
  void aDamagedTableHidesNoOther() throws IOException {
    Path metadata = lastMetadata("good");
    byte[] whole = Files.readAllBytes(metadata);
    Files.write(metadata, new byte[] {1, 2, 3});
    lake.close();
    lake = Wiring.open(Wiring.read(folder, null));
    assertThat(lake.tables().tables())
        .filteredOn(t -> t.name().equals("clean.good"))
        .singleElement()
        .satisfies(
            t -> {
              assertThat(t.kind()).isEqualTo("damaged");
              assertThat(t.description()).contains(".gz.metadata.json", "backup");
            });
    assertThat(lake.tables().tables()).anyMatch(t -> t.kind().equals("quarantine"));
    Files.write(metadata, whole);
    assertThat(rows("clean.good")).isEqualTo(2);
  }

  private Path lastMetadata(String table) throws IOException {
    try (var files = Files.walk(folder.resolve(".datalake/zones"))) {
      return files
          .filter(f -> f.toString().contains("/clean/" + table))
          .filter(f -> f.toString().endsWith(".gz.metadata.json"))
          .max(java.util.Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  private Path dataFile(String table) throws IOException {
    try (var files = Files.walk(folder.resolve(".datalake/zones"))) {
      return files
          .filter(f -> f.toString().contains("/clean/" + table))
          .filter(f -> f.toString().endsWith(".parquet"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** A new catalog would take the tables' files for orphans. */
  @Test
  @Order(Integer.MAX_VALUE - 1)
  void aLostCatalogIsNotReplacedByAnEmptyOne() throws IOException {
    lake.close();
    Path catalog = folder.resolve(".datalake/catalog.db");
    byte[] kept = Files.readAllBytes(catalog);
    Files.write(catalog, new byte[0]);
    assertRefused(catalog);
    assertThat(catalog).isEmptyFile();
    Files.delete(catalog);
    assertRefused(catalog);
    assertThat(catalog).doesNotExist();
    Files.write(catalog, kept);
    lake = Wiring.open(Wiring.read(folder, null));
    assertThat(rows("clean.good")).isEqualTo(2);
  }

  private void assertRefused(Path catalog) {
    assertThatThrownBy(() -> Wiring.open(Wiring.read(folder, null)))
        .isInstanceOf(TarnException.class)
        .hasMessageContainingAll(catalog.toString(), "missing or empty", "backup");
  }
}
