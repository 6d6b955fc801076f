package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** A whole server with its broker, as the AWS CLI and the client for Java use it. */
class AwsToolsTest {
  private static final String STREAM = "realtime-datalake-stream";
  private static final long MOST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(3);

  @TempDir static Path folder;
  private static @Nullable KillableServer server;

  @BeforeAll
  static void startTheServer() throws Exception {
    write("lake.yaml", "name: tools\nengine: {memory: 512MB, threads: 2}\ngateway: {port: 0}\n");
    write(
        "data/sample_input.json",
        """
        {
            "timestamp": "2024-03-20T10:00:00Z",
            "user_id": "user123",
            "event_type": "page_view",
            "data": {"page_url": "https://example.com/products", "location": {"country": "US"}}
        }
        """);
    server = KillableServer.start(folder);
  }

  /** With its broker, which writes in the folder. */
  @AfterAll
  static void endTheServer() throws Exception {
    KillableServer last = server;
    if (last != null) {
      last.ask("shutdown", "");
      for (int i = 0; i < 300 && last.isAlive(); i++) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
      last.close();
    }
  }

  private static void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private static KillableServer server() {
    return Objects.requireNonNull(server);
  }

  private static JsonNode gateway() throws Exception {
    return UntunedLake.JSON.readTree(server().ask("gateway", "").body());
  }

  private static void query(String sql, String wanted) throws Exception {
    long deadline = System.nanoTime() + MOST_WAIT_NANOS;
    while (true) {
      String answer = server().ask("query", "{\"sql\":\"" + sql + "\"}").body();
      if (answer.contains(wanted)) {
        return;
      }
      assertThat(System.nanoTime()).as(answer).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(300);
    }
  }

  @Test
  void whatWasAcknowledgedIsInTheTableAndReadAgainAfterKillMinusNine() throws Exception {
    write("tables/orders.yaml", "from: orders\ncolumns: {n: long}\n");
    try (KinesisClient kinesis = client()) {
      kinesis.createStream(r -> r.streamName("orders").shardCount(2));
      kinesis.waiter().waitUntilStreamExists(r -> r.streamName("orders"));
      for (int batch = 0; batch < 3; batch++) {
        assertThat(
                kinesis
                    .putRecords(r -> r.streamName("orders").records(entries(100)))
                    .failedRecordCount())
            .isZero();
      }
    }
    server().kill();
    server = KillableServer.start(folder);
    try (KinesisClient kinesis = client()) {
      int read = 0;
      for (String shard : List.of("shardId-000000000000", "shardId-000000000001")) {
        String iterator =
            kinesis
                .getShardIterator(
                    r ->
                        r.streamName("orders")
                            .shardId(shard)
                            .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();
        read += kinesis.getRecords(r -> r.shardIterator(iterator)).records().size();
      }
      assertThat(read).isEqualTo(300);
    }
    query("SELECT count(*), count(DISTINCT n) FROM clean.orders", "[[100,100]]");
    assertThat(Files.readString(folder.resolve(".datalake/logs/server.log")))
        .doesNotContain(gateway().path("secret_access_key").asText());
  }

  private static List<PutRecordsRequestEntry> entries(int count) {
    List<PutRecordsRequestEntry> entries = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      entries.add(
          PutRecordsRequestEntry.builder()
              .partitionKey("k" + n)
              .data(SdkBytes.fromUtf8String("{\"n\":" + n + "}"))
              .build());
    }
    return entries;
  }

  private static KinesisClient client() throws Exception {
    JsonNode gateway = gateway();
    return KinesisClient.builder()
        .endpointOverride(URI.create(gateway.path("endpoint").asText()))
        .region(Region.of(gateway.path("region").asText()))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                    gateway.path("access_key_id").asText(),
                    gateway.path("secret_access_key").asText())))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }

  @Test
  void theAwsCliWorksAsItStands() throws Exception {
    Optional<Path> cli = cli();
    assumeTrue(cli.isPresent(), "there is no aws command on this machine");
    write("tables/pages.yaml", "from: " + STREAM.replace('-', '_') + "\n");
    aws("kinesis", "create-stream", "--stream-name", STREAM, "--shard-count", "1");
    aws("kinesis", "wait", "stream-exists", "--stream-name", STREAM);
    JsonNode placed =
        UntunedLake.JSON.readTree(
            aws(
                "kinesis",
                "put-record",
                "--stream-name",
                STREAM,
                "--partition-key",
                "user123",
                "--data",
                "fileb://data/sample_input.json"));
    assertThat(placed.path("ShardId").asText()).isEqualTo("shardId-000000000000");
    assertThat(placed.path("SequenceNumber").asText()).matches("49[0-9]{26}");
    assertThat(aws("kinesis", "list-streams")).contains(STREAM);
    String iterator =
        UntunedLake.JSON
            .readTree(
                aws(
                    "kinesis",
                    "get-shard-iterator",
                    "--stream-name",
                    STREAM,
                    "--shard-id",
                    "shardId-000000000000",
                    "--shard-iterator-type",
                    "TRIM_HORIZON"))
            .path("ShardIterator")
            .asText();
    JsonNode read =
        UntunedLake.JSON.readTree(aws("kinesis", "get-records", "--shard-iterator", iterator));
    assertThat(read.path("Records").path(0).path("PartitionKey").asText()).isEqualTo("user123");
    assertThat(read.path("Records").path(0).path("Data").binaryValue())
        .isEqualTo(Files.readAllBytes(folder.resolve("data/sample_input.json")));
    aws(
        "firehose",
        "put-record",
        "--delivery-stream-name",
        STREAM,
        "--record",
        "{\"Data\":\"{\\\"user_id\\\":\\\"user7\\\"}\"}");
    query(
        "SELECT count(*), min(user_id), max(user_id) FROM clean.pages",
        "[[2,\"user123\",\"user7\"]]");
  }

  private static Optional<Path> cli() {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .map(place -> Path.of(place, "aws"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static String aws(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("aws"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    JsonNode gateway = gateway();
    builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
    builder
        .environment()
        .putAll(
            Map.of(
                "AWS_ENDPOINT_URL", gateway.path("endpoint").asText(),
                "AWS_DEFAULT_REGION", gateway.path("region").asText(),
                "AWS_ACCESS_KEY_ID", gateway.path("access_key_id").asText(),
                "AWS_SECRET_ACCESS_KEY", gateway.path("secret_access_key").asText(),
                "NO_PROXY", "127.0.0.1",
                "AWS_MAX_ATTEMPTS", "1"));
    Process process = builder.redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }
}
