package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tarn.api.Column;
import tarn.api.CrawlRequest;
import tarn.api.MaintainAnswer;
import tarn.api.MaintainRequest;
import tarn.api.QueryRequest;
import tarn.api.RunAnswer;
import tarn.api.RunRequest;
import tarn.api.UploadAnswer;
import tarn.core.ledger.SourceName;

/** The shop of {@code examples/ecommerce} as a lake of its own, opened as the server opens it. */
final class ExampleLake implements AutoCloseable {
  static final Path EXAMPLE = Path.of("..", "examples", "ecommerce").toAbsolutePath().normalize();

  /** By source. */
  static final Map<String, String> TABLES =
      Map.of(
          "customers", "customers",
          "order_items", "order_items",
          "orders", "orders",
          "products", "products",
          "returns", "returns",
          "web_logs", "page_views");

  /** The models of which {@code expected/} has the rows. */
  static final List<String> MODELS = expectedModels();

  /** The models that read tables; the others read these. */
  static final List<String> GROUND =
      List.of("customers_by_value", "revenue_by_month_and_country", "sales", "visits");

  private static final ObjectMapper EXACT =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final Path folder;
  private Operations operations;

  private ExampleLake(Path folder) {
    this.folder = folder;
    this.operations = open(folder);
  }

  private static List<String> expectedModels() {
    try (Stream<Path> files = Files.list(EXAMPLE.resolve("expected"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".csv"))
          .map(name -> name.substring(0, name.length() - 4))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies the example's definitions, without its environments, and opens the lake. */
  static ExampleLake at(Path folder, String lakeYaml) throws IOException {
    define(folder, lakeYaml);
    return new ExampleLake(folder);
  }

  /** Opens a lake that is there. */
  static ExampleLake reopened(Path folder) {
    return new ExampleLake(folder);
  }

  static void define(Path folder, String lakeYaml) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("lake.yaml"), lakeYaml);
    for (String part : List.of("tables", "models")) {
      Files.createDirectories(folder.resolve(part));
      try (Stream<Path> files = Files.list(EXAMPLE.resolve(part))) {
        for (Path file : files.toList()) {
          Files.copy(file, folder.resolve(part).resolve(file.getFileName().toString()));
        }
      }
    }
  }

  /** The sample's files, relative to its folder, in a fixed order. */
  static List<Path> sample() {
    Path root = EXAMPLE.resolve("sample-data");
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).map(root::relativize).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Operations open(Path folder) {
    return Wiring.open(Wiring.read(folder, null));
  }

  Path home() {
    return folder.resolve(".datalake");
  }

  Operations operations() {
    return operations;
  }

  void reopen(Runnable whileClosed) {
    operations.close();
    whileClosed.run();
    operations = open(folder);
  }

  @Override
  public void close() {
    operations.close();
  }

  // ---- steps ----

  List<UploadAnswer> landSample() {
    return sample().stream().map(this::land).toList();
  }

  private UploadAnswer land(Path relative) {
    try (InputStream body =
        Files.newInputStream(EXAMPLE.resolve("sample-data").resolve(relative))) {
      int parts = relative.getNameCount();
      String inner = parts > 2 ? relative.subpath(1, parts - 1).toString() : "";
      return operations.land(
          new Upload(
              new SourceName(relative.getName(0).toString()),
              inner,
              relative.getFileName().toString(),
              body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  UploadAnswer land(String source, String inner, String name, String text) {
    return operations.land(
        new Upload(
            new SourceName(source),
            inner,
            name,
            new ByteArrayInputStream(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
  }

  void crawl() {
    assertThat(operations.crawl(new CrawlRequest(List.of(), false), work()).datasets())
        .isNotEmpty();
  }

  /** Only these and what they need; empty for all. */
  RunAnswer run(List<String> wanted) {
    return operations.run(new RunRequest(wanted), work());
  }

  MaintainAnswer maintain() {
    return operations.maintain(new MaintainRequest(List.of(), false), work());
  }

  static Work work() {
    return new Work((stage, name, done, total, unit) -> {}, new Cancellation());
  }

  // ---- answers ----

  /** The answer as lines of CSV, its header first. */
  List<String> query(String sql) {
    List<String> lines = new ArrayList<>();
    operations.query(
        new QueryRequest(sql, 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {
            lines.add(String.join(",", columns.stream().map(Column::name).toList()));
          }

          @Override
          public void rows(byte[] json, int count) {
            lines.addAll(csv(json));
          }
        },
        work());
    return lines;
  }

  long number(String sql) {
    return Long.parseLong(query(sql).get(1));
  }

  private static List<String> csv(byte[] json) {
    try {
      List<String> lines = new ArrayList<>();
      for (JsonNode row : EXACT.readTree(json)) {
        List<String> cells = new ArrayList<>();
        row.forEach(cell -> cells.add(cell(cell)));
        lines.add(String.join(",", cells));
      }
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String cell(JsonNode cell) {
    String text =
        cell.isNull()
            ? ""
            : cell.isBigDecimal() ? cell.decimalValue().toPlainString() : cell.asText();
    return text.contains(",") || text.contains("\"") || text.contains("\n")
        ? "\"" + text.replace("\"", "\"\"") + "\""
        : text;
  }

  /**
   * Every row of every table and of the models that read them, in an order that does not depend on
   * how it is stored.
   */
  List<String> everything() {
    List<String> all = new ArrayList<>();
    List<String> tables = TABLES.values().stream().sorted().toList();
    tables.forEach(t -> all.addAll(rows("clean." + t)));
    tables.forEach(t -> all.addAll(rows("quarantine." + t)));
    GROUND.forEach(m -> all.addAll(rows("analytics." + m)));
    return all;
  }

  private List<String> rows(String table) {
    List<String> rows = new ArrayList<>();
    rows.add("== " + table);
    rows.addAll(
        query("SELECT * FROM " + table).stream().sorted(Comparator.naturalOrder()).toList());
    return rows;
  }

  /** What the generator planned for each source. */
  static JsonNode manifest() throws IOException {
    return EXACT.readTree(EXAMPLE.resolve("expected/manifest.json").toFile()).path("sources");
  }

  /** How many records of a source the generator made to be put aside. */
  static long quarantined(JsonNode source) {
    long rows = 0;
    for (JsonNode reason : source.path("quarantined")) {
      rows += reason.asLong();
    }
    return rows;
  }

  /** The models are what {@code expected/*.csv} says, to the letter. */
  void assertModelsAsExpected() throws IOException {
    for (String model : MODELS) {
      List<String> expected =
          Files.readAllLines(EXAMPLE.resolve("expected").resolve(model + ".csv"));
      assertThat(query("SELECT * FROM analytics." + model))
          .as(model)
          .containsExactlyElementsOf(expected);
    }
  }
}
