package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.api.Event;
import tarn.api.EventsAnswer;
import tarn.api.Failure;
import tarn.api.Json;
import tarn.api.PutAnswer;
import tarn.api.StatusAnswer;
import tarn.core.errors.ErrorCode;

/** The HTTP API over real sockets. */
class HttpShellTest {
  private final MemoryOperations lake = new MemoryOperations();
  private final Identity identity = Identity.create(MemoryOperations.THEN);
  private final HttpShell shell = HttpShell.start(lake, identity, 0);

  @AfterEach
  void close() {
    shell.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi"})
  void withoutTheTokenNothingIsAnswered(String authorization) throws IOException {
    for (String path : List.of("/v1/status", "/v1/tables", "/nowhere")) {
      HttpURLConnection request = open("GET", path);
      request.setRequestProperty("Authorization", authorization);
      assertThat(request.getResponseCode()).as(path).isEqualTo(401);
      assertThat(failure(request).code()).isEqualTo("UNAUTHENTICATED");
    }
    assertThat(lake.asked).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::2]:1"})
  void anotherHostIsRefused(String host) throws IOException {
    assertThat(raw("GET /v1/status HTTP/1.1\r\nHost: " + host + "\r\n" + token() + "\r\n"))
        .startsWith("HTTP/1.1 403")
        .contains("FORBIDDEN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:80"})
  void thisMachineIsWelcome(String host) throws IOException {
    assertThat(raw("GET /v1/status HTTP/1.1\r\nHost: " + host + "\r\n" + token() + "\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void tablesOfADatabaseAreLoadedAnew() throws IOException {
    String tables = "{\"tables\":[\"public.t\"]}";
    assertThat(text(post("/v1/sources/shop/reload", tables))).isEqualTo(tables);
    assertThat(lake.asked).contains("reload shop [public.t]");
  }

  @Test
  void answersTellBrowsersNothing() throws IOException {
    HttpURLConnection request = open("GET", "/v1/status");
    assertThat(request.getResponseCode()).isEqualTo(200);
    assertThat(request.getHeaderField("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(request.getHeaderField("Cache-Control")).isEqualTo("no-store");
    assertThat(request.getHeaderField("Content-Security-Policy")).contains("default-src 'none'");
    assertThat(request.getHeaderField("Access-Control-Allow-Origin")).isNull();
    assertThat(request.getHeaderField("Server")).isNull();
  }

  @Test
  void statusTellsServerAndLake() throws IOException {
    StatusAnswer status = StatusAnswer.from(Json.readObject(text(open("GET", "/v1/status"))));
    assertThat(status.server().port()).isEqualTo(shell.port());
    assertThat(status.server().pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(status.lake()).isEqualTo(lake.status());
  }

  @Test
  void listsAndDescribes() throws IOException {
    assertThat(text(open("GET", "/v1/tables"))).contains("clean.orders");
    assertThat(text(open("GET", "/v1/tables/clean/orders"))).contains("month(at)");
    assertThat(text(open("GET", "/v1/tables/clean/orders/history"))).contains("\"snapshot\":77");
    assertThat(text(open("GET", "/v1/quarantine?table=clean.orders&limit=5")))
        .contains("too few fields");
    assertThat(text(open("GET", "/v1/quality?table=orders&limit=3"))).contains("RowCount 9");
    assertThat(lake.asked).containsExactly("quarantine clean.orders 5", "quality clean.orders 3");
  }

  @Test
  void failuresHaveTheirStatusCodeAndLine() throws IOException {
    HttpURLConnection request = open("GET", "/v1/tables/clean/nothing");
    assertThat(request.getResponseCode()).isEqualTo(404);
    assertThat(failure(request))
        .isEqualTo(new Failure("NOT_FOUND", "USER", "there is no table clean.nothing", null));
    assertThat(open("GET", "/v1/tables/Clean/x").getResponseCode()).isEqualTo(400);
    assertThat(open("GET", "/v1/quarantine?limit=-1").getResponseCode()).isEqualTo(400);
    assertThat(failure(open("GET", "/v1/nowhere")).code()).isEqualTo("NOT_FOUND");
  }

  @Test
  void aQueryStreamsColumnsRowsAndItsEnd() throws IOException {
    assertThat(events("/v1/query", "{\"sql\":\"SELECT 1\"}"))
        .containsExactly(
            "{\"event\":\"columns\",\"columns\":[{\"name\":\"id\",\"type\":\"BIGINT\"},{\"name\":\"price\",\"type\":\"DECIMAL(20,2)\"}]}",
            "{\"event\":\"rows\",\"rows\":[[1,123456789012345678.90],[9223372036854775807,null]]}",
            "{\"event\":\"result\",\"rows\":2,\"truncated\":false,\"millis\":3}");
  }

  @Test
  void longWorkTellsItsProgress() throws IOException {
    assertThat(events("/v1/crawl", "{\"sources\":[\"orders\"],\"dry_run\":true}"))
        .hasSize(3)
        .first()
        .isEqualTo(
            "{\"event\":\"progress\",\"stage\":\"crawl\",\"name\":\"raw.orders\",\"done\":1,\"total\":2,\"unit\":\"files\"}");
    assertThat(events("/v1/run", "")).last().asString().contains("\"outcome\":\"written\"");
    assertThat(events("/v1/maintain", "{}"))
        .containsExactly("{\"event\":\"result\",\"tables\":[],\"lifecycle\":[]}");
    assertThat(
            events(
                "/v1/unarchive",
                "{\"dataset\":\"raw.orders\",\"from\":\"\",\"to\":\"\",\"dry_run\":false}"))
        .last()
        .asString()
        .contains("\"restored\":2");
  }

  @Test
  void aQueryThatFailsBeforeItsFirstRowHasItsOwnStatus() throws IOException {
    HttpURLConnection request = post("/v1/query", "{\"sql\":\"fail\"}");
    assertThat(request.getResponseCode()).isEqualTo(400);
    assertThat(failure(request).message()).isEqualTo("no such column: x");
  }

  @Test
  void aQueryThatFailsLaterEndsWithAnError() throws IOException {
    List<String> events = events("/v1/query", "{\"sql\":\"late\"}");
    assertThat(Event.parse(events.get(1)))
        .isInstanceOfSatisfying(
            Event.Failed.class,
            failed -> assertThat(failed.failure().code()).isEqualTo("OUT_OF_MEMORY"));
  }

  @Test
  void faultsOfOurOwnAreToldByAnIdOnly() throws IOException {
    HttpURLConnection request = post("/v1/query", "{\"sql\":\"crash\"}");
    assertThat(request.getResponseCode()).isEqualTo(500);
    Failure failure = failure(request);
    assertThat(failure.kind()).isEqualTo("INTERNAL");
    assertThat(failure.id()).hasSize(13);
    assertThat(failure.message()).contains(String.valueOf(failure.id())).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"sql\":1}",
        "{}",
        "[]",
        "nonsense",
        "{\"sql\":\"x\",\"maxRows\":1}",
        "{\"sql\":\"a\",\"sql\":\"b\"}",
        "{\"sql\":\"x\"} {}"
      })
  void aRequestThatIsNotUnderstoodIsRefused(String body) throws IOException {
    HttpURLConnection request = post("/v1/query", body);
    assertThat(request.getResponseCode()).isEqualTo(400);
    assertThat(failure(request).code()).isEqualTo("BAD_REQUEST");
  }

  @Test
  void deepAndLongRequestsAreRefused() throws IOException {
    assertThat(post("/v1/query", "[".repeat(100_000)).getResponseCode()).isEqualTo(400);
    HttpURLConnection tooLong = post("/v1/query", "{\"sql\":\"" + "x".repeat(1 << 20) + "\"}");
    assertThat(tooLong.getResponseCode()).isEqualTo(413);
  }

  @Test
  void aClientThatGoesAwayCancelsItsQuery() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", shell.port())) {
      String body = "{\"sql\":\"sleep\"}";
      socket
          .getOutputStream()
          .write(
              ("POST /v1/query HTTP/1.1\r\nHost: localhost\r\n"
                      + token()
                      + "Content-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.UTF_8));
      assertThat(lake.waiting.await(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(lake.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aHundredThousandRowsArriveInOrder() throws IOException {
    List<String> events = events("/v1/query", "{\"sql\":\"many\"}");
    assertThat(events).hasSize(202);
    assertThat(events.get(200)).endsWith("[99999]]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1}\n\r\n  not json \r\n{\"b\":[2]}",
        " [{\"a\":1}, \"not json\" ,{\"b\":[2]}]\n"
      })
  void eventsArePutAsTheyStand(String body) throws IOException {
    PutAnswer answer =
        PutAnswer.from(Json.readObject(text(post("/v1/streams/clicks/events", body))));
    assertThat(answer.accepted()).isEqualTo(3);
    assertThat(answer.results()).hasSize(3).allMatch(r -> r.error() == null);
    assertThat(lake.asked)
        .hasSize(3)
        .startsWith("put clicks {\"a\":1}")
        .endsWith("put clicks {\"b\":[2]}");
  }

  @Test
  void eventsMayBeCompressed() throws IOException {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(gzip)) {
      out.write("{\"a\":1}\n{\"a\":2}".getBytes(StandardCharsets.UTF_8));
    }
    HttpURLConnection request = open("POST", "/v1/streams/clicks/events");
    request.setDoOutput(true);
    request.setRequestProperty("Content-Encoding", "gzip");
    request.getOutputStream().write(gzip.toByteArray());
    assertThat(request.getResponseCode()).isEqualTo(200);
    assertThat(lake.asked).containsExactly("put clicks {\"a\":1}", "put clicks {\"a\":2}");
  }

  /**
   * Two whose length nobody knows could need most of the room; small ones still fit beside them.
   */
  @Test
  void whoFindsNoRoomForItsEventsIsToldToComeLater() throws IOException {
    try (Socket one = unended();
        Socket other = unended()) {
      assertThat(one.isConnected() && other.isConnected()).isTrue();
      HttpURLConnection third = chunked();
      for (int i = 0; i < 50 && third.getResponseCode() == 200; i++) { // until both have arrived
        third = chunked();
      }
      assertThat(third.getResponseCode()).isEqualTo(429);
      assertThat(text(third)).contains("THROTTLED");
      assertThat(post("/v1/streams/clicks/events", "{\"a\":1}").getResponseCode()).isEqualTo(200);
    }
    assertThat(chunked().getResponseCode()).isEqualTo(200);
  }

  private HttpURLConnection chunked() throws IOException {
    HttpURLConnection request = open("POST", "/v1/streams/clicks/events");
    request.setDoOutput(true);
    request.setChunkedStreamingMode(1 << 10);
    request.getOutputStream().write("{\"a\":1}".getBytes(StandardCharsets.UTF_8));
    return request;
  }

  /** A put that has begun, and does not end. */
  private Socket unended() throws IOException {
    Socket socket = new Socket("127.0.0.1", shell.port());
    String head =
        "POST /v1/streams/clicks/events HTTP/1.1\r\nHost: 127.0.0.1:"
            + shell.port()
            + "\r\nAuthorization: Bearer "
            + identity.token()
            + "\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n ", "[{\"a\":1}", "[{\"a\":1}] x", "[]", "[{]"})
  void aRequestWithoutEventsIsRefused(String body) throws IOException {
    HttpURLConnection request = post("/v1/streams/clicks/events", body);
    assertThat(request.getResponseCode()).isEqualTo(400);
    assertThat(lake.asked).isEmpty();
  }

  @Test
  void whoReadsAStreamIsHeard() throws IOException {
    assertThat(text(open("GET", "/v1/streams/clicks"))).contains("\"shard_list\":[{\"shard\":0");
    assertThat(text(open("GET", "/v1/streams/clicks/lag"))).contains("\"behind\":5");
    post("/v1/streams/clicks/reshard", "{\"shards\":4}").getResponseCode();
    EventsAnswer answer =
        EventsAnswer.from(
            Json.readObject(text(open("GET", "/v1/streams/clicks/events?limit=5&at=0:7"))));
    assertThat(answer.at()).isEqualTo("0:8");
    String consumer = "/v1/streams/clicks/consumers/billing";
    assertThat(text(open("GET", consumer + "/events?from=latest"))).contains("\"key\":\"user 1\"");
    String offsets = "{\"offsets\":[{\"shard\":0,\"from\":7,\"next\":8}]}";
    assertThat(text(post(consumer + "/offsets", offsets))).isEqualTo(offsets);
    assertThat(open("DELETE", consumer).getResponseCode()).isEqualTo(200);
    assertThat(lake.asked)
        .containsExactly(
            "describe clicks",
            "reshard clicks 4",
            "describe clicks",
            "read clicks oldest [0:7] 5",
            "consume clicks billing latest 20",
            "commit clicks billing [OffsetStep[shard=0, from=7, next=8]]",
            "remove clicks billing");
    assertThat(post(consumer + "/offsets", "{\"offset\":[]}").getResponseCode()).isEqualTo(400);
    assertThat(open("GET", "/v1/streams/clicks/consumers/a%20b/events").getResponseCode())
        .isEqualTo(400);
  }

  @Test
  void anUploadIsStreamedWhateverItsSize() throws Exception {
    long size = 300L << 20; // with -Xmx2g a buffered copy would pass; the chunks must not pile up
    HttpURLConnection request = upload("/v1/sources/orders/files?path=year%3D2025%2Fbig.csv", null);
    byte[] chunk = new byte[1 << 20];
    try (OutputStream out = request.getOutputStream()) {
      for (long sent = 0; sent < size; sent += chunk.length) {
        out.write(chunk);
      }
    }
    assertThat(request.getResponseCode()).isEqualTo(200);
    assertThat(text(request)).contains("\"bytes\":" + size);
    assertThat(lake.asked).containsExactly("land orders [year=2025] big.csv");
  }

  @Test
  void anUploadThatDiffersFromItsAnnouncedHashDoesNotLand() throws Exception {
    byte[] body = "id\n1\n".getBytes(StandardCharsets.UTF_8);
    String sha = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    HttpURLConnection right = upload("/v1/sources/orders/files?path=a.csv", sha);
    right.getOutputStream().write(body);
    assertThat(right.getResponseCode()).isEqualTo(200);
    HttpURLConnection wrong = upload("/v1/sources/orders/files?path=b.csv", sha);
    wrong.getOutputStream().write('x');
    assertThat(wrong.getResponseCode()).isEqualTo(422);
    assertThat(failure(wrong).message()).contains("announced with " + sha);
    assertThat(lake.asked).containsExactly("land orders [] a.csv");
  }

  @Test
  void anUploadThatFailsIsToldWhy() throws Exception {
    HttpURLConnection request = upload("/v1/sources/orders/files?path=full.csv", null);
    byte[] chunk = new byte[1 << 20];
    try (OutputStream out = request.getOutputStream()) {
      for (int sent = 0; sent < 32; sent++) {
        out.write(chunk);
      }
    }
    assertThat(request.getResponseCode()).isEqualTo(ErrorCode.DISK_FULL.httpStatus());
    assertThat(failure(request).code()).isEqualTo("DISK_FULL");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 100\r\n\r\nhalf",
        "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"
      })
  void anUploadThatIsCutOffDoesNotLand(String rest) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", shell.port())) {
      String request =
          "POST /v1/sources/orders/files?path=a.csv HTTP/1.1\r\nHost: localhost\r\n"
              + token()
              + rest;
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      socket.shutdownOutput();
      socket.getInputStream().readAllBytes();
    }
    assertThat(lake.asked).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"..%2Fx", "%2Fetc%2Fx", "a%2F%2Fb", "", "a%2F", ".", "a%5Cb", "a%00b"})
  void anUploadStaysInItsSource(String path) throws IOException {
    HttpURLConnection request = upload("/v1/sources/orders/files?path=" + path, null);
    request.getOutputStream().write(1);
    assertThat(request.getResponseCode()).isEqualTo(400);
    assertThat(lake.asked).isEmpty();
  }

  @Test
  void shutdownIsAskedForAndRunningWorkEndsFirst() throws Exception {
    HttpURLConnection query = post("/v1/query", "{\"sql\":\"sleep\"}");
    assertThat(query.getResponseCode()).isEqualTo(200); // the probe's first line
    assertThat(post("/v1/shutdown", "").getResponseCode()).isEqualTo(200);
    shell.awaitStop();
    shell.drain(Duration.ofSeconds(2));
    assertThat(text(query)).contains("\"code\":\"CANCELLED\"").contains("the server is stopping");
  }

  @Test
  void whoAsksForTheEndHearsTheAnswer() throws Exception {
    Thread server =
        new Thread(
            () -> {
              try {
                shell.awaitStop();
                shell.close();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "a server that ends at once");
    server.start();
    HttpURLConnection asked = post("/v1/shutdown", "");
    assertThat(asked.getResponseCode()).isEqualTo(200);
    assertThat(text(asked)).contains("stopping");
    server.join();
  }

  private HttpURLConnection open(String method, String path) throws IOException {
    HttpURLConnection request =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + shell.port() + path).toURL().openConnection();
    request.setRequestMethod(method);
    request.setRequestProperty("Authorization", "Bearer " + identity.token());
    request.setReadTimeout(20_000);
    return request;
  }

  private HttpURLConnection post(String path, String body) throws IOException {
    HttpURLConnection request = open("POST", path);
    request.setDoOutput(true);
    request.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    return request;
  }

  private HttpURLConnection upload(String path, @Nullable String sha256) throws IOException {
    HttpURLConnection request = open("POST", path);
    request.setDoOutput(true);
    request.setChunkedStreamingMode(1 << 16);
    if (sha256 != null) {
      request.setRequestProperty("X-Content-SHA256", sha256);
    }
    return request;
  }

  private List<String> events(String path, String body) throws IOException {
    return text(post(path, body)).lines().filter(line -> !line.isEmpty()).toList();
  }

  private static String text(HttpURLConnection request) throws IOException {
    InputStream body =
        request.getResponseCode() < 400 ? request.getInputStream() : request.getErrorStream();
    return new String(body.readAllBytes(), StandardCharsets.UTF_8);
  }

  private static Failure failure(HttpURLConnection request) throws IOException {
    return Failure.from(Json.readObject(text(request).trim()));
  }

  private String token() {
    return "Authorization: Bearer " + identity.token() + "\r\n";
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", shell.port())) {
      socket
          .getOutputStream()
          .write(
              (request.replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n"))
                  .getBytes(StandardCharsets.UTF_8));
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      return String.join("\n", reader.lines().toList());
    }
  }
}
