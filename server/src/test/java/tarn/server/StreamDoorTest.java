package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.StreamStatus;
import tarn.api.shop.EventPlan;
import tarn.api.shop.Generated;
import tarn.api.shop.Generated.Kind;
import tarn.api.shop.ShopEvents;
import tarn.core.database.Database;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.HeldObjectStore;
import tarn.iceberg.IcebergTables;

/**
 * Events of every kind, from the HTTP door to the clean table: what is broken goes to the dead
 * letters, its neighbours arrive. The log is in memory; all else is as in a server.
 */
class StreamDoorTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(4);

  @TempDir static Path folder;
  private static final Closer CLOSER = new Closer();
  private static CrashingWorld.WarmEngine engine;
  private static Operations lake;
  private static HttpShell shell;
  private static Identity identity;

  /** A lake costs seconds, so there is one, and a stream for each test. */
  @BeforeAll
  static void open() throws IOException {
    write("lake.yaml", "name: door\n");
    for (String stream : List.of("poison", "numbers", "sizes", "packed", "drift")) {
      write("streams/" + stream + ".yaml", "id: id\nfreshness: 200ms\n");
    }
    for (String table : List.of("poison", "numbers", "sizes", "drift")) {
      write("tables/" + table + ".yaml", "from: " + table + "\ncolumns: {id: string, n: long}\n");
    }
    for (String file : List.of("streams/clicks.yaml", "tables/clicks.yaml")) {
      Files.copy(Path.of("..", "examples", "clicks").resolve(file), folder.resolve(file));
    }
    Path home = folder.resolve(".datalake");
    WorldShape shape = WorldShape.onThisMachine(home);
    HeldObjectStore objects = new HeldObjectStore(CLOSER.add(shape.objects()));
    Database database = CLOSER.add(shape.database());
    Clock clock = Clock.systemUTC();
    IcebergTables tables =
        new IcebergTables(database, objects, clock, "owner", Duration.ofHours(1));
    engine = new CrashingWorld.WarmEngine(home);
    engine.serve(objects, tables);
    Lake read = Wiring.read(folder, null);
    lake =
        new LakeOperations(
            read,
            read.definition(),
            new SqlLedger(database),
            objects,
            database,
            tables,
            engine.engine(),
            Backups.of(read.definition(), database, objects, tables, engine.engine(), clock),
            MemoryStreams.parts(MemoryStreams.log()),
            clock,
            CLOSER);
    identity = Identity.create(MemoryOperations.THEN);
    shell = HttpShell.start(lake, identity, 0);
  }

  @AfterAll
  static void close() {
    shell.close();
    lake.close();
    engine.close();
  }

  /** What the generator says it put is what the stream counts, and what is in the table. */
  @Test
  void whatIsGeneratedIsWhatArrives() throws Exception {
    ShopEvents events =
        new ShopEvents(
            new EventPlan(
                3,
                ShopEvents.START,
                Duration.ofSeconds(1),
                new EventPlan.Shares(0.05, 0.05, 0.02, 0.05, 0.03)));
    Map<Kind, Long> made = new EnumMap<>(Kind.class);
    for (int from = 0; from < 2_000; from += 500) {
      List<byte[]> batch = new ArrayList<>();
      for (int i = from; i < from + 500; i++) {
        Generated event = events.at(i);
        made.merge(event.kind(), 1L, Long::sum);
        batch.add(event.bytes());
      }
      assertThat(put("clicks", lines(batch)).body()).contains("\"accepted\":500,\"failed\":0");
    }
    StreamStatus status = delivered("clicks", 2_000);
    long stored =
        made.getOrDefault(Kind.FRESH, 0L)
            + made.getOrDefault(Kind.LATE, 0L)
            + made.getOrDefault(Kind.FUTURE, 0L);
    assertThat(List.of(status.stored(), status.duplicate(), status.conflict(), status.rejected()))
        .isEqualTo(
            List.of(
                stored,
                made.getOrDefault(Kind.DUPLICATE, 0L),
                made.getOrDefault(Kind.CONFLICT, 0L),
                made.getOrDefault(Kind.POISON, 0L)));
    assertThat(rows("SELECT count(*), count(DISTINCT event_id) FROM clean.clicks", stored))
        .isEqualTo("[[" + stored + "," + stored + "]]");
  }

  @Test
  void poisonGoesToTheDeadLettersAndItsNeighboursToTheTable() throws Exception {
    Map<String, byte[]> poison = new TreeMap<>();
    poison.put("cut off", text("{\"id\":\"p\",\"n\":"));
    poison.put("bad json", text("{\"id\":\"p\" \"n\":1}"));
    poison.put("not utf-8", bytes(text("{\"id\":\"p\",\"s\":\"|\"}"), '|', 0xfc));
    poison.put("byte order mark", text("\ufeff{\"id\":\"p\"}"));
    poison.put("nul", bytes(text("{\"id\":\"p\",\"s\":\"|\"}"), '|', 0));
    poison.put("nul alone", new byte[] {0});
    poison.put("field twice", text("{\"id\":\"p\",\"n\":1,\"n\":2}"));
    poison.put(
        "too deep", text("{\"id\":\"p\",\"d\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}"));
    poison.put("nan", text("{\"id\":\"p\",\"n\":NaN}"));
    poison.put("infinity", text("{\"id\":\"p\",\"n\":-Infinity}"));
    poison.put("no object", text("17"));
    poison.put("two at once", text("{\"id\":\"p\"}{\"id\":\"q\"}"));
    poison.put("no id", text("{\"n\":1}"));
    List<byte[]> batch = new ArrayList<>();
    int n = 0;
    for (byte[] bytes : poison.values()) {
      batch.add(good(n++));
      batch.add(bytes);
    }
    batch.add(good(n++));
    assertThat(put("poison", lines(batch)).body()).contains("\"failed\":0");
    StreamStatus status = delivered("poison", batch.size());
    assertThat(status.stored()).isEqualTo(n);
    assertThat(status.rejected()).isEqualTo(poison.size());
    assertThat(rows("SELECT count(*), sum(n) FROM clean.poison", n))
        .isEqualTo("[[" + n + "," + n * (n - 1) / 2 + "]]");
    assertThat(lake.deadLetters(new SourceName("poison"), 100).letters())
        .hasSize(poison.size())
        .allSatisfy(letter -> assertThat(letter.reason()).isNotBlank());
  }

  /** Numbers that no column holds are the table's business: their rows are put aside there. */
  @Test
  void numbersBeyondTheirColumnAreQuarantinedByTheTable() throws Exception {
    List<byte[]> batch =
        List.of(
            good(1),
            text("{\"id\":\"large\",\"n\":9223372036854775808}"),
            text("{\"id\":\"huge\",\"n\":1e400}"),
            text("{\"id\":\"most\",\"n\":9223372036854775807}"),
            good(2));
    assertThat(put("numbers", lines(batch)).body()).contains("\"failed\":0");
    assertThat(delivered("numbers", 5).stored()).isEqualTo(5);
    assertThat(rows("SELECT count(*), max(n) FROM clean.numbers", 3))
        .isEqualTo("[[3,9223372036854775807]]");
    assertThat(rows("SELECT count(*) FROM quarantine.numbers", 2)).isEqualTo("[[2]]");
  }

  @Test
  void anEventThatIsTooLargeIsRefusedAndItsNeighboursAreNot() throws Exception {
    String large = "{\"id\":\"large\",\"s\":\"" + "x".repeat(1 << 20) + "\"}";
    String most = "{\"id\":\"m\",\"s\":\"" + "x".repeat((1 << 20) - 17) + "\"}";
    JsonNode answer =
        UntunedLake.JSON.readTree(
            put("sizes", lines(List.of(good(1), text(large), text(most), good(2)))).body());
    assertThat(answer.path("accepted").asLong()).isEqualTo(3);
    assertThat(answer.path("results").path(1).path("error").asText()).contains("1048");
    assertThat(answer.path("results").path(1).path("retry").asBoolean(true)).isFalse();
    assertThat(delivered("sizes", 3).stored()).isEqualTo(3);
    byte[] tooMuch = new byte[(16 << 20) + 1];
    Arrays.fill(tooMuch, (byte) 'x');
    assertThat(put("sizes", tooMuch).statusCode()).isEqualTo(413);
    assertThat(put("sizes", new byte[0]).statusCode()).isEqualTo(400);
    assertThat(put("sizes", text("\n \r\n\t\n")).statusCode()).isEqualTo(400);
    assertThat(delivered("sizes", 3).stored()).as("nothing of a refused request").isEqualTo(3);
    assertThat(rows("SELECT count(*), max(length(s)) FROM clean.sizes", 3))
        .isEqualTo("[[3,1048559]]");
  }

  /**
   * Fields that come, go, change their type or their case: each row is in the table or put aside.
   */
  @Test
  void driftingEventsAreInTheTableOrPutAside() throws Exception {
    put("drift", text("{\"id\":\"a\",\"n\":1,\"o\":{\"x\":1},\"late\":null,\"name\":\"a\"}"));
    assertThat(delivered("drift", 1).stored()).isEqualTo(1);
    assertThat(rows("SELECT count(*) FROM clean.drift", 1)).isEqualTo("[[1]]");
    StringBuilder keys = new StringBuilder("{\"id\":\"k\"");
    for (int i = 0; i < 50; i++) {
      keys.append(",\"k").append(i).append("\":").append(i);
    }
    List<byte[]> drifted =
        List.of(
            text("{\"id\":\"b\",\"n\":2,\"o\":{\"x\":2,\"y\":\"new\"},\"late\":7,\"extra\":true}"),
            text("{\"id\":\"c\",\"n\":\"three\"}"),
            text("{\"id\":\"d\",\"n\":4,\"o\":[1,2]}"),
            text("{\"id\":\"e\",\"n\":5,\"Name\":\"E\",\"name\":\"e\",\"NAME\":\"EE\"}"),
            text("{\"id\":\"f\"}"),
            text(keys + "}"));
    assertThat(put("drift", lines(drifted)).body()).contains("\"accepted\":6,\"failed\":0");
    assertThat(delivered("drift", 7).stored()).isEqualTo(7);
    String both =
        "SELECT (SELECT count(*) FROM clean.drift) + (SELECT count(*) FROM quarantine.drift)";
    assertThat(rows(both, 7)).isEqualTo("[[7]]");
    assertThat(answer("SELECT id FROM clean.drift WHERE id IN ('a', 'f', 'k') ORDER BY id"))
        .isEqualTo("[[\"a\"],[\"f\"],[\"k\"]]");
  }

  @Test
  void compressedMembersThatFollowEachOtherAreOneBody() throws Exception {
    byte[] gzip = joined(gzip(lines(List.of(good(1)))), gzip(lines(List.of(good(2), good(3)))));
    assertThat(put("packed", gzip, "gzip").body()).contains("\"accepted\":3,\"failed\":0");
    byte[] zstd =
        joined(
            Zstd.compress(lines(List.of(good(4)))),
            Zstd.compress(lines(List.of(good(5), good(6)))));
    assertThat(put("packed", zstd, "zstd").body()).contains("\"accepted\":3,\"failed\":0");
    assertThat(delivered("packed", 6).stored()).isEqualTo(6);
    byte[] cut = Arrays.copyOf(gzip, gzip.length - 5);
    assertThat(put("packed", cut, "gzip").statusCode()).isEqualTo(400);
    byte[] cutZstd = Arrays.copyOf(zstd, zstd.length - 5);
    assertThat(put("packed", cutZstd, "zstd").statusCode()).isEqualTo(400);
    for (String rest : List.of("x", "and something else", "and something else, which is longer")) {
      assertThat(put("packed", joined(gzip, text(rest)), "gzip").statusCode()).isEqualTo(400);
      assertThat(put("packed", joined(zstd, text(rest)), "zstd").statusCode()).isEqualTo(400);
    }
    assertThat(put("packed", gzip, "br").statusCode()).isEqualTo(400);
    assertThat(delivered("packed", 6).received()).as("nothing of a refused request").isEqualTo(6);
  }

  private static byte[] good(int n) {
    return text("{\"id\":\"g" + n + "\",\"n\":" + n + "}");
  }

  private static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] bytes(byte[] bytes, char mark, int by) {
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = bytes[i] == mark ? (byte) by : bytes[i];
    }
    return bytes;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] bytes = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, bytes, first.length, second.length);
    return bytes;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(to)) {
      out.write(bytes);
    }
    return to.toByteArray();
  }

  private static byte[] lines(List<byte[]> events) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] event : events) {
      body.writeBytes(event);
      body.write('\n');
    }
    return body.toByteArray();
  }

  private HttpResponse<String> put(String stream, byte[] body, String... encoding)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:" + shell.port() + "/v1/streams/" + stream + "/events"))
            .header("Authorization", "Bearer " + identity.token())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    for (String name : encoding) {
      request.header("Content-Encoding", name);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** How a stream is when so many events have been delivered. */
  private StreamStatus delivered(String stream, long received) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      for (StreamStatus status : lake.streams().streams()) {
        if (status.stream().equals(stream) && status.received() >= received) {
          assertThat(status.problem()).isEmpty();
          assertThat(status.received())
              .isEqualTo(
                  status.stored() + status.duplicate() + status.conflict() + status.rejected());
          return status;
        }
      }
      assertThat(System.nanoTime()).as(() -> lake.streams().toString()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** The answer as soon as its first number is so large. */
  private String rows(String sql, long first) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      String rows = answer(sql);
      if (rows.startsWith("[[" + first + ",") || rows.startsWith("[[" + first + "]")) {
        return rows;
      }
      assertThat(System.nanoTime()).as(rows + " " + lake.streams()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private String answer(String sql) {
    StringBuilder rows = new StringBuilder();
    try {
      lake.query(
          new tarn.api.QueryRequest(sql, 0, 0),
          new RowSink() {
            @Override
            public void columns(List<tarn.api.Column> columns) {
              // their names are known
            }

            @Override
            public void rows(byte[] json, int count) {
              rows.append(new String(json, UTF_8));
            }
          },
          ExampleLake.work());
    } catch (tarn.core.errors.TarnException e) {
      return e.line(); // the table is not there yet
    }
    return rows.toString();
  }

  private static void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
