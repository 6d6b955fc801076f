package tarn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tarn.api.Build;
import tarn.api.Json;
import tarn.api.ServerFile;

/** Commands against a server that answers what the test says. */
class CommandsTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final StringBuilder out = new StringBuilder();
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private int status = 200;
  private String answer = "{}";
  private final Map<String, String> answers = new HashMap<>();
  private final Map<String, Deque<String>> oneAfterTheOther = new HashMap<>();

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    Files.writeString(folder.resolve("lake.yaml"), "name: shop\n");
    Files.createDirectories(folder.resolve(".datalake"));
    announce(ProcessHandle.current().pid(), Build.ID);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void everyCommandHasHelpWithAnExampleAndIsListed() {
    assertThat(run("help")).isZero();
    for (Command command : Commands.ALL) {
      assertThat(out.toString()).contains("  " + command.name() + " ");
      assertThat(command.examples()).as(command.name()).isNotEmpty();
      assertThat(command.examples())
          .allSatisfy(example -> assertThat(example).contains("datalake " + command.name()));
      assertThat(run(command.name(), "--help")).isZero();
    }
  }

  @Test
  void aQueryIsAskedAndPrinted() {
    answer =
        """
        {"event":"columns","columns":[{"name":"n","type":"BIGINT"}]}

        {"event":"rows","rows":[[1],[22]]}
        {"event":"result","rows":2,"truncated":true,"millis":1}
        """;
    assertThat(run("query", "SELECT 1", "--max-rows", "2", "--timeout", "3")).isZero();
    assertThat(asked)
        .containsExactly(
            "POST /v1/query {\"sql\":\"SELECT 1\",\"max_rows\":2,\"timeout_millis\":3000}");
    assertThat(out).hasToString(" n\n──\n 1\n22\n");
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("only the first 2 rows");
  }

  @ParameterizedTest
  @CsvSource({"USER,2", "EXTERNAL,3", "RESOURCE,4", "INTERNAL,70"})
  void theKindOfAFailureIsTheExitCode(String kind, int exitCode) {
    String failure = "\"code\":\"X\",\"kind\":\"" + kind + "\",\"message\":\"why\",\"id\":null}";
    answer = "{\"event\":\"error\"," + failure;
    assertThat(run("query", "x")).isEqualTo(exitCode);
    status = 400;
    answer = "{" + failure;
    assertThat(run("tables")).isEqualTo(exitCode);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("datalake: why\ndatalake: why\n");
  }

  @Test
  void anAnswerThatIsCutOffIsAFailure() {
    answer = "{\"event\":\"rows\",\"rows\":[]}\n";
    assertThat(run("query", "x")).isEqualTo(3);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("broke (no result)");
  }

  @Test
  void aRunWithAFailedTableIsANegativeAnswer() {
    answer =
        "{\"event\":\"result\",\"tables\":[{\"table\":\"clean.a\",\"outcome\":\"failed\",\"rows_read\":0,"
            + "\"rows_written\":0,\"rows_quarantined\":0,\"snapshot\":null,\"millis\":1,\"message\":\"why\"}]}";
    assertThat(run("run")).isEqualTo(1);
    assertThat(out).contains("failed").contains("why");
  }

  @Test
  void aRuleThatOnlyWarnsIsShownAndNoFailure() {
    answer =
        "{\"event\":\"result\",\"tables\":[{\"table\":\"clean.a\",\"outcome\":\"written\",\"rows_read\":0,"
            + "\"rows_written\":0,\"rows_quarantined\":0,\"snapshot\":null,\"millis\":1,\"message\":\"Mean 3\"}]}";
    assertThat(run("run")).isZero();
    assertThat(out).contains("written").contains("Mean 3");
  }

  @Test
  void qualityShowsRulesLoadByLoad() {
    answer =
        "{\"results\":[{\"table\":\"clean.a\",\"at\":null,\"seq\":3,\"snapshot\":null,\"rule\":\"RowCount > 2\","
            + "\"level\":\"table\",\"outcome\":\"failed\",\"seen\":\"RowCount 1\"}]}";
    assertThat(run("quality", "a", "--limit", "7", "-o", "csv")).isZero();
    assertThat(asked).containsExactly("GET /v1/quality?table=a&limit=7");
    assertThat(out).contains("RowCount > 2,failed,RowCount 1");
  }

  @Test
  void quarantineListsCountsOrShowsRows() {
    answer =
        "{\"counts\":[{\"table\":\"clean.a\",\"rule\":\"r\",\"rows\":5}],\"rows\":[{\"table\":\"clean.a\",\"rule\":\"r\","
            + "\"reason\":\"why\",\"file\":\"f\",\"line\":1,\"record\":\"x;y\",\"at\":null}]}";
    assertThat(run("quarantine", "list", "clean.a", "-o", "csv")).isZero();
    assertThat(out).hasToString("table,rule,rows\r\nclean.a,r,5\r\n");
    assertThat(run("quarantine", "show", "-o", "csv")).isZero();
    assertThat(out).contains("x;y");
    assertThat(asked)
        .containsExactly(
            "GET /v1/quarantine?table=clean.a&limit=0", "GET /v1/quarantine?table=&limit=20");
    assertThat(run("quarantine", "clean.a", "clean.b")).isEqualTo(2);
  }

  private static final String ARCHIVED =
      "\"lifecycle\":[{\"rule\":\"raw a/\",\"archived\":3,\"archived_bytes\":9,\"expired\":0,\"expired_bytes\":0,"
          + "\"waiting\":2,\"removed\":0,\"removed_bytes\":0,\"notes\":[\"b is damaged\"]}]}";

  @Test
  void maintenanceTellsOfTablesAndFiles() {
    answer =
        "{\"event\":\"result\",\"tables\":[{\"table\":\"clean.a\",\"files_before\":4,\"files_after\":1,"
            + "\"snapshots_expired\":0,\"orphans_removed\":0,\"notes\":[]}],"
            + ARCHIVED;
    assertThat(run("maintain", "-o", "csv")).isZero();
    assertThat(out)
        .hasToString(
            "table,files_before,files_after,snapshots_expired,orphans_removed,archived,archived_bytes,"
                + "expired,expired_bytes,waiting,removed,removed_bytes\r\n"
                + "clean.a,4,1,0,0,,,,,,,\r\nlifecycle raw a/,,,,,3,9,0,0,2,0,0\r\n");
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("raw a/: b is damaged");
    assertThat(run("maintain")).isZero();
    assertThat(out).contains("clean.a").contains("raw a/ ");
  }

  @Test
  void whatCannotBeBroughtBackIsANegativeAnswer() {
    answer =
        "{\"event\":\"result\",\"dataset\":\"raw.a\",\"restored\":3,\"restored_bytes\":9,\"expired\":1,"
            + "\"failed\":[\"b is damaged\"]}";
    assertThat(run("unarchive", "a", "--from", "2026-03-01", "-o", "csv")).isEqualTo(1);
    assertThat(asked)
        .containsExactly(
            "POST /v1/unarchive {\"dataset\":\"a\",\"from\":\"2026-03-01\",\"to\":\"\",\"dry_run\":false}");
    assertThat(out).contains("raw.a,3,9,1,1");
  }

  @Test
  void modelsAreBroughtUpToDateAndShownWithBarsAndWhatTheyAreAbout() {
    modelsAnswer("written");
    assertThat(run("analytics", "steps", "--limit", "2")).isZero();
    assertThat(asked)
        .containsExactly(
            "POST /v1/run {\"tables\":[\"analytics.steps\"],\"backfill\":false}",
            "GET /v1/tables",
            "POST /v1/query {\"sql\":\"SELECT * FROM analytics.\\\"steps\\\" LIMIT 1001\",\"max_rows\":0,\"timeout_millis\":0}");
    assertThat(out)
        .hasToString(
            """
            analytics.steps
            How far they come.

            step   n  n
            ────  ──  ────────────────────
            a     40  ████████████████████
            b     10  █████
            … the first 2 of 3 rows; --limit 0 for all

            """);
  }

  @Test
  void modelsForProgramsAreJsonOrOneTableOfCsv() {
    modelsAnswer("unchanged");
    assertThat(run("analytics", "-o", "json", "--limit", "0")).isZero();
    assertThat(out)
        .hasToString(
            "[{\"model\":\"analytics.steps\",\"description\":\"How far they come.\",\"row_count\":3,\"truncated\":false,"
                + "\"rows\":[{\"step\":\"a\",\"n\":40},{\"step\":\"b\",\"n\":10},{\"step\":\"c\",\"n\":null}]}]\n");
    assertThat(run("analytics", "-o", "csv")).isEqualTo(2);
    out.setLength(0);
    assertThat(run("analytics", "analytics.steps", "-o", "csv", "--limit", "2")).isZero();
    assertThat(out).hasToString("step,n\r\na,40\r\nb,10\r\n");
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("the first 2 of 3 rows");
    assertThat(run("analytics", "clean.orders")).isEqualTo(2);
  }

  @Test
  void aModelThatFailedIsToldAndNotShown() {
    modelsAnswer("failed");
    assertThat(run("analytics")).isEqualTo(1);
    assertThat(out).isEmpty();
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("analytics.steps failed: why");
  }

  private void modelsAnswer(String outcome) {
    answers.put(
        "/v1/run",
        "{\"event\":\"result\",\"tables\":[{\"table\":\"analytics.steps\",\"outcome\":\""
            + outcome
            + "\",\"rows_read\":0,\"rows_written\":3,\"rows_quarantined\":0,\"snapshot\":null,\"millis\":1,\"message\":\"why\"}]}");
    answers.put(
        "/v1/tables",
        "{\"tables\":[{\"name\":\"analytics.steps\",\"kind\":\"model\",\"rows\":3,\"files\":1,\"bytes\":9,"
            + "\"updated_at\":null,\"description\":\"How far they come.\"}]}");
    answers.put(
        "/v1/query",
        """
        {"event":"columns","columns":[{"name":"step","type":"VARCHAR"},{"name":"n","type":"BIGINT"}]}
        {"event":"rows","rows":[["a",40],["b",10],["c",null]]}
        {"event":"result","rows":3,"truncated":false,"millis":1}
        """);
  }

  @Test
  void followingAStreamPrintsCommitsAndAsksAgainWhereThereWasNothing() {
    String events = "/v1/streams/clicks/consumers/billing/events";
    oneAfterTheOther.put(
        events,
        new ArrayDeque<>(
            List.of(
                "{\"events\":["
                    + item(0, "{\\\"n\\\":1}")
                    + "],\"offsets\":[{\"shard\":0,\"from\":0,\"next\":1}],\"lost\":[\"shard 1 has lost its events 0 to 4\"],\"at\":\"\"}",
                "{\"events\":[],\"offsets\":[],\"lost\":[],\"at\":\"\"}",
                "{\"events\":["
                    + item(1, "{\\\"n\\\":2}")
                    + "],\"offsets\":[{\"shard\":0,\"from\":1,\"next\":2}],\"lost\":[],\"at\":\"\"}")));
    assertThat(run("stream", "tail", "clicks", "--consumer", "billing", "--follow", "--limit", "2"))
        .isZero();
    assertThat(out.toString()).isEqualTo("{\"n\":1}\n{\"n\":2}\n");
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("shard 1 has lost its events 0 to 4");
    assertThat(asked)
        .extracting(line -> line.replaceAll("[?].*", ""))
        .containsExactly(
            "GET " + events,
            "POST /v1/streams/clicks/consumers/billing/offsets {\"offsets\":[{\"shard\":0,\"from\":0,\"next\":1}]}",
            "GET " + events,
            "GET " + events,
            "POST /v1/streams/clicks/consumers/billing/offsets {\"offsets\":[{\"shard\":0,\"from\":1,\"next\":2}]}");
  }

  private static String item(int offset, String text) {
    return "{\"shard\":0,\"offset\":"
        + offset
        + ",\"arrived\":\"2026-11-21T10:00:00Z\",\"key\":\"k\",\"text\":\""
        + text
        + "\"}";
  }

  @Test
  void lagTellsReadersAndWhatNoConsumerSees() {
    answer =
        """
        {"readers": [
          {"reader": "delivery", "kind": "delivery", "behind": 0, "age_seconds": 0, "last_minute": 60},
          {"reader": "billing", "kind": "consumer", "behind": 12, "age_seconds": 7, "last_minute": 3}],
         "unseen": 5}
        """;
    assertThat(run("stream", "lag", "clicks", "--output", "csv")).isZero();
    assertThat(asked).containsExactly("GET /v1/streams/clicks/lag");
    assertThat(out.toString())
        .contains("delivery,delivery,0,0,60")
        .contains("billing,consumer,12,7,3");
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("5 events lie beyond the ends of closed shards")
        .contains("consumers do not see them");
  }

  @Test
  void foldersKeepTheirHiveFolders() throws IOException {
    answer = "{\"outcome\":\"landed\",\"seq\":1,\"key\":\"k\",\"bytes\":2,\"sha256\":\"0\"}";
    write("sample-data/orders/year=2025/a b.csv");
    write("sample-data/orders/.hidden/x");
    write("sample-data/items/b.json");
    assertThat(run("upload", "--sample-data")).isZero();
    assertThat(asked)
        .containsExactly(
            "POST /v1/sources/items/files?path=b.json x",
            "POST /v1/sources/orders/files?path=year%3D2025%2Fa%20b.csv x");
    assertThat(run("upload", "sample-data/orders", "--source", "again", "-q")).isZero();
    assertThat(asked).hasSize(3).last().asString().contains("again/files?path=year%3D2025");
    assertThat(run("upload", "sample-data/items/b.json")).isEqualTo(2);
  }

  @Test
  void aServerThatIsGoneIsNotStartedWhereNobodyAsked() throws IOException {
    announce(999_999_999L, Build.ID);
    assertThat(run("tables")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("datalake up --detach");
    assertThat(run("status")).isEqualTo(1);
    assertThat(run("down")).isZero();
    assertThat(asked).isEmpty();
  }

  @Test
  void aPortThatAnotherLakeHasNowIsNotBelieved() {
    status = 401;
    answer = "{\"code\":\"UNAUTHENTICATED\",\"kind\":\"USER\",\"message\":\"no\",\"id\":null}";
    assertThat(run("tables")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("no server runs for");
  }

  @Test
  void aServerOfAnotherBuildIsRefused() throws IOException {
    announce(ProcessHandle.current().pid(), "another");
    assertThat(run("tables")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("datalake down && datalake up");
    assertThat(asked).isEmpty();
  }

  @Test
  void aReaderThatHasEnoughIsNoFailureWorthALine() {
    Writer head =
        new Writer() {
          @Override
          public void write(char[] text, int from, int length) throws IOException {
            throw new IOException("Broken pipe");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    PrintStream notes = new PrintStream(err, true, StandardCharsets.UTF_8);
    Terminal nobody = new Terminal(false, false, false, 80, false);
    assertThat(Main.run(List.of("help"), head, notes, nobody, folder)).isEqualTo(141);
    assertThat(err.size()).isZero();
  }

  @Test
  void initMakesALakeOnce() {
    assertThat(run("init", "My Lake 2")).isZero();
    assertThat(folder.resolve("My Lake 2/lake.yaml")).content().contains("name: my-lake-2\n");
    assertThat(run("init", "My Lake 2")).isEqualTo(2);
  }

  @Test
  void aDemoReplacesOnlyADemo() throws IOException {
    Files.createDirectories(folder.resolve("mine"));
    Files.writeString(folder.resolve("mine/thesis.txt"), "years of work");
    Path example = Files.createDirectories(folder.resolve("root/examples/ecommerce"));
    Files.writeString(example.resolve("lake.yaml"), "name: x\n");
    System.setProperty("tarn.root", folder.resolve("root").toString());
    try {
      assertThat(run("demo", "--directory", "mine")).isEqualTo(2);
    } finally {
      System.clearProperty("tarn.root");
    }
    assertThat(folder.resolve("mine/thesis.txt")).exists();
  }

  private int run(String... typed) {
    PrintStream notes = new PrintStream(err, true, StandardCharsets.UTF_8);
    Terminal nobody = new Terminal(false, false, false, 80, false);
    return Main.run(Arrays.asList(typed), out, notes, nobody, folder);
  }

  private void write(String file) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    Files.writeString(folder.resolve(file), "x");
  }

  private void announce(long pid, String buildId) throws IOException {
    ServerFile file =
        new ServerFile(
            pid, Instant.EPOCH, server.getAddress().getPort(), Build.VERSION, buildId, "secret");
    Files.writeString(folder.resolve(".datalake/server.json"), Json.write(file));
  }

  private void answer(HttpExchange exchange) throws IOException {
    assertThat(exchange.getRequestHeaders().getFirst("Authorization")).isEqualTo("Bearer secret");
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add((exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body).strip());
    String path = exchange.getRequestURI().getPath();
    Deque<String> next = oneAfterTheOther.get(path);
    byte[] bytes =
        (next == null ? answers.getOrDefault(path, answer) : next.remove())
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
